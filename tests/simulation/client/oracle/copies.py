"""Copies are equal, cursors keep their word, nobody holds what he may not read (I4, I5, I11, I17)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import reduce
from hashlib import sha256
from operator import xor

from schemas.access import AUDIENCE_ROLES
from tests.simulation.client.dump import Evidence, Json, Look, SpaceDump
from tests.simulation.client.people import BY_ID

_ON_WIRE = ("id", "kind", "seq", "data", "created_by_change", "last_change", "versions", "contested")


def log_has_no_holes(evidence: Evidence) -> Iterator[str]:
    """I5: seq runs 1, 2, 3 … to the head."""
    for dump in (*evidence.past, evidence.server):
        for name, space in dump.spaces.items():
            seqs = [line.seq for line in space.log]
            if seqs != list(range(1, space.head + 1)):
                yield f"I5 the log of {name} has the seqs {_runs(seqs)} below its head {space.head}"


def copies_are_equal(evidence: Evidence) -> Iterator[str]:
    """I4: with nothing unsent, every device has what a fresh one gets, and that is what is stored for it to
    read."""
    for (user, space), page in evidence.pulled.items():
        live = {ident: row for ident, row in page["records"].items() if not row["deleted"]}
        if page["checksum"] != checksum(live):
            yield f"I4 {user} is told {page['checksum']} for {space}, counted it is {checksum(live)}"
        yield from _as_stored(evidence.server.spaces[space], user, space, live)
    for name, tablet in evidence.tablets.items():
        if name in evidence.forfeited | evidence.shut:
            continue
        for row in tablet["outbox"]:
            if row["state"] in ("pending", "aside"):
                yield f"I4 {name} still has {row['id']} {row['state']} when all is over"
        yield from _as_pulled(evidence, name, tablet)


def _as_stored(stored: SpaceDump, user: str, space: str, live: Mapping[str, Json]) -> Iterator[str]:
    wanted = {
        ident: record.data
        for ident, record in stored.records.items()
        if not record.deleted and may_read(user, space, record.audience)
    }
    if wanted.keys() != live.keys():
        yield f"I4 {user} is not given {sorted(wanted.keys() ^ live.keys())} of {space} as he should"
    for ident in wanted.keys() & live.keys():
        if wanted[ident] != live[ident]["data"]:
            yield f"I4 {user} is given {live[ident]['data']} of {ident}, stored is {wanted[ident]}"


def _as_pulled(evidence: Evidence, name: str, tablet: Json) -> Iterator[str]:
    followed = {row["space"]: row for row in tablet["spaces"]}
    for space, cursor in followed.items():
        page = evidence.pulled[tablet["user"], space]
        if cursor["seq"] != page["to"]:
            yield f"I4 {name} stands at {cursor['seq']} of {space}, the head is {page['to']}"
        held = {
            row["id"]: {key: row.get("last" if key == "last_change" else key) for key in _ON_WIRE}
            for row in tablet["base"]
            if row["space"] == space and not row["deleted"]
        }
        given = {
            ident: {key: row[key] for key in _ON_WIRE}
            for ident, row in page["records"].items()
            if not row["deleted"]
        }
        for ident in held.keys() | given.keys():
            if held.get(ident) != given.get(ident):
                yield f"I4 {name} holds {held.get(ident)}, a fresh device gets {given.get(ident)}"
    missing = {space for user, space in evidence.pulled if user == tablet["user"]} - followed.keys()
    if missing:
        yield f"I4 {name} does not follow {sorted(missing)}"


def cursors_keep_their_word(evidence: Evidence) -> Iterator[str]:
    """I5: whenever a disk was looked at, whoever had just died on it, cursor and data were of one piece."""
    generations = [*evidence.past, evidence.server]
    final = [Look(name, tablet) for name, tablet in evidence.tablets.items()]
    for look in (*evidence.looks, *final):
        if look.disk["user"] is None:
            continue  # nobody is signed in, and nobody is promised anything
        held = {(row["space"], row["id"]): row["seq"] for row in look.disk["base"]}
        for row in look.disk["spaces"]:
            generation = evidence.epochs.get((row["space"], row["epoch"]))
            if generation is None:
                yield f"I5 {look.tablet} stands in an epoch of {row['space']} of which nobody was told"
                continue
            space = generations[generation].spaces[row["space"]]
            for ident, seq in _newest(space, row["seq"]).items():
                readable = may_read(look.disk["user"], row["space"], space.records[ident].audience)
                if readable and held.get((row["space"], ident), 0) < seq:
                    yield f"I5 {look.tablet} at {row['seq']} of {row['space']} lacks {ident} of seq {seq}"


def nobody_sees_too_much(evidence: Evidence) -> Iterator[str]:
    """I11, I17: no disk ever held a record that its user may not read, or one of a space that he had lost."""
    audiences: dict[str, tuple[str, ...]] = {}
    for dump in (*evidence.past, evidence.server):
        for space in dump.spaces.values():
            audiences |= {ident: record.audience for ident, record in space.records.items()}
    final = [Look(name, tablet) for name, tablet in evidence.tablets.items()]
    for look in (*evidence.looks, *final):
        user = look.disk["user"]
        for row in look.disk["base"]:
            if row["space"] in look.without:
                yield f"I11 {look.tablet} holds {row['id']} of {row['space']}, which its user has lost"
            elif user is not None and not may_read(user, row["space"], audiences[row["id"]]):
                yield f"I17 {look.tablet} holds {row['id']}, which is for {audiences[row['id']]}"


def checksum(rows: Mapping[str, Json]) -> str:
    """Section 2 of the protocol, by the letter."""
    sums = (
        int.from_bytes(sha256(f"{ident}{row['last_change']}".encode()).digest()[:8])
        for ident, row in rows.items()
    )
    return f"{reduce(xor, sums, 0):016x}"


def may_read(user: str, space: str, audience: tuple[str, ...]) -> bool:
    """Whether somebody of the cast reads an audience in a space, by the contract's table of roles."""
    person = BY_ID[user]
    roles = {role.role for role in person.roles if role.space in (space, "hq")}
    tokens = {"project", f"person:{user}"}
    tokens |= {token for token, names in AUDIENCE_ROLES.items() if roles.intersection(names)}
    return not tokens.isdisjoint(audience)


def _newest(space: SpaceDump, cursor: int) -> dict[str, int]:
    """By record: its last seq up to the cursor."""
    return {line.record: line.seq for line in space.log if line.seq <= cursor}


def _runs(seqs: list[int]) -> str:
    return f"{seqs[:3]}…{seqs[-3:]} ({len(seqs)})"
