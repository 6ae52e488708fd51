"""A quick look at the commits of which there are most: one change, which creates one record.

The validator turns all that it is given into values of its own before it judges them, which costs more than
the judging. Frame and content in one look cost half of what they cost one after the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jsonschema_rs

from schemas.catalogue import KINDS
from schemas.record import KindSpec

_NO_PART_OF_IT = ("base", "add", "remove")


class PlainShapes:
    """Validators of whole commits, one for each kind that they may create; ``commit``: their usual schema."""

    def __init__(self, commit: Mapping[str, Any]) -> None:
        self._commit = commit
        self._of_kind = {name: self._validator(spec) for name, spec in KINDS.items()}

    def hold(self, raw: Any) -> bool:
        """Whether this is such a commit and right in every part. ``False`` says nothing: look closely.

        Raises:
            UnicodeEncodeError: it holds half a character. ValueError: it is nested too deeply.
        """
        try:
            (change,) = raw["changes"]
            validator = self._of_kind[change["kind"]]
        except (TypeError, KeyError, ValueError):
            return False
        return validator.is_valid(raw)

    def _validator(self, spec: KindSpec) -> jsonschema_rs.Validator:
        properties = self._commit["properties"]
        change = properties["changes"]["items"]
        parts = {name: part for name, part in change["properties"].items() if name not in _NO_PART_OF_IT}
        parts |= {"kind": {"const": spec.name}, "op": {"const": "create"}, "set": spec.create_schema()}
        creates = {**change, "properties": parts, "required": [*change["required"], "set"]}
        changes = {**properties["changes"], "items": creates, "maxItems": 1}
        schema = {**self._commit, "properties": {**properties, "changes": changes}}
        return jsonschema_rs.validator_for(schema, validate_formats=True)
