"""Builds the answer about parked commits: what each says, with the names of what it names."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Protocol

from server.api.conflict_sides import Answer, ids_in
from server.exchange import Identity
from server.failures import CATALOGUE


class NamedRecord(Protocol):
    """A record that a commit may name."""

    @property
    def id(self) -> str: ...
    @property
    def space(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def audience(self) -> Collection[str]: ...
    @property
    def data(self) -> Mapping[str, Any]: ...


class Named(Protocol):
    """Where names are read."""

    def records(self, ids: Iterable[str]) -> Mapping[str, Any]: ...
    def device_names(self, devices: Collection[str]) -> Mapping[str, str]: ...


def parked_answer(
    rows: Sequence[Mapping[str, Any]], identity: Identity, people: Mapping[str, str], store: Named
) -> Answer:
    """`GET /parked`; ``people``: names of the authors. What the reader may not read has no name for him."""
    devices = store.device_names({row["device"] for row in rows})
    named = store.records(ident for row in rows for ident in ids_in(row["commit"]))
    names = [_name(record) for _, record in sorted(named.items()) if _may_see(identity, record)]
    return {
        "parked": [_row(row, people, devices) for row in rows],
        "names": [name for name in names if name is not None],
    }


def _row(row: Mapping[str, Any], people: Mapping[str, str], devices: Mapping[str, str]) -> Answer:
    words = CATALOGUE.get(row["reason"]["code"])
    told = {"message": words.chinese, "message_en": words.english} if words else {}
    device = {"device_name": devices[row["device"]]} if row["device"] in devices else {}
    return {**row, "author": {"id": row["user"], "name": people[row["user"]]}, **device, **told}


def _name(record: NamedRecord) -> Answer | None:
    name = record.data.get("name") or record.data.get("description")
    if not name:
        return None
    english = record.data.get("name_en")
    answer = {"id": record.id, "kind": record.kind, "name": name}
    return {**answer, "name_en": english} if english else answer


def _may_see(identity: Identity, record: NamedRecord) -> bool:
    may_read = identity.standing.may_read(record.space)
    return may_read and not identity.audiences(record.space).isdisjoint(record.audience)
