"""From measured figures to machines: the arithmetic behind `docs/sizing.md`, and its tables."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

Figures = Mapping[str, float]

TABLETS, CHECKS, PHOTOS = 12, 60, 150
"""Of one project centre; the last two a day."""
OTHERS = 30
"""Other changes a day: rounds, findings and what becomes of them, signatures."""
PEAK_HOUR, ONLINE = 0.25, 1.0
"""Share of the day's work in its busiest hour; share of the tablets that are then online."""
PULLS_A_MINUTE = 2
"""Of each tablet: headquarters and its project, every 60 s."""
FILL = 0.5
"""How full a processor may be in the busiest hour."""
SOCKETS_A_PROCESS = 100
CENTRES = (10, 1_000, 10_000)


@dataclass(frozen=True)
class Need:
    """What so many centres need in their busiest hour, and what they leave behind."""

    centres: int
    changes_a_day: float
    pushes_a_second: float
    pulls_a_second: float
    photos_a_second: float
    sockets: int
    app_cores: float
    postgres_cores: float
    processes: int
    app_memory_gb: float
    database_gb_a_year: float
    photos_tb_a_year: float


def need(figures: Figures, centres: int) -> Need:
    """The need of so many centres. Every check, photo record and other act is a push of its own, which is the
    most that it can cost; every push makes each tablet of its centre pull once."""
    changes = centres * (CHECKS + PHOTOS + OTHERS)
    peak = PEAK_HOUR / 3600
    commits = centres * (CHECKS + OTHERS)  # the photos' records come with the check or finding that they show
    pushes, photos = commits * peak, centres * PHOTOS * peak
    pulls = centres * TABLETS * ONLINE * PULLS_A_MINUTE / 60 + pushes * TABLETS * ONLINE
    sockets = math.ceil(centres * TABLETS * ONLINE)
    per_commit = changes / commits
    app = (
        pushes * figures["push_single_app_cpu_us"] * max(1.0, per_commit / 2)
        + pulls * figures["empty_pull_app_cpu_us"] + photos * figures["photo_app_cpu_us"]
    )  # fmt: skip
    postgres = (
        pushes * figures["push_single_postgres_cpu_us"] * max(1.0, per_commit / 2)
        + pulls * figures["empty_pull_postgres_cpu_us"] + photos * figures["photo_postgres_cpu_us"]
    )  # fmt: skip
    app_cores, postgres_cores = app / 1e6 / FILL, postgres / 1e6 / FILL
    processes = max(math.ceil(sockets / SOCKETS_A_PROCESS), math.ceil(app_cores))
    memory = processes * figures["app_resident_mb"] / 1e3 + sockets * figures["socket_resident_kb"] / 1e6
    return Need(
        centres, changes, pushes, pulls, photos, sockets, app_cores, postgres_cores, processes, memory,
        changes * 365 * figures["stored_bytes_per_change"] / 1e9,
        centres * PHOTOS * 365 * figures["photo_bytes"] / 1e12,
    )  # fmt: skip


_ROWS = (
    ("changes a day", "changes_a_day", 0), ("pushes/s in the peak hour", "pushes_a_second", 1),
    ("pulls/s", "pulls_a_second", 0), ("photos/s", "photos_a_second", 1), ("open sockets", "sockets", 0),
    ("app processor cores", "app_cores", 1), ("PostgreSQL cores", "postgres_cores", 1),
    ("app processes (sockets decide)", "processes", 0), ("their memory, GB", "app_memory_gb", 1),
    ("database, GB a year", "database_gb_a_year", 0), ("photos, TB a year", "photos_tb_a_year", 1),
)  # fmt: skip


def plan_table(figures: Figures) -> str:
    """What each size needs, as Markdown."""
    needs = [need(figures, centres) for centres in CENTRES]
    lines = ["| | " + " | ".join(f"{one.centres:,} centres" for one in needs) + " |", "|---|---:|---:|---:|"]
    for title, name, digits in _ROWS:
        cells = (f"{getattr(one, name):,.{digits}f}" for one in needs)
        lines.append(f"| {title} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def figures_table(figures: Figures) -> str:
    """The measured figures, as Markdown."""
    lines = ["| figure | value |", "|---|---:|"]
    lines += [f"| `{name}` | {value:,.{0 if value >= 100 else 2}f} |" for name, value in figures.items()]
    return "\n".join(lines)


def renewed(page: str, name: str, table: str) -> str:
    """A page with what stands between two marks replaced.

    Raises:
        ValueError: if the marks are not there.
    """
    begin, end = f"<!-- {name} -->\n", f"\n<!-- /{name} -->"
    before, _, rest = page.partition(begin)
    _, found, after = rest.partition(end)
    if not found:
        raise ValueError(f"the page has no marks {begin.strip()} … {end.strip()}")
    return f"{before}{begin}{table}{end}{after}"
