"""The bench of a hundred tablets, with few of them, so that it cannot rot."""

from __future__ import annotations

from pathlib import Path

from bench.tablets import Wanted, figures, share, start_all


def test_tablets_that_start_at_once_all_end_with_the_same_copy(tmp_path: Path) -> None:
    wanted = Wanted(records=400, http=5, real=2)
    starts = start_all(wanted, tmp_path)
    assert [start.kind for start in starts] == ["http"] * 5 + ["real"] * 2
    assert len({start.records for start in starts}) == 1
    lines = list(figures(wanted, starts))
    assert [line["name"] for line in lines] == [
        f"tablets_7_{name}_s" for name in ("p50", "p95", "max", "real_max")
    ]
    assert 0 < lines[0]["value"] <= lines[1]["value"] <= lines[2]["value"] < 60


def test_the_share_is_the_least_value_that_so_many_do_not_exceed() -> None:
    hundred = list(range(1, 101))
    assert (share(hundred, 0.5), share(hundred, 0.95), share(hundred, 1)) == (50, 95, 100)
    assert share([7.0], 0.95) == 7.0
