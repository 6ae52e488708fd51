"""Figures as JSON lines, and the little arithmetic behind them."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from typing import Any


def say(name: str, value: float, **more: Any) -> float:
    """Print one figure, rounded to what means something; returns it as it was."""
    shown = round(value) if abs(value) >= 1000 else float(f"{value:.3g}")
    print(json.dumps({"name": name, "value": shown, **more}, ensure_ascii=False), flush=True)
    return value


def quantile(values: Sequence[float], share: float) -> float:
    """The value below which this share of the values lies (the nearest one)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(share * (len(ordered) - 1)))]


def milliseconds(work: Callable[[], object], times: int) -> list[float]:
    """How long each of so many runs took."""
    taken = []
    for _ in range(times):
        begun = time.perf_counter()
        work()
        taken.append((time.perf_counter() - begun) * 1000)
    return taken
