"""What was saved and what was acknowledged is there, once, as it was (I1, I2, I9, I14)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from tests.simulation.client.dump import Evidence, Json, Line, ServerDump

FINAL = ("applied", "merged", "conflict")


def saved_is_there(evidence: Evidence) -> Iterator[str]:
    """I9, I14: whatever a screen called saved is in the log, or parked whole, however often anything was
    killed."""
    for name, tablet in evidence.tablets.items():
        if name in evidence.forfeited:
            continue
        gone = given_up(tablet)
        for saved in tablet["saved"]:
            if saved["id"] in gone:
                continue
            place = _where(evidence.server, saved["space"], saved["id"])
            if place is None:
                yield f"I9 {name} had saved {saved['id']} (number {saved['n']}), the server does not know it"
            elif place != "parked":
                changes = {line.change for line in _lines(evidence.server, saved["space"], saved["id"])}
                missing = [change["id"] for change in saved["changes"] if change["id"] not in changes]
                if missing:
                    yield f"I1 of {saved['id']} of {name} the log lacks {missing}"


def as_it_was_saved(evidence: Evidence) -> Iterator[str]:
    """I9, I3: the log holds each change as its author saved it, base and all."""
    lines = {line.change: line for space in evidence.server.spaces.values() for line in space.log}
    for name, tablet in evidence.tablets.items():
        for saved in tablet["saved"]:
            for change in saved["changes"]:
                line = lines.get(change["id"])
                if line is not None and _plain(line.content) != _plain(change):
                    yield f"I3 {name} saved {_plain(change)}, and the log holds {_plain(line.content)}"


def answers_hold(evidence: Evidence) -> Iterator[str]:
    """I1, I2: a final answer that somebody heard is the answer for ever, and the log agrees with it."""
    seqs = {line.change: line.seq for space in evidence.server.spaces.values() for line in space.log}
    final: dict[tuple[str, str], Json] = {}
    for name, tablet in evidence.tablets.items():
        for heard in tablet["answers"]:
            result, key = heard["result"], (heard["epoch"], heard["result"]["commit"])
            before = final.get(key)
            if before is not None and _answer(before) != _answer(result):
                yield f"I2 {name} heard {_answer(before)} and then {_answer(result)}"
            if result["status"] not in FINAL:
                continue
            final[key] = result
            now = evidence.server.spaces[heard["space"]]
            if evidence.epochs.get((heard["space"], heard["epoch"])) != len(evidence.past):
                continue
            there = {change: seqs.get(change) for change in result["seqs"]}
            if there != result["seqs"]:
                yield f"I1 {name} was told {result['seqs']} of {result['commit']}, the log says {there}"
            elif any((seq or 0) > now.head for seq in there.values()):
                yield f"I5 {result['commit']} has a seq above the head {now.head}"


def resending_changes_nothing(evidence: Evidence) -> Iterator[str]:
    """I2: everything was sent once more; it got the answers that it had got, and not a row differs."""
    for before, again in evidence.resent:
        if not again.get("replayed") and before["status"] in FINAL:
            yield f"I2 {before['commit']} was taken in anew: {_answer(again)} after {_answer(before)}"
        elif before["status"] in FINAL and _answer(before) != _answer(again):
            yield f"I2 {before['commit']} got {_answer(before)} once and then {_answer(again)}"
    after = evidence.after
    if after is None:
        return
    for name, space in evidence.server.spaces.items():
        then = after.spaces[name]
        if (space.head, space.log) != (then.head, then.log):
            yield f"I2 sending again moved {name} from {space.head} to {then.head}"
        elif space.records != then.records:
            yield f"I2 sending again changed records of {name}"
    for commit in evidence.server.receipts.keys() | after.receipts.keys():
        was, is_now = (dump.receipts.get(commit) for dump in (evidence.server, after))
        if was != is_now:
            yield f"I2 sending {commit} again made of {was} {is_now}"


def numbers_are_kept(evidence: Evidence) -> Iterator[str]:
    """Each commit went up in one form only, under the number that its save gave it, and no number twice."""
    for name, tablet in evidence.tablets.items():
        numbers: dict[int, str] = {}
        for ident, sent in tablet["sent"].items():
            if len(sent["commits"]) != 1:
                yield f"I2 {name} sent {ident} in {len(sent['commits'])} forms"
            n = json.loads(sent["commits"][0])["n"]
            if numbers.setdefault(n, ident) != ident:
                yield f"I2 {name} gave number {n} to {numbers[n]} and {ident}"
        for saved in tablet["saved"]:
            receipt = evidence.server.receipts.get(saved["id"])
            if receipt is not None and receipt["n"] != saved["n"]:
                yield f"I2 {name} saved {saved['id']} as number {saved['n']}, the server has {receipt['n']}"


def given_up(tablet: Json) -> set[str]:
    """What the office gave up for good. A tablet that knows does not bring it up again."""
    reasons = {heard["result"]["commit"]: heard["result"].get("reason") or {} for heard in tablet["answers"]}
    return {commit for commit, reason in reasons.items() if reason.get("code") == "discarded"}


def _where(server: ServerDump, space: str, commit: str) -> str | None:
    """The status of a commit by its receipt; `parked`; or nothing at all."""
    receipt = server.receipts.get(commit)
    if receipt is not None:
        return str(receipt["result"]["status"])
    parked = server.spaces[space].parked.get(commit) if space in server.spaces else None
    return None if parked is None else "parked"


def _lines(server: ServerDump, space: str, commit: str) -> list[Line]:
    return [line for line in server.spaces[space].log if line.commit == commit]


def _plain(change: Mapping[str, Any]) -> dict[str, Any]:
    """A change without what is empty, which may travel or not."""
    return {name: value for name, value in change.items() if value not in (None, {}, [])}


def _answer(result: Json) -> dict[str, Any]:
    """An answer without the word whether it was given before."""
    return {name: result.get(name) for name in ("commit", "status", "seqs", "conflicts", "reason")}
