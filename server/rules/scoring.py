"""Score and conformity rate of a check (requirement Q1-3.3c)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

CAP_TENTHS = 790  # a failed item of default class SER caps the score at 79


@dataclass(frozen=True, slots=True)
class Score:
    """In tenths of a point and of a per cent (600 = 60.0), so that both languages agree to the digit; None
    where nothing applied."""

    score_tenths: int | None
    conformity_tenths: int | None
    capped: bool

    @property
    def score(self) -> float | None:
        return None if self.score_tenths is None else self.score_tenths / 10

    @property
    def conformity_rate(self) -> float | None:
        return None if self.conformity_tenths is None else self.conformity_tenths / 10


def score(items: Iterable[Mapping[str, Any]], results: Iterable[Mapping[str, Any]]) -> Score:
    """Weight of the conforming items / weight of the applicable items x 100, one decimal, halves up.

    ``items``: `{code, weight, proposed_class}`; ``results``: `{item, result}`. Items marked `not_applicable`,
    without result or unknown are left out. ``capped``: a failed `SER` item held the score down.
    """
    known = {item["code"]: item for item in items}
    judged = [
        (known[row["item"]], row["result"] == "conform")
        for row in results
        if row["item"] in known and row.get("result") in ("conform", "nonconform")
    ]
    if not judged:
        return Score(None, None, False)
    tenths = _tenths(
        sum(i["weight"] for i, conforms in judged if conforms), sum(i["weight"] for i, _ in judged)
    )
    rate = _tenths(sum(1 for _, conforms in judged if conforms), len(judged))
    serious = any(item["proposed_class"] == "SER" and not conforms for item, conforms in judged)
    capped = serious and tenths > CAP_TENTHS
    return Score(CAP_TENTHS if capped else tenths, rate, capped)


def _tenths(part: int, whole: int) -> int:
    return (2000 * part + whole) // (2 * whole)
