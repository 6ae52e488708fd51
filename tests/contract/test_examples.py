"""The examples are judged as their folder says, by marshmallow and by the exported JSON Schema."""

import json
from pathlib import Path

import jsonschema_rs
import pytest
from marshmallow import ValidationError

from schemas.catalogue import KINDS
from schemas.export import MESSAGES, kinds_document
from schemas.fields import object_schema

EXAMPLES = Path(__file__).parents[2] / "schemas" / "examples"
EXPORTED = kinds_document()


def read(folder: str) -> list:
    paths = sorted((EXAMPLES / folder).glob("*.json"))
    return [pytest.param(json.loads(path.read_text(encoding="utf-8")), id=path.stem) for path in paths]


def rust(kind: str) -> jsonschema_rs.Validator:
    return jsonschema_rs.validator_for(EXPORTED[kind]["create"], validate_formats=True)


@pytest.mark.parametrize("example", read("valid"))
def test_valid_examples_pass_both_judges(example: dict) -> None:
    KINDS[example["kind"]].schema.load(example["set"])
    assert rust(example["kind"]).is_valid(example["set"])


@pytest.mark.parametrize("example", read("invalid"))
def test_invalid_examples_fail_both_judges_at_the_named_field(example: dict) -> None:
    with pytest.raises(ValidationError) as caught:
        KINDS[example["kind"]].schema.load(example["set"])
    assert set(caught.value.normalized_messages()) == {example["at"]}
    assert not rust(example["kind"]).is_valid(example["set"])


def test_every_kind_has_a_valid_example() -> None:
    assert {path.stem for path in (EXAMPLES / "valid").glob("*.json")} == set(KINDS)


@pytest.mark.parametrize("example", read("messages"))
def test_messages_are_judged_alike(example: dict) -> None:
    """``at``: the field at fault; ``null``: there is none."""
    message = MESSAGES[example["message"]]
    sound = example["at"] is None
    assert (
        not message().validate(example["body"])
        if sound
        else example["at"] in message().validate(example["body"])
    )
    assert (
        jsonschema_rs.validator_for(object_schema(message()), validate_formats=True).is_valid(example["body"])
        is sound
    )
