"""The same moment and seed make the same bytes; another of either makes another demo."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

from server.demo.generate import SEED, DemoPlan, generate
from server.demo.ids import Ids
from tests.demo.conftest import MOMENTS

ROOT = Path(__file__).resolve().parents[2]
DIGEST = """
import sys
from datetime import datetime
from hashlib import sha256
from server.demo.generate import generate
plan = generate(datetime.fromisoformat(sys.argv[1]))
told = repr((plan.imports, plan.pushes)).encode() + b"".join(photo.data for photo in plan.photos)
print(sha256(told).hexdigest())
"""


def digest(plan: DemoPlan) -> str:
    told = repr((plan.imports, plan.pushes)).encode() + b"".join(photo.data for photo in plan.photos)
    return sha256(told).hexdigest()


def test_another_process_makes_the_same_bytes(november: DemoPlan) -> None:
    """With another hash seed, so that no order of a set slips in."""
    done = subprocess.run(
        [sys.executable, "-c", DIGEST, MOMENTS[0]],
        cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": "4711"}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.strip() == digest(november)


def test_another_seed_makes_other_rounds_and_other_ids(november: DemoPlan) -> None:
    other = generate(november.now, SEED + 1)
    assert other.directory.person("何桂兰") != november.directory.person("何桂兰")
    assert [push.arrived_at for push in other.pushes] != [push.arrived_at for push in november.pushes]


def test_a_later_moment_of_the_day_only_adds_to_it(november: DemoPlan) -> None:
    later = generate(november.now + timedelta(hours=3))
    before = [push for push in november.pushes if push.commits]
    assert [push for push in later.pushes if push.commits][: len(before)] == before
    assert len(later.pushes) > len(november.pushes)


def test_an_id_is_a_uuid_7_of_its_moment_and_name() -> None:
    moment = datetime.fromisoformat("2026-11-23T09:12:33.041+08:00")
    made = Ids(1).at(moment, "check", 7)
    assert made == Ids(1).at(moment, "check", 7)
    assert made not in (Ids(2).at(moment, "check", 7), Ids(1).at(moment, "check", 8))
    assert int(made.replace("-", "")[:12], 16) == round(moment.timestamp() * 1000)
    assert (made[14], made[19] in "89ab", len(made)) == ("7", True, 36)
