"""What a kind of record is: a marshmallow class with a ``kind`` beside its fields."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

from marshmallow import RAISE, Schema

from schemas.fields import StrictField, fields_of, object_schema

HEADQUARTERS, PROJECT = "headquarters", "project"


@dataclass(frozen=True)
class Kind:
    """One kind of record: its names, where it lives and who may read it.

    ``spaces``: where it may be created. ``audience``: default of `protocol.md` section 1, fixed at
    creation. ``deletable``: else ``delete`` is parked. ``clear``: fields that stay readable in the sealed
    store of a device (``unit`` and ``due`` at most). ``signs``: field listing what a signature covers.
    """

    name: str
    chinese: str
    english: str
    spaces: tuple[str, ...] = (PROJECT,)
    audience: tuple[str, ...] = ("project",)
    deletable: bool = False
    clear: dict[str, str] = field(default_factory=dict)
    signs: str | None = None
    server_only: bool = False


class RecordSchema(Schema):
    """Base of every kind; unknown fields are refused."""

    kind: ClassVar[Kind]

    class Meta:
        unknown = RAISE


@dataclass(frozen=True)
class MergeUnit:
    """A field, or fields declared as a group; applies or conflicts whole."""

    name: str
    fields: tuple[str, ...]
    merge: str
    severity: tuple[str, ...] = ()


class KindSpec:
    """A kind as the rest of the house uses it: plain data derived from its class."""

    def __init__(self, schema: type[RecordSchema]) -> None:
        self.schema = schema()
        self.kind = schema.kind
        self.name = schema.kind.name
        self.fields: dict[str, StrictField] = fields_of(self.schema)
        self.units = self._units()
        self.unit_of = {name: unit.name for unit in self.units.values() for name in unit.fields}
        self.refs = {name: _refs(entry) for name, entry in self.fields.items() if _refs(entry)}

    def _units(self) -> dict[str, MergeUnit]:
        members: dict[str, list[str]] = {}
        for name, entry in self.fields.items():
            members.setdefault(entry.group or name, []).append(name)
        units: dict[str, MergeUnit] = {}
        for unit, names in members.items():
            policies = {self.fields[name].merge for name in names}
            if len(policies) != 1:
                raise ValueError(
                    f"{self.kind.name}.{unit}: a group has one merge policy, found {sorted(policies)}"
                )
            first = self.fields[names[0]]
            units[unit] = MergeUnit(unit, tuple(names), policies.pop(), first.severity)
        return units

    def create_schema(self) -> dict[str, Any]:
        """JSON Schema of ``set`` in a create."""
        return object_schema(self.schema)

    def patch_schema(self) -> dict[str, Any]:
        """JSON Schema of ``set`` in a patch: any of the fields that are no union or append."""
        whole = object_schema(self.schema, partial=True)
        single = {name: body for name, body in whole["properties"].items() if not self.is_elements(name)}
        return {**whole, "properties": single}

    def elements_schema(self) -> dict[str, Any]:
        """JSON Schema of ``add``: lists of elements by field."""
        whole = object_schema(self.schema, partial=True)
        return {**whole, "properties": {n: b for n, b in whole["properties"].items() if self.is_elements(n)}}

    def is_elements(self, name: str) -> bool:
        return self.fields[name].merge in ("union", "append")


def _refs(entry: StrictField) -> tuple[str, ...]:
    inner = getattr(entry, "value", None) or getattr(entry, "item", None)
    return entry.ref or (inner.ref if isinstance(inner, StrictField) else ())
