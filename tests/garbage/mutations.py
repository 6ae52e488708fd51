"""Commits with something wrong in them, spoilt as JSON text, which can say more than any value of Python.

Everything is drawn from one seeded generator, so that a case can be made again.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from typing import Any

from tests.api.estate import P029_A1, check_data, finding_of, photo_of
from tests.factories import commit, create, inspection, patch
from tests.people import Person

MOMENT = "2026-11-23T09:12:33+08:00"
_BEGIN, _END = "\ue000", "\ue001"
"""Around the number of a raw text, where it stands in for a value."""

NUMBERS = (
    "0", "-0", "-1", "1.0", "41.0", "1e3", "0.1e-999", "1e400", "-1e400", "NaN", "Infinity", "-Infinity",
    "01", "+1", "9007199254740993", "18446744073709551616", "-9223372036854775809", "1" * 400, "1" * 5_000,
    "0." + "3" * 400,
)  # fmt: skip
TEXTS = (
    '""', '"x"', '" "', r'"\ud800"', r'"\udc00 x"', r'"\ud83d\ude00"', r'"\u0000"', r'"a\u0000b"',
    r'"\u202e"', r'"\x41"', '"\t"', '"\u2028"', '"\ufeff"', '"' + "长" * 3_000 + '"',
    '"' + "x" * 300_000 + '"',
    '"' + r"\u0041" * 20_000 + '"', '"2026-02-30T25:61:61+99:99"', '"9999-12-31T23:59:60Z"',
    '"0000-00-00T00:00:00+00:00"', '"2026-11-23T09:12:33"', '"２０２６-11-23T09:12:33+08:00"',
    '"01890000-0000-7000-8000-00000000000A"', '"01890000-0000-4000-8000-000000000001"',
)  # fmt: skip
SCALARS = (
    *NUMBERS, *TEXTS, "null", "true", "false", "{}", "[]", "[[]]", "tru", "nul", "'x'", "undefined",
    "\ufeff1", "// x",
)  # fmt: skip
SHAPES: tuple[Callable[[random.Random], str], ...] = (
    lambda draw: _nested("[", "]", draw),
    lambda draw: _nested('{"a":', "}", draw, "1"),
    lambda draw: "[" + ",".join(["0"] * draw.choice((201, 5_000, 100_000))) + "]",
    lambda draw: "[" + ",".join(["[]"] * draw.choice((201, 100_000))) + "]",
    lambda draw: "{" + ",".join(f'"{n}":{n}' for n in range(draw.choice((100, 20_000)))) + "}",
    lambda draw: "{" + ",".join(['"a":1'] * draw.choice((2, 5_000))) + "}",
    lambda draw: json.dumps("".join(chr(draw.randrange(1, 0xD800)) for _ in range(40))),
)  # fmt: skip
KEYS = (r"\ud800", r"\u0000", "", "__proto__", "id", "n", "set", "x" * 20_000, "长", "changes", "$ref")


def _nested(opening: str, closing: str, draw: random.Random, inside: str = "") -> str:
    depth = draw.choice(
        (2, 9, 15, 16, 17, 31, 63, 64, 65, 66, 128, 255, 256, 500, 1_000, 1_024, 1_025, 50_000)
    )
    return opening * depth + inside + closing * depth


class Mutator:
    """Makes good and spoilt commits of one person; both count in one row."""

    def __init__(self, seed: int, person: Person) -> None:
        self.draw, self.person = random.Random(seed), person
        self._n = 0
        self._made: list[dict[str, Any]] = []

    def good(self) -> tuple[str, bytes]:
        """A commit that must be applied: its id and text."""
        made = self._commit(inspection(self.person))
        return made["id"], json.dumps(made).encode()

    def bad(self) -> bytes:
        """A commit that was good before up to three things were done to it."""
        raws: list[str] = []
        made: Any = self._commit(*self._round())
        self._made = [*self._made[-20:], made]
        for _ in range(self.draw.choice((1, 1, 2, 3))):
            made = self._spoil(made, raws)
        text = json.dumps(made, ensure_ascii=False)
        # The last first, since it may repeat a place that an earlier one stands in for.
        for number in reversed(range(len(raws))):
            text = text.replace(f'"{_BEGIN}{number}{_END}"', raws[number])
        body = text.encode(errors="replace")
        return self._scratch(body) if self.draw.random() < 0.1 else body

    def _commit(self, *changes: dict[str, Any]) -> dict[str, Any]:
        self._n += 1
        return commit(*changes, n=self._n)

    def _round(self) -> list[dict[str, Any]]:
        """One of each operation and of each kind that a tablet makes."""
        visit = inspection(self.person)
        check = create("area_check", check_data(self.person, P029_A1, visit["record"], MOMENT))
        photo = photo_of(self.person, check["record"], P029_A1, f"{self.draw.getrandbits(256):064x}")
        found = finding_of(check["record"], P029_A1, (photo["record"],), found_by=self.person.id)
        noted = patch("finding", found["record"], {"note": None}, {"note": "裂缝"})
        return [visit, check, photo, found, noted][: self.draw.randint(1, 5)]

    def _spoil(self, made: Any, raws: list[str]) -> Any:
        """The same with one place of it changed."""
        places = list(_places(made))
        holder, key = self.draw.choice(places)
        kind = self.draw.random()
        if kind < 0.1:
            del holder[key]
        elif kind < 0.2:
            other, of_other = self.draw.choice(places)
            holder[key] = json.loads(json.dumps(other[of_other]))
        elif kind < 0.3 and self._made:
            # What another commit says there, or what it is called.
            other = self.draw.choice(list(_places(self.draw.choice(self._made))))
            holder[key] = json.loads(json.dumps(other[0][other[1]]))
        elif kind < 0.4 and isinstance(holder, dict):
            holder[self._raw(raws, f'"{self.draw.choice(KEYS)}"')] = holder.pop(key)
        elif kind < 0.5 and isinstance(holder, dict):
            first = json.dumps(holder[key], ensure_ascii=False)
            twice = f"{first},{json.dumps(key, ensure_ascii=False)}:{self.draw.choice(SCALARS)}"
            holder[key] = self._raw(raws, twice)
        elif kind < 0.55:
            holder[key] = [holder[key]] * self.draw.choice((1, 2, 201, 1_000))
        elif kind < 0.65:
            holder[key] = self._raw(raws, self.draw.choice(SHAPES)(self.draw))
        else:
            holder[key] = self._raw(raws, self.draw.choice(SCALARS))
        return made

    def _raw(self, raws: list[str], text: str) -> str:
        raws.append(text)
        return f"{_BEGIN}{len(raws) - 1}{_END}"

    def _scratch(self, body: bytes) -> bytes:
        """Something done to the bytes themselves."""
        at = self.draw.randrange(len(body))
        return self.draw.choice((
            body[:at],
            body[:at] + bytes([self.draw.randrange(256)]) + body[at + 1 :],
            body[:at] + self.draw.randbytes(8) + body[at:],
            body[:at] + b"\xff\xfe" + body[at:],
            body[:at] + body[: self.draw.randrange(1, 200)] + body[at:],
            body.decode(errors="replace").encode("utf-16"),
        ))  # fmt: skip


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every place in a commit: what holds it, and its key there."""
    keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else []
    for key in keys:
        yield value, key
        yield from _places(value[key])
