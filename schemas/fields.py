"""Strict marshmallow fields that also know their JSON Schema.

marshmallow judges what is not hot, jsonschema-rs what is. Both must say the same about any value, so
each field keeps the JSON value as it came (no conversion), compares types strictly, and states its rule
a second time in ``json_schema()``. ``tests/contract/test_probes.py`` runs one table through both.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from marshmallow import Schema, fields
from marshmallow.exceptions import ValidationError

# Of the versions and the variant that RFC 9562 defines, so neither nil nor max. We make version 7, but
# nothing is read from an id, so a foreign client's version 4 does no harm (decision 0011).
UUID_PATTERN = "^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"
DAY_PATTERN = "^[12][0-9]{3}-[0-9]{2}-[0-9]{2}$"
INSTANT_PATTERN = (
    r"^[12][0-9]{3}-[0-9]{2}-[0-9]{2}T[0-2][0-9]:[0-5][0-9]:[0-5][0-9](\.[0-9]{1,6})?"
    r"(Z|[+-][0-2][0-9]:[0-5][0-9])$"
)
# PostgreSQL cannot store U+0000 in text, so no text of ours may hold it.
TEXT_PATTERN = "^[^\\u0000]*$"
# At least one sign that is no blank: a reason of spaces is none.
SPOKEN_PATTERN = "^[^\\u0000]*[^\\u0000\\t\\n\\r \\u00a0\\u3000][^\\u0000]*$"


class StrictField(fields.Field[Any]):
    """A field that refuses instead of converting.

    ``merge``: policy of protocol section 4; ``group``: name of the merge unit it shares with others;
    ``ref``: kinds that the value may point to; ``server``: only the server may set it.
    """

    def __init__(
        self,
        *,
        merge: str = "review",
        group: str | None = None,
        ref: Sequence[str] = (),
        severity: Sequence[str] = (),
        **options: Any,
    ) -> None:
        options.setdefault("allow_none", not options.get("required", False))
        super().__init__(**options)
        self.merge, self.group, self.ref, self.severity = merge, group, tuple(ref), tuple(severity)

    def refuse(self, why: str) -> ValidationError:
        return ValidationError(why)

    def json_schema(self) -> dict[str, Any]:
        """JSON Schema of the value, null included where it is allowed."""
        inner = self.value_schema()
        if not self.allow_none:
            return inner
        if "enum" in inner:
            return {**inner, "enum": [*inner["enum"], None], "type": [inner["type"], "null"]}
        return {**inner, "type": [inner["type"], "null"]}

    def value_schema(self) -> dict[str, Any]:
        raise NotImplementedError


class Text(StrictField):
    """A string of ``least`` to ``most`` code points, without U+0000."""

    def __init__(
        self, *, most: int = 200, least: int = 0, pattern: str = TEXT_PATTERN, **options: Any
    ) -> None:
        super().__init__(**options)
        self.most, self.least, self.pattern = most, least, pattern

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise self.refuse("not a string")
        if not self.least <= len(value) <= self.most:
            raise self.refuse(f"length must be {self.least} to {self.most}")
        # fullmatch: Python's `$` would let a trailing newline pass, jsonschema-rs does not.
        if not re.fullmatch(self.pattern.strip("^$"), value):
            raise self.refuse("not of the form that is asked for")
        return value

    def value_schema(self) -> dict[str, Any]:
        return {"type": "string", "minLength": self.least, "maxLength": self.most, "pattern": self.pattern}


class Because(Text):
    """Why somebody decided something: 1 to ``most`` code points, not all of them blanks."""

    def __init__(self, *, most: int = 500, **options: Any) -> None:
        super().__init__(most=most, least=1, pattern=SPOKEN_PATTERN, **options)


class Id(Text):
    """A UUID of RFC 9562 in lower case, dashed; UUIDv7 where we make it."""

    def __init__(self, **options: Any) -> None:
        super().__init__(most=36, least=36, pattern=UUID_PATTERN, **options)


class Code(StrictField):
    """One of a fixed list of codes."""

    def __init__(self, choices: Sequence[str], **options: Any) -> None:
        super().__init__(**options)
        self.choices = tuple(choices)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str) or value not in self.choices:
            raise self.refuse("not one of " + ", ".join(self.choices))
        return value

    def value_schema(self) -> dict[str, Any]:
        return {"type": "string", "enum": list(self.choices)}


class Day(StrictField):
    """A calendar day, ``2026-11-23``, that exists."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str) or not re.fullmatch(DAY_PATTERN.strip("^$"), value):
            raise self.refuse("not a date like 2026-11-23")
        try:
            date.fromisoformat(value)
        except ValueError as error:
            raise self.refuse("no such day") from error
        return value

    def value_schema(self) -> dict[str, Any]:
        return {"type": "string", "format": "date", "pattern": DAY_PATTERN}


