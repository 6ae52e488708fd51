"""I17 as a pure rule: who may have which bytes, and what a photo's record shows of them."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from server.evidence.access import Use, allowed
from server.evidence.states import RefusalRow, state_of

READERS = {"qyl": {"he", "tang", "zeng"}, "xqgy": {"zeng", "lead"}}


@dataclass(frozen=True)
class Record:
    space: str
    author: str
    audience: tuple[str, ...] = ("project",)
    parked: bool = False


def may_read(person: str, use: Use) -> bool:
    return person in READERS[use.space]


def who(senders: set[str], *uses: Record) -> set[str]:
    people = {"he", "tang", "zeng", "lead"}
    return {one for one in people if allowed(one, ["h"], {"h": senders}, {"h": list(uses)}, may_read)}


def test_without_a_record_only_the_sender_has_them() -> None:
    assert who({"he"}) == {"he"}


def test_a_record_of_the_sender_opens_them_to_its_readers() -> None:
    assert who({"he"}, Record("qyl", "he")) == {"he", "tang", "zeng"}


def test_a_record_of_somebody_who_never_had_them_opens_nothing() -> None:
    assert who({"he"}, Record("qyl", "tang")) == {"he"}
    assert who(set(), Record("qyl", "he")) == set(), "not even to its author"


def test_who_could_read_them_passes_them_on_and_so_may_the_next() -> None:
    assert who({"he"}, Record("qyl", "he"), Record("xqgy", "zeng")) == {"he", "tang", "zeng", "lead"}
    assert who({"he"}, Record("xqgy", "lead"), Record("xqgy", "zeng"), Record("qyl", "he")) == {
        "he", "tang", "zeng", "lead",
    }  # fmt: skip


def test_two_who_name_each_other_s_guess_have_nothing() -> None:
    assert who({"he"}, Record("xqgy", "lead"), Record("xqgy", "zeng")) == {"he"}


@dataclass(frozen=True)
class Held:
    mime: str
    bytes: int = 1
    width: int = 1
    height: int = 1


PIXELS: RefusalRow = ("h", "image/jpeg", "tang", "too_many_pixels", True)
HEARSAY: RefusalRow = ("h", "image/jpeg", "tang", "too_large", False)
OWN: RefusalRow = ("h", "image/jpeg", "he", "too_large", False)
STATES = {
    "nothing known": (None, [], "waiting", None),
    "held": (Held("image/jpeg"), [], "held", None),
    "held as another kind": (Held("image/png"), [], "refused", "wrong_kind"),
    "refused to somebody, bytes seen": (None, [PIXELS], "refused", "too_many_pixels"),
    "only announced by somebody else": (None, [HEARSAY], "waiting", None),
    "only announced, by the author": (None, [OWN], "refused", "too_large"),
    "refused as another kind": (None, [("h", "image/png", "he", "broken", True)], "waiting", None),
    "refused once, held now": (Held("image/jpeg"), [PIXELS], "held", None),
    "another blob": (None, [("x", "image/jpeg", "he", "broken", True)], "waiting", None),
}  # fmt: skip


@pytest.mark.parametrize("held, refusals, state, reason", STATES.values(), ids=STATES)
def test_the_state_of_a_photo(
    held: Held | None, refusals: list[RefusalRow], state: str, reason: str | None
) -> None:
    found = state_of("h", "image/jpeg", "he", {} if held is None else {"h": held}, refusals)
    assert (found.state, found.reason and found.reason.code) == (state, reason)
