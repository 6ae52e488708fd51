"""Histories reach every corner: a simulator to which nothing happens proves nothing."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.simulation.cast import CONFLICT, PROJECTS, SPACES
from tests.simulation.history import WEIGHTS, draw
from tests.simulation.play import Played, play

HISTORIES = 300
STATUSES = ("applied", "merged", "conflict", "parked")
REASONS = ("diverged", "rule", "deleted", "changed_after_signature")
PARKED = (
    "not_found",
    "unknown_base",
    "waiting",
    "discarded",
    "required",
    "not_allowed",
    "signed",
    "base_missing",
    "forbidden",
    "quarantine",
    "never_conceded",
)
CONTESTED = ("*", "note", "evaluation", "state", "result", "started_at", "tags", "corrections")
FAULTS = ("lose", "answer", "twice", "late", "crash")
CALLS = ("push", "pull", "scope", "have", "upload")
SELDOM = (
    "killed",
    "killed in a save",
    "two workers",
    "came back after a restore",
    "gone with a restore",
    "replayed",
    "decided",
    "decision found the view stale",
    "given up",
    "wiped revoked",
    "wiped lost",
    "photo let go of",
    "pruned",
    "clock ten years off",
    "rival settled",
    "several rivals",
    "deleted",
    "revived",
    "read in an old format",
    "learned format replayed",
    "judged",
    "last settled",
    "removed from a list",
    "rebuilt",
    "epoch changed",
)


@pytest.fixture(scope="module")
def reached() -> Counter[str]:
    """What happened in some hundred histories."""
    found: Counter[str] = Counter()
    for seed in range(HISTORIES):
        _tally(found, play(draw(seed)))
    return found


def _tally(found: Counter[str], played: Played) -> None:
    world, notes = played.world, played.world.notes
    found.update(world.counts)
    for answer in notes.answers.values():
        found[f"answer {answer['status']}"] += 1
        if answer["reason"]:
            found[f"parked {answer['reason']['code']}"] += 1
    found["decided"] += len(notes.decision_answers)
    for device in world.devices:
        found[f"wiped {device.wiped}"] += 1
        found["photo let go of"] += sum(not blob.here for blob in device.disk.blobs.values())
        found["clock ten years off"] += abs(device.clock) == 10
    for space in SPACES:
        view = world.server.backend.view(space)
        for parked in view.parked.values():
            found["replayed"] += parked.state == "accepted"
            found["learned format replayed"] += parked.state == "accepted" and parked.format == 3
        for row in view.log:
            made = notes.made.get(row.change)
            found["read in an old format"] += made is not None and made[0].entry.commit["format"] == 1
            found["deleted"] += "*" in row.replaced and row.op == "delete"
        for record in view.state[1].values():
            _tally_record(found, record)


def _tally_record(found: Counter[str], record) -> None:
    found["judged"] += record.data.get("state") == "verified"
    found["last settled"] += "remark" in record.versions
    found["removed from a list"] += bool(record.removed)
    found["revived"] += "*" in record.versions and not record.deleted and record.kind != CONFLICT
    if record.kind == CONFLICT:
        found[f"conflict {record.data['reason']}"] += 1
        found[f"contested {record.data['unit']}"] += 1
        found["several rivals"] += len(record.data["rivals"]) > 1
        found["rival settled"] += record.data["state"] == "resolved"


@pytest.mark.parametrize("step", WEIGHTS)
def test_every_step_is_taken(reached: Counter[str], step: str) -> None:
    assert reached[step] >= 20


@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_meets_every_call(reached: Counter[str], fault: str) -> None:
    missed = [call for call in CALLS if reached[f"{fault} {call}"] < (1 if call in ("have", "upload") else 5)]
    assert missed == []


@pytest.mark.parametrize("status", STATUSES)
def test_every_answer_is_given(reached: Counter[str], status: str) -> None:
    assert reached[f"answer {status}"] >= 50


@pytest.mark.parametrize("code", PARKED)
def test_commits_park_for_every_reason(reached: Counter[str], code: str) -> None:
    assert reached[f"parked {code}"] >= 3


@pytest.mark.parametrize("reason", REASONS)
def test_conflicts_have_every_reason(reached: Counter[str], reason: str) -> None:
    assert reached[f"conflict {reason}"] >= 5


@pytest.mark.parametrize("unit", CONTESTED)
def test_every_policy_is_contested(reached: Counter[str], unit: str) -> None:
    assert reached[f"contested {unit}"] >= 3


@pytest.mark.parametrize("event", SELDOM)
def test_what_happens_seldom_happens(reached: Counter[str], event: str) -> None:
    assert reached[event] >= 3


def test_both_projects_are_used(reached: Counter[str]) -> None:
    assert len(PROJECTS) == 2
    assert reached["sync"] > HISTORIES * 5
