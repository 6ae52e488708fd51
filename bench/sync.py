"""Push and pull over HTTP: how fast, and how much slower with ten times the data."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import partial
from statistics import median
from typing import Any

import orjson

from bench.clients import Http, SignedIn, elsewhere, push_all, sign_in
from bench.house import Bench
from bench.lines import milliseconds, quantile, say
from bench.workload import CHECKS, DEVICES

CHANGED, TIMES, GROWTH_ROUNDS, PULLS = 100, 40, 7, 3


Pushed = tuple[float, list[float], float]
"""Records a second, milliseconds of each batch, the server's processor seconds per record."""


def say_push(name: str, rounds: Sequence[tuple[float, Pushed]]) -> None:
    """The median of several rounds, each of a raw limit and a push: the share is that of one round."""
    batches = [batch for _, (_, of_round, _) in rounds for batch in of_round]
    say(
        name,
        median(rate for _, (rate, _, _) in rounds),
        ratio=round(median(rate / limit for limit, (rate, _, _) in rounds), 3),
        ratios=[round(rate / limit, 3) for limit, (rate, _, _) in rounds],
        server_cpu_us=round(median(used for _, (_, _, used) in rounds) * 1e6),
        batch_p50_ms=round(quantile(batches, 0.5), 1),
        batch_p95_ms=round(quantile(batches, 0.95), 1),
    )


def pushed(bench: Bench, checks: int = CHECKS) -> Pushed:
    """Push fresh checks of 20 devices."""
    tablets = sign_in(bench.port, bench.workload.tablets(checks))
    before = bench.processor_seconds()
    seconds, batches = elsewhere(push_all, bench.port, tablets)
    used = bench.processor_seconds() - before
    records = sum(one.tablet.checks for one in tablets)
    return records / seconds, batches, used / records


def reader(bench: Bench) -> SignedIn:
    """A tablet that only pulls."""
    return sign_in(bench.port, bench.workload.tablets(0, 1))[0]


def first_pull(bench: Bench, limit: float, name: str = "first_pull_records_per_s") -> float:
    """Everything, by a device that has nothing: records a second, and the share of what orjson does alone."""
    token = reader(bench).token
    found = [elsewhere(pull_everything, bench.port, token)[:2] for _ in range(PULLS)]
    rates = [records / seconds for records, seconds in found]
    return say(name, median(rates), ratio=round(median(rates) / limit, 3), of="raw_orjson_records_per_s",
               records=found[0][0])  # fmt: skip


def pull_everything(port: int, token: str) -> tuple[int, float, dict[str, Any]]:
    """Page through a space: how many records came, in how many seconds, and the cursor then."""
    http, records, cursor = Http(port, token), 0, dict[str, Any](since=0)
    begun = time.perf_counter()
    more = True
    while more:
        page = orjson.loads(http.page(**cursor))
        records += len(page["records"])
        cursor = {"since": page["to"], "epoch": page["epoch"], "at": page["at"]}
        more = page["more"]
    return records, time.perf_counter() - begun, cursor


def small_pulls(bench: Bench, suffix: str = "") -> tuple[float, float]:
    """Pulls of 100 new records and of nothing: median milliseconds of both."""
    writer, other = sign_in(bench.port, bench.workload.tablets(CHANGED * TIMES, 1)), reader(bench)
    changed, empty = elsewhere(ask_small, bench.port, other.token, writer[0])
    say(f"incremental_pull_p50_ms{suffix}", quantile(changed, 0.5), p95=round(quantile(changed, 0.95), 2))
    say(f"empty_pull_p50_ms{suffix}", quantile(empty, 0.5), p95=round(quantile(empty, 0.95), 2))
    return quantile(changed, 0.5), quantile(empty, 0.5)


def ask_small(port: int, token: str, writer: SignedIn) -> tuple[list[float], list[float]]:
    """Milliseconds of pulls that bring 100 records, each pushed just before, and of pulls that bring none."""
    http, pen = Http(port, token), Http(port, writer.token)
    cursor = pull_everything(port, token)[2]
    changed, empty = [], []
    for body in writer.tablet.pushes:
        pen.push(body)
        begun = time.perf_counter()
        text = http.page(**cursor)
        changed.append((time.perf_counter() - begun) * 1000)
        page = orjson.loads(text)
        if len(page["records"]) != CHANGED:
            raise RuntimeError(f"{len(page['records'])} records came")
        cursor = {"since": page["to"], "epoch": page["epoch"], "at": page["at"]}
        empty += milliseconds(partial(http.page, **cursor), 10)
    return changed, empty


def growth(small: Bench, large: Bench, times: int = 10) -> None:
    """How many times slower push and pull are where so many times the data are stored.

    Both servers are asked in turns, so that what else happens on the machine slows both.
    """
    stored, _, _ = elsewhere(pull_everything, small.port, reader(small).token)
    # What both take in while they are measured counts for both: afterwards, too, it is ten times as much.
    filling = stored * (times - 1) + GROWTH_ROUNDS * CHECKS // 10 * (times - 1)
    elsewhere(push_all, large.port, sign_in(large.port, large.workload.tablets(filling // DEVICES * DEVICES)))
    readers = {bench.port: reader(bench).token for bench in (small, large)}
    pushes, pulls = [], []
    for _ in range(GROWTH_ROUNDS):
        few, many = (pushed(bench, CHECKS // 10)[0] for bench in (small, large))
        pushes.append(few / many)
        few, many = (elsewhere(pull_some, port, token) for port, token in readers.items())
        pulls.append(many / few)
    few, many = (elsewhere(pull_everything, port, token)[0] for port, token in readers.items())
    say("growth_push_ratio", median(pushes), stored=many, beside=few)
    say("growth_pull_ratio", median(pulls), stored=many, beside=few)


def pull_some(port: int, token: str, pages: int = 10) -> float:
    """Seconds that the first pages of a first pull take."""
    http, cursor = Http(port, token), dict[str, Any](since=0)
    begun = time.perf_counter()
    for _ in range(pages):
        page = orjson.loads(http.page(**cursor))
        cursor = {"since": page["to"], "epoch": page["epoch"], "at": page["at"]}
    return time.perf_counter() - begun
