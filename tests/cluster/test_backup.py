"""Backup and restore of several servers: PostgreSQL's dump and the bucket, by the same commands."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from server import cli
from tests.evidence.pictures import photo
from tests.factories import inspection
from tests.people import HE_GUILAN, QINGYANLI
from tools.cluster import Cluster


def test_the_whole_cluster_goes_into_a_folder(
    through, cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, soak: bool
) -> None:
    for name, value in cluster.settings.items():
        monkeypatch.setenv(name, value)
    lead, data = through(HE_GUILAN, 1), photo(77)
    lead.save(QINGYANLI, inspection(HE_GUILAN))
    assert lead.send(lead.begin_upload(data), 0, data).status_code == 204
    assert cli.main(["backup", str(tmp_path)]) == 0
    name = hashlib.sha256(data).hexdigest()
    assert (tmp_path / "blobs" / name[:2] / name[2:]).read_bytes() == data
    for app in cluster.apps:
        answer = lead.at(app.address).push(QINGYANLI)
        assert answer["backed_up_seq"] == answer["head"]
    if soak:
        _come_back(lead, cluster, tmp_path, name)


def _come_back(lead, cluster: Cluster, folder: Path, name: str) -> None:
    [place] = folder.glob("2*")
    before = lead.pull(QINGYANLI)
    assert cli.main(["restore", str(place)]) == 2, "servers run"
    later = lead.commit(inspection(HE_GUILAN))
    lead.push(QINGYANLI, later)
    for app in cluster.apps:
        app.stop()
    assert cli.main(["restore", str(place)]) == 0
    for app in cluster.apps:
        app.start()
        app.wait()
    assert lead.pull(QINGYANLI) == before
    answer = lead.push(QINGYANLI, later)
    assert (answer["results"][0]["replayed"], answer["backed_up_seq"]) == (False, None)
    assert lead.get(f"/blobs/{name}").status_code == 200
    assert cli.main(["verify"]) == 0
