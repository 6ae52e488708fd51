"""What is wrong with what is not valid, without paying for all of it."""

from __future__ import annotations

from itertools import islice
from typing import Any

import jsonschema_rs

from schemas.messages.push import MOST_DEPTH

# Longer than any list of a valid commit (changes, results of a check), strokes of a signature excepted.
_LONGEST = 300
# What is nested deeper than a commit may be is refused for that, whatever else is wrong with it.
_DEEPEST = 2 * MOST_DEPTH


def first_error(validator: jsonschema_rs.Validator, value: Any) -> jsonschema_rs.ValidationError:
    """The first error of a value that is not valid.

    An error holds what it judged several times over: 140 MB for a push of 1 MB. So it is looked for in an
    outline of the value first.
    """
    return next(validator.iter_errors(_outline(value)), None) or next(validator.iter_errors(value))


def _outline(value: Any, levels: int = _DEEPEST) -> Any:
    """The beginning of every list and object, a few levels deep."""
    if levels == 0:
        return None
    if isinstance(value, dict):
        return {name: _outline(inner, levels - 1) for name, inner in islice(value.items(), _LONGEST)}
    if isinstance(value, list):
        return [_outline(inner, levels - 1) for inner in value[:_LONGEST]]
    return value
