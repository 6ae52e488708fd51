"""Redis may go and come back: it costs news, never work (I16).

Last of this folder: for some seconds afterwards servers still count guesses each for itself.
"""

from __future__ import annotations

import time

from tests.cluster.test_two_servers import eventually, heard
from tests.factories import inspection
from tests.people import HE_GUILAN, QINGYANLI, ZENG_KE
from tools.cluster import Cluster


def test_without_redis_work_goes_on_and_with_it_news_do(through, cluster: Cluster) -> None:
    lead, near, far = through(HE_GUILAN, 1), through(ZENG_KE, 1), through(ZENG_KE, 2)
    sockets = [near.listen(), far.listen()]
    cluster.redis.stop()
    try:
        began = time.monotonic()
        answer = lead.push(QINGYANLI, lead.commit(inspection(HE_GUILAN)))
        assert answer["results"][0]["status"] == "applied"
        assert time.monotonic() - began < 5
        assert heard(sockets[0][1], {"space": QINGYANLI, "head": answer["head"]}), (
            "its own sockets hear of it"
        )
        through(HE_GUILAN, 2)  # signing in counts its guesses for itself
    finally:
        cluster.redis.start()
        cluster.redis.wait()

    def told() -> bool:
        pushed = lead.push(QINGYANLI, lead.commit(inspection(HE_GUILAN)))
        return heard(sockets[1][1], {"space": QINGYANLI, "head": pushed["head"]}, 0.5)

    assert eventually(told, True, 20) is True
    for client, _ in sockets:
        client.disconnect()
