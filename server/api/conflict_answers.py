"""Builds the answers about conflicts: what each is about, its sides, and what is known around them (X-06)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

import orjson

from schemas.access import DECIDES_CONFLICTS, REVIEWS_PARKED
from schemas.catalogue import KINDS
from server.api.check_answers import photo_row
from server.api.conflict_sides import Answer, Data, competing, ids_in, person, side_answer, sides_of
from server.evidence.ports import HeldBlob
from server.evidence.states import RefusalRow, state_of
from server.exchange import Identity
from server.failures import Failure
from sync.records import LogRow

WHOLE = "*"
Readable = Mapping[str, Collection[str]]
"""The audience tokens that somebody reads, by space."""


class ConflictLike(Protocol):
    """A conflict as it is stored."""

    @property
    def id(self) -> str: ...
    @property
    def space(self) -> str: ...
    @property
    def audience(self) -> Collection[str]: ...
    @property
    def data(self) -> Data: ...
    @property
    def opened_at(self) -> str: ...


class RecordLike(Protocol):
    """A record that a conflict is about or names."""

    @property
    def id(self) -> str: ...
    @property
    def space(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def author(self) -> str: ...
    @property
    def audience(self) -> Collection[str]: ...
    @property
    def deleted(self) -> bool: ...
    @property
    def data(self) -> Data: ...


class ConflictStore(Protocol):
    """Where conflicts and what is behind them are read."""

    def page(self, readable: Readable, state: Any, limit: int) -> Sequence[ConflictLike]: ...
    def one(self, conflict: str) -> ConflictLike | None: ...
    def count(self, readable: Readable) -> Mapping[str, int]: ...
    def count_parked(self, spaces: Collection[str]) -> int: ...
    def records(self, ids: Iterable[str]) -> Mapping[str, RecordLike]: ...
    def log_rows(self, changes: Collection[str]) -> Mapping[str, LogRow]: ...
    def units_landed(self, record: str, changes: Collection[str]) -> set[str]: ...
    def device_names(self, devices: Collection[str]) -> Mapping[str, str]: ...


class Blobs(Protocol):
    """What is known of the bytes of photos."""

    def held_among(self, hashes: Collection[str]) -> Mapping[str, HeldBlob]: ...
    def refusals_among(self, hashes: Collection[str]) -> Sequence[RefusalRow]: ...


Items = Callable[[int], Mapping[str, Data]]
"""Check items of a version of the standard, by code."""


class ConflictDesk:
    """Answers about conflicts for one reader at a time."""

    def __init__(self, store: ConflictStore, blobs: Blobs, items: Items, now: Callable[[], datetime]) -> None:
        self.store, self.blobs, self.items, self.now = store, blobs, items, now

    def page(self, identity: Identity, space: str | None, state: str, limit: int) -> Answer:
        """`GET /conflicts`. Raises `Failure` ``not_found`` for a space that one does not read."""
        if space is not None and not identity.standing.may_read(space):
            raise Failure("not_found")
        readable = _readable(identity, identity.spaces if space is None else (space,))
        conflicts = self.store.page(readable, state, limit)
        return {"conflicts": self._rows(conflicts), "open": self._open(identity)}

    def find(self, identity: Identity, ident: str) -> ConflictLike:
        """A conflict that one may read; any other looks as if there were none.

        Raises:
            Failure: ``not_found``.
        """
        found = self.store.one(ident)
        if found is None or not _may_see(identity, found):
            raise Failure("not_found")
        return found

    def subject(self, conflict: ConflictLike) -> tuple[str, str, bool]:
        """What a conflict is about: kind and unit, and whether the record is deleted."""
        record = self.store.records([conflict.data["record"]])[conflict.data["record"]]
        return record.kind, conflict.data["unit"], record.deleted

    def one(self, identity: Identity, ident: str) -> Answer:
        """`GET /conflicts/{id}`. Raises `Failure` ``not_found``."""
        found = self.find(identity, ident)
        data, sides = found.data, sides_of(found.data)
        record = self.store.records([data["record"]])[data["record"]]
        values = [record.data, *(side.get("value") for side in sides)]
        named = {record.id: record, **self.store.records(ids for value in values for ids in ids_in(value))}
        seen = {key: one for key, one in named.items() if _may_see(identity, one)}
        names = self._names([found])
        devices = self.store.device_names({side["device"] for side in sides if side.get("device")})
        rivals = [rival["change"] for rival in data["rivals"]]
        unit = KINDS[record.kind].units.get(data["unit"])
        return {
            "row": self._rows([found])[0],
            "fields": list(unit.fields) if unit else ["deleted"],
            "base": side_answer(data.get("base"), names, devices),
            "current": side_answer(data["current"], names, devices),
            "rivals": [side_answer(rival, names, devices) for rival in data["rivals"]],
            "merged": sorted(self.store.units_landed(record.id, rivals) - {data["unit"]}),
            "data": record.data,
            "photos": self._photos([one for one in seen.values() if one.kind == "photo"]),
            "names": {key: one.data["name"] for key, one in seen.items() if one.kind == "person"},
            "seen": [side["change"] for side in competing(data)],
            "may_decide": may_decide(identity, found.space),
            **_proposal(data),
            **self._decision(data),
        }

    def _rows(self, conflicts: Sequence[ConflictLike]) -> list[Answer]:
        records = self.store.records(conflict.data["record"] for conflict in conflicts)
        units = self.store.records(filter(None, map(_unit_of, records.values())))
        posts = self.store.records(one.data["post"] for one in units.values() if one.kind == "area")
        names = self._names(conflicts)
        places = {**units, **posts}
        return [self._row(one, records[one.data["record"]], places, names) for one in conflicts]

    def _row(
        self,
        conflict: ConflictLike,
        record: RecordLike,
        places: Mapping[str, RecordLike],
        names: Mapping[str, str],
    ) -> Answer:
        data, about = conflict.data, record.data
        decided_by = data.get("decided_by")
        until = self.now() if data["state"] == "open" else datetime.fromisoformat(data["decided_at"])
        waiting = (until - datetime.fromisoformat(conflict.opened_at)).total_seconds()
        return {
            "id": conflict.id,
            "space": conflict.space,
            "record": record.id,
            "record_kind": record.kind,
            "unit": data["unit"],
            "reason": data["reason"],
            "state": data["state"],
            "opened_at": conflict.opened_at,
            "waiting_seconds": max(0, int(waiting)),
            "rivals": len(data["rivals"]),
            "people": [person(names, ident) for ident in _people(data)],
            **_place(places, _unit_of(record)),
            **self._item(about),
            "description": about.get("description") or about.get("name"),
            "decided_by": person(names, decided_by) if decided_by else None,
            "decided_at": data.get("decided_at"),
        }

    def _item(self, about: Data) -> Answer:
        code, version = about.get("item"), about.get("standard_version")
        if not code:
            return {}
        item = self.items(version).get(code, {}) if isinstance(version, int) else {}
        return {"item": code, "item_name": item.get("name"), "item_name_en": item.get("name_en")}

    def _names(self, conflicts: Sequence[ConflictLike]) -> dict[str, str]:
        """Whoever wrote a side or decided, by name."""
        people: set[Any] = {side.get("author") for one in conflicts for side in sides_of(one.data)}
        people |= {one.data.get("decided_by") for one in conflicts}
        found = self.store.records(filter(None, people))
        return {ident: one.data["name"] for ident, one in found.items() if one.kind == "person"}

    def _photos(self, photos: Sequence[RecordLike]) -> list[Answer]:
        hashes = {photo.data["sha256"] for photo in photos}
        held, refusals = self.blobs.held_among(hashes), self.blobs.refusals_among(hashes)
        authors = self.store.records({photo.author for photo in photos})
        names = {ident: one.data["name"] for ident, one in authors.items() if one.kind == "person"}
        states = {
            photo.id: state_of(photo.data["sha256"], photo.data["mime"], photo.author, held, refusals)
            for photo in photos
        }
        return [
            {**photo_row(photo, states[photo.id]), "author": person(names, photo.author)}
            for photo in sorted(photos, key=lambda photo: photo.id)
        ]

    def _decision(self, data: Data) -> Answer:
        """What was decided; nothing if it is open, or closed because its last rival was given up."""
        row = self.store.log_rows([data["decision"]]).get(data["decision"]) if data.get("decision") else None
        decided = {"decision_reason": data.get("decision_reason")} if data.get("decision_reason") else {}
        if data.get("signature_needed") is not None:
            decided["signature_needed"] = data["signature_needed"]
        if row is None or not row.payload:
            return decided
        return {**decided, "decision_value": _value_decided(data, row)}

    def _open(self, identity: Identity) -> dict[str, int]:
        decides = [space for space in identity.spaces if may_decide(identity, space)]
        counts = self.store.count(_readable(identity, decides))
        reviews = [space for space, roles in identity.roles.items() if roles.intersection(REVIEWS_PARKED)]
        return {
            "conflicts": sum(counts.values()),
            "changed_after_signature": counts.get("changed_after_signature", 0),
            "parked": self.store.count_parked(reviews),
        }


def may_decide(identity: Identity, space: str) -> bool:
    """Whether this user decides conflicts of a space."""
    return not identity.roles.get(space, frozenset()).isdisjoint(DECIDES_CONFLICTS)


def _readable(identity: Identity, spaces: Iterable[str]) -> dict[str, Collection[str]]:
    return {space: identity.audiences(space) for space in spaces}


def _may_see(identity: Identity, record: ConflictLike | RecordLike) -> bool:
    may_read = identity.standing.may_read(record.space)
    return may_read and not identity.audiences(record.space).isdisjoint(record.audience)


def _people(data: Data) -> list[str]:
    """Whose values compete, each once."""
    return list(dict.fromkeys(side["author"] for side in competing(data) if side.get("author")))


def _unit_of(record: RecordLike) -> str | None:
    """The coverage unit that a record is about: one that it names, or itself."""
    if record.kind in ("post", "area"):
        return record.id
    unit = record.data.get("unit") or record.data.get("post")
    return unit if isinstance(unit, str) else None


def _place(places: Mapping[str, RecordLike], unit: str | None) -> Answer:
    found = places.get(unit or "")
    if found is None:
        return {}
    if found.kind == "post":
        return {"post": _named(found)}
    post = places.get(found.data["post"])
    return {"area": _named(found), **({"post": _named(post)} if post else {})}


def _named(record: RecordLike) -> Answer:
    return {"id": record.id, **{name: record.data.get(name) for name in ("code", "name", "name_en")}}


def _proposal(data: Data) -> Answer:
    proposal = data.get("proposal")
    return {"proposal": proposal["change"]} if proposal else {}


def _value_decided(data: Data, row: LogRow) -> Any:
    if data["unit"] == WHOLE:
        return {"deleted": row.op == "delete"}
    given = orjson.loads(row.payload).get("set") or {}
    unit = KINDS[data["record_kind"]].units[data["unit"]]
    if unit.fields == (unit.name,):
        return given.get(unit.name)
    return {name: given.get(name) for name in unit.fields} if given else None
