"""The quick look at a commit says yes to nothing that the close look refuses (protocol section 3, step 1)."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from schemas.catalogue import KINDS
from schemas.fields import object_schema
from schemas.messages.push import Commit
from server.exchange.plain_shapes import PlainShapes
from server.exchange.shapes import Shapes
from sync.change import BrokenCommit
from tests.factories import commit, create

EXAMPLES = Path(__file__).parents[2] / "schemas" / "examples"
SHAPES, PLAIN = Shapes(), PlainShapes(object_schema(Commit()))


def read(folder: str) -> list[Any]:
    paths = sorted((EXAMPLES / folder).glob("*.json"))
    return [pytest.param(json.loads(path.read_text(encoding="utf-8")), id=path.stem) for path in paths]


@pytest.mark.parametrize("example", read("valid"))
def test_every_sound_create_is_plain(example: dict[str, Any]) -> None:
    raw = commit(create(example["kind"], example["set"]), n=1)
    assert PLAIN.hold(raw)
    assert not isinstance(SHAPES.commit(raw, 1), BrokenCommit)


@pytest.mark.parametrize("example", read("invalid"))
def test_no_broken_create_is_plain(example: dict[str, Any]) -> None:
    raw = commit(create(example["kind"], example["set"]), n=1)
    assert not PLAIN.hold(raw)
    assert isinstance(SHAPES.commit(raw, 1), BrokenCommit)


def sound() -> dict[str, Any]:
    """A commit that is right in every part."""
    example = json.loads((EXAMPLES / "valid" / "area_check.json").read_text(encoding="utf-8"))
    return commit(create(example["kind"], example["set"]), n=1)


WRONG: dict[str, Callable[[dict[str, Any]], Any]] = {
    "no number": lambda raw: raw.pop("n"),
    "a number of text": lambda raw: raw.update(n="1"),
    "no changes": lambda raw: raw.update(changes=[]),
    "changes that are none": lambda raw: raw.update(changes={"0": raw["changes"][0]}),
    "an unknown part": lambda raw: raw.update(more=1),
    "an id of another form": lambda raw: raw["changes"][0].update(id=raw["id"].upper()),
    "no content": lambda raw: raw["changes"][0].pop("set"),
    "content of text": lambda raw: raw["changes"][0].update(set="{}"),
    "an unknown kind": lambda raw: raw["changes"][0].update(kind="area_checks"),
    "a kind that is none": lambda raw: raw["changes"][0].update(kind=["area_check"]),
    "an unknown act": lambda raw: raw["changes"][0].update(op="erase"),
    "a time without a zone": lambda raw: raw.update(made_at="2026-11-23T09:12:33"),
}


@pytest.mark.parametrize("spoil", WRONG.values(), ids=WRONG)
def test_whatever_is_wrong_with_it_is_seen(spoil: Callable[[dict[str, Any]], Any]) -> None:
    raw = sound()
    assert PLAIN.hold(raw)
    spoil(raw)
    assert not PLAIN.hold(raw)
    assert isinstance(SHAPES.commit(raw, 1), BrokenCommit)


LEFT_TO_THE_CLOSE_LOOK: dict[str, Callable[[dict[str, Any]], Any]] = {
    "a patch": lambda raw: raw["changes"][0].update(op="patch", set={"remark": "x"}, base={}),
    "elements": lambda raw: raw["changes"][0].update(add={}),
    "two changes": lambda raw: raw["changes"].append(create("area_check", raw["changes"][0]["set"])),
}


@pytest.mark.parametrize("otherwise", LEFT_TO_THE_CLOSE_LOOK.values(), ids=LEFT_TO_THE_CLOSE_LOOK)
def test_what_it_does_not_know_is_left_to_the_close_look(otherwise: Callable[[dict[str, Any]], Any]) -> None:
    raw = sound()
    otherwise(raw)
    assert not PLAIN.hold(raw)


def test_there_is_a_quick_look_for_every_kind() -> None:
    assert PLAIN._of_kind.keys() == KINDS.keys()
