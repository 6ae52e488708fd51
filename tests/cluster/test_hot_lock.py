"""One space's lock slows no other (I6): through both servers, with a push of A held open."""

from __future__ import annotations

import threading
import time

import psycopg

from tests.factories import inspection
from tests.people import HE_GUILAN, LEAD_AT_XIQIAO, QINGYANLI, TANG_ZHIQIANG, XIQIAO
from tools.cluster import Cluster

HELD = 1.5


def test_another_space_goes_on_while_one_is_held(through, cluster: Cluster) -> None:
    waiting = [through(HE_GUILAN, 1), through(TANG_ZHIQIANG, 2)]
    others = [through(LEAD_AT_XIQIAO, server) for server in (1, 2)]
    answered: list[float] = []
    with psycopg.connect(cluster.database_url) as holder:
        holder.execute("SELECT head FROM spaces WHERE id = %s FOR UPDATE", (QINGYANLI,))
        began = time.monotonic()

        def push(lead, person) -> None:
            lead.save(QINGYANLI, inspection(person))
            answered.append(time.monotonic() - began)

        people = (HE_GUILAN, TANG_ZHIQIANG)
        threads = [threading.Thread(target=push, args=pair) for pair in zip(waiting, people, strict=True)]
        for thread in threads:
            thread.start()
        took = []
        while time.monotonic() - began < HELD:
            for other in others:
                start = time.monotonic()
                other.save(XIQIAO, inspection(LEAD_AT_XIQIAO))
                # Neither does a pull of the held space wait for it (I8).
                waiting[0].http.get(
                    f"{other.address}/api/v1/sync/{QINGYANLI}/pull", timeout=5
                ).raise_for_status()
                took.append(time.monotonic() - start)
        assert answered == [], "whoever wants A waits for it"
        holder.rollback()
    for thread in threads:
        thread.join()
    assert len(answered) == 2
    assert min(answered) >= HELD
    assert len(took) >= 6
    assert max(took) < HELD / 2, f"B waited: {max(took):.2f} s"