class Instant(StrictField):
    """A moment with its offset, ``2026-11-23T09:12:33+08:00``; naive times are refused."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str) or not re.fullmatch(INSTANT_PATTERN.strip("^$"), value):
            raise self.refuse("not a time like 2026-11-23T09:12:33+08:00")
        try:
            datetime.fromisoformat(value)
        except ValueError as error:
            raise self.refuse("no such time") from error
        return value

    def value_schema(self) -> dict[str, Any]:
        return {"type": "string", "format": "date-time", "pattern": INSTANT_PATTERN}


class Whole(StrictField):
    """A whole number within bounds; ``true`` and ``"12"`` are none. 12.0 is, as in JSON Schema."""

    def __init__(self, *, least: int = 0, most: int = 2**53 - 1, **options: Any) -> None:
        super().__init__(**options)
        self.least, self.most = least, most

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> float:
        whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
        if isinstance(value, bool) or not whole:
            raise self.refuse("not a whole number")
        if not self.least <= value <= self.most:
            raise self.refuse(f"must be {self.least} to {self.most}")
        number: float = value
        return number

    def value_schema(self) -> dict[str, Any]:
        return {"type": "integer", "minimum": self.least, "maximum": self.most}


class Number(StrictField):
    """A finite JSON number; only in messages, never in records (signed content is free of floats)."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise self.refuse("not a number")
        return value

    def value_schema(self) -> dict[str, Any]:
        return {"type": "number"}


class Flag(StrictField):
    """``true`` or ``false``."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise self.refuse("not true or false")
        return value

    def value_schema(self) -> dict[str, Any]:
        return {"type": "boolean"}


class Many(StrictField):
    """A list of at most ``most`` values of one field."""

    def __init__(self, item: StrictField, *, most: int = 200, least: int = 0, **options: Any) -> None:
        super().__init__(**options)
        item.allow_none = False
        self.item, self.most, self.least = item, most, least

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[Any]:
        if not isinstance(value, list):
            raise self.refuse("not a list")
        if not self.least <= len(value) <= self.most:
            raise self.refuse(f"must have {self.least} to {self.most} elements")
        return [self.item.deserialize(entry) for entry in value]

    def value_schema(self) -> dict[str, Any]:
        return {
            "type": "array",
            "items": self.item.json_schema(),
            "minItems": self.least,
            "maxItems": self.most,
        }


class Struct(StrictField):
    """An object with fields of its own, declared as a marshmallow schema."""

    def __init__(self, schema: type[Schema], **options: Any) -> None:
        super().__init__(**options)
        self.schema = schema()

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Mapping[str, Any]:
        if not isinstance(value, dict):
            raise self.refuse("not an object")
        loaded: Mapping[str, Any] = self.schema.load(value)
        return loaded

    def value_schema(self) -> dict[str, Any]:
        return object_schema(self.schema)


class Anything(StrictField):
    """A JSON value of any shape, for messages that carry values of any kind of record."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        return value

    def json_schema(self) -> dict[str, Any]:
        return {}

    def value_schema(self) -> dict[str, Any]:
        return {}


class Table(StrictField):
    """An object whose keys are free names and whose values are one field."""

    def __init__(self, value: StrictField, **options: Any) -> None:
        super().__init__(**options)
        self.value = value

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise self.refuse("not an object")
        return {key: self.value.deserialize(entry) for key, entry in value.items()}

    def value_schema(self) -> dict[str, Any]:
        return {"type": "object", "additionalProperties": self.value.json_schema()}


class Elements(Many):
    """A ``union`` or ``append`` field: a list of ``{id, value}``, each id made by its adder."""

    def __init__(self, value: StrictField, *, merge: str, **options: Any) -> None:
        value.allow_none, value.required = False, True
        element = type(f"{type(value).__name__}Element", (Schema,), {"id": Id(required=True), "value": value})
        super().__init__(Struct(element), merge=merge, **options)
        self.value = value


def fields_of(schema: Schema) -> dict[str, StrictField]:
    """Wire name to field, in order of declaration."""
    return {
        (field.data_key or name): field
        for name, field in schema.fields.items()
        if isinstance(field, StrictField)
    }


def object_schema(schema: Schema, *, partial: bool = False) -> dict[str, Any]:
    """JSON Schema of a schema's object; with ``partial`` nothing is required (a patch)."""
    properties = {name: field.json_schema() for name, field in fields_of(schema).items()}
    required = [name for name, field in fields_of(schema).items() if field.required and not partial]
    return {
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
        **({"required": required} if required else {}),
    }
