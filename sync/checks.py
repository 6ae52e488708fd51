"""What can be said of a change before it is merged: everything here parks the commit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sync.change import MAX_BYTES, MAX_CHANGES, SERVER, Change, Commit
from sync.draft import Draft, Park
from sync.kinds import WHOLE, Catalogue, Kind
from sync.records import Record


def check_commit(draft: Draft, commit: Commit) -> None:
    """Limits (imports know none), and change ids that were never used before."""
    if draft.author.device != SERVER:
        if len(commit.changes) > MAX_CHANGES:
            raise Park("too_large", f"{len(commit.changes)} changes, at most {MAX_CHANGES}")
        if commit.size > MAX_BYTES:
            raise Park("too_large", f"{commit.size} bytes, at most {MAX_BYTES}")
    met = set[str]()
    for change in commit.changes:
        if change.id in met or draft.ws.knows_change(change.id):
            raise Park("change_id_reused", change.id, change=change.id)
        met.add(change.id)


def kind_of(draft: Draft, change: Change) -> Kind:
    """The kind that a change names, if this author's device may change it at all."""
    kind = draft.context.catalogue.get(change.kind)
    if kind is None:
        raise Park("unknown_kind", change.kind)
    if kind.server_only and draft.author.device != SERVER:
        raise Park("server_only", change.kind)
    return kind


def check_create(draft: Draft, kind: Kind, change: Change) -> None:
    """A create names no base and a fresh record; its lists hold each element id once."""
    if change.base:
        raise Park("create_with_base", sorted(change.base))
    if change.remove:
        raise Park("element_policy", sorted(change.remove))
    if draft.find(change.record) is not None:
        raise Park("record_exists", change.record)
    _check_fields(kind, change.set)
    if change.add:
        _check_fields(kind, change.add)
        _check_elements(kind, change.add)
    check_references(draft, change)


def check_patch(draft: Draft, kind: Kind, change: Change) -> Record:
    """A patch names a readable record of this space and fields, lists and bases that its kind has."""
    record = check_target(draft, kind, change)
    _check_fields(kind, change.set)
    if not kind.elements.isdisjoint(change.set):
        raise Park("element_policy", sorted(kind.elements & change.set.keys()))
    _check_elements(kind, change.add)
    _check_elements(kind, change.remove)
    for name in change.remove:
        if kind.units[name].policy == "append":
            raise Park("append_only", name)
    for name in change.base:
        if name not in kind.units and name != WHOLE:
            raise Park("unknown_unit", name)
    check_references(draft, change)
    return record


def check_target(draft: Draft, kind: Kind, change: Change) -> Record:
    """The record that a patch or delete names: readable, of this space and of the kind that is named."""
    record = draft.readable(change.record)
    if record.space != draft.ws.space:
        raise Park("wrong_space", change.record)
    if record.kind != kind.name:
        raise Park("wrong_kind", change.record)
    return record


def check_references(draft: Draft, change: Change) -> None:
    """Every record referred to is readable, or made by this commit, and of a kind that may stand there."""
    for ident, kinds in referred(draft.context.catalogue, change):
        found = draft.created.get(ident) or draft.ws.kind_read(draft.author, ident)
        if found is None:
            raise Park("not_found", ident, waits_for=(ident,))
        if kinds and found not in kinds:
            raise Park("wrong_kind", ident)


def referred(catalogue: Catalogue, change: Change) -> Sequence[tuple[str, tuple[str, ...]]]:
    """The records that a change refers to, with the kinds they may be of; looked for once."""
    if change.refers is None:
        kind = catalogue.get(change.kind)
        refers = kind is not None and (kind.paths or kind.signs is not None)
        change.refers = kind.references(change.set, change.add) if kind is not None and refers else ()
    return change.refers


def _check_fields(kind: Kind, fields: Mapping[str, Any]) -> None:
    if not fields.keys() <= kind.unit_of.keys():
        raise Park("unknown_field", sorted(fields.keys() - kind.unit_of.keys()))


def _check_elements(kind: Kind, fields: Iterable[str]) -> None:
    wrong = [name for name in fields if name not in kind.elements]
    if wrong:
        raise Park("element_policy" if wrong[0] in kind.unit_of else "unknown_field", wrong)
