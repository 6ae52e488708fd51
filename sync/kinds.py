"""What the engine must know about a kind of record, as plain data: its units of merge and their policies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Policy = Literal["review", "union", "append", "worst", "last", "once"]

WHOLE = "*"
"""The unit that stands for the whole record: what a delete names as its base."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A field, or a group of fields that applies or conflicts whole.

    The *value* of a unit is the plain value of its field, or `{field: value}` with every field of a group
    (`None` where nothing was ever set). `union` and `append` units have one field: a list of `{id, value}`.
    """

    name: str
    fields: tuple[str, ...]
    policy: Policy = "review"
    severity: tuple[str, ...] = ()
    """For `worst`: the values from mild to severe."""
    elements: bool = field(init=False)
    """Whether it is a list of elements (`union`, `append`): no base needed, changed by `add` and `remove`."""
    plain: bool = field(init=False)
    """Whether it is one field under its own name."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "elements", self.policy in ("union", "append"))
        object.__setattr__(self, "plain", self.fields == (self.name,))
        if not self.fields or (self.policy in ("union", "append", "worst") and not self.plain):
            raise ValueError(f"unit {self.name}: policy {self.policy} does not fit its fields {self.fields}")
        if (self.policy == "worst") != bool(self.severity):
            raise ValueError(f"unit {self.name}: severity belongs to the policy worst, and worst needs it")

    def read(self, data: Mapping[str, Any]) -> Any:
        """The value of this unit in a record's data."""
        if self.plain:
            return data.get(self.name)
        return {name: data.get(name) for name in self.fields}

    def overlay(self, value: Any, changed: Mapping[str, Any]) -> Any:
        """The value after a change that sets some fields (`changed` may hold fields of other units too)."""
        if self.plain:
            return changed.get(self.name, value)
        before = value or {}
        return {name: changed.get(name, before.get(name)) for name in self.fields}

    def as_fields(self, value: Any) -> dict[str, Any]:
        """The value as `{field: value}`."""
        if self.plain:
            return {self.name: value}
        return {name: (value or {}).get(name) for name in self.fields}

    def lay(self, data: dict[str, Any], value: Any) -> None:
        """Write the value into a record's data; a field that was never set stays away."""
        for name, item in self.as_fields(value).items():
            if item is not None or name in data:
                data[name] = item

    def is_blank(self, data: Mapping[str, Any]) -> bool:
        """Whether no field of this unit holds anything."""
        if self.elements:
            return not data.get(self.name)
        return all(data.get(name) is None for name in self.fields)


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of record.

    `refs` maps the path of a field that holds ids of other records to the kinds it may refer to (empty:
    any). A path walks through objects with dots and through lists by itself; the element values of a union
    or append field are at the path of the field. `signs` names the field of a signature that lists what it
    covers, as `[{record, unit, version, …}]`; `outcome` the field in which the engine notes whether those
    versions were still current (`current` or `earlier_version`). `audience` is the default of a create that
    names none. Records of a `server_only` kind are changed by the device `server` alone.
    """

    name: str
    units: Mapping[str, Unit]
    deletable: bool = False
    refs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    signs: str | None = None
    outcome: str = "outcome"
    audience: tuple[str, ...] = ("project",)
    server_only: bool = False
    unit_of: Mapping[str, str] = field(init=False)
    """The unit of each field, derived."""
    elements: frozenset[str] = field(init=False)
    """The fields that are lists of elements, derived."""
    paths: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = field(init=False)
    """`refs` with their paths split, derived."""

    def __post_init__(self) -> None:
        unit_of = {name: unit.name for unit in self.units.values() for name in unit.fields}
        if any(name != unit.name for name, unit in self.units.items()) or WHOLE in self.units:
            raise ValueError(f"kind {self.name}: units must stand under their own names")
        if len(unit_of) != sum(len(unit.fields) for unit in self.units.values()):
            raise ValueError(f"kind {self.name}: a field belongs to one unit only")
        object.__setattr__(self, "unit_of", unit_of)
        lists = frozenset(unit.name for unit in self.units.values() if unit.elements)
        object.__setattr__(self, "elements", lists)
        paths = tuple((tuple(path.split(".")), tuple(kinds)) for path, kinds in self.refs.items())
        if any(path[0] not in unit_of for path, _ in paths):
            raise ValueError(f"kind {self.name}: a reference names an unknown field")
        if self.signs is not None and not {self.signs, self.outcome} <= unit_of.keys():
            raise ValueError(
                f"kind {self.name}: a signature needs its fields {self.signs} and {self.outcome}"
            )
        object.__setattr__(self, "paths", paths)

    def references(self, *fields: Mapping[str, Any]) -> list[tuple[str, tuple[str, ...]]]:
        """Every record that these field values refer to, with the kinds it may be of (empty: any).

        What a signature covers is referred to as well.
        """
        found: list[tuple[str, tuple[str, ...]]] = []
        for values in fields:
            for path, kinds in self.paths if values else ():
                value = values.get(path[0])
                if type(value) is str:
                    found.append((value, kinds))
                elif value is not None:
                    if path[0] in self.elements:
                        value = [element["value"] for element in value]
                    found += [(ident, kinds) for ident in _at(value, path, 1)]
            if self.signs is not None:
                found += [(line["record"], ()) for line in values.get(self.signs) or ()]
        return found


def _at(value: Any, path: tuple[str, ...], step: int) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _at(item, path, step)
    elif step < len(path):
        if isinstance(value, dict):
            yield from _at(value.get(path[step]), path, step + 1)
    elif isinstance(value, str):
        yield value


Catalogue = Mapping[str, Kind]
"""Every kind that this server knows, by name."""
