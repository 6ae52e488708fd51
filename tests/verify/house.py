"""A house with everything that is verified, and a way to tamper with a copy of it."""

from __future__ import annotations

from contextlib import redirect_stdout
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Any

from server import cli
from server.config import Settings
from server.storage.database import open_database
from tests.api.desk import MOMENT, Desk, Finding, correction, entry
from tests.api.estate import P029_A1, Estate, Tablet, photo_of
from tests.api.test_blobs import send
from tests.evidence.desk import sha256
from tests.evidence.pictures import photo
from tests.factories import new_id
from tests.people import HE_GUILAN, QINGYANLI, TANG_ZHIQIANG, YAO_CHUNYAN, ZENG_KE
from tests.signing import DeviceKey, sign_in_with, signature

PICTURE, OTHER_PICTURE = photo(1), photo(2)


@dataclass
class SignedHouse:
    """Where it lies and what is in it. ``key``: of 何桂兰's tablet, on which 唐志强 signed."""

    data: Path
    key: DeviceKey
    finding: str = ""
    unsigned: str = ""
    photo: str = ""
    signature: str = ""
    refusal: str = ""
    changes: dict[str, str] = field(default_factory=dict)


def build(data: Path) -> SignedHouse:
    """Checks, a photo, a finding that is evaluated, signed and followed up; one refused; two conflicts."""
    estate = Estate(data, MOMENT)
    house = SignedHouse(data, DeviceKey())
    lead, desk = Tablet(estate, HE_GUILAN), Desk(estate, ZENG_KE)
    sign_in_with(lead, house.key)
    desk.sign_in()
    send(estate, HE_GUILAN, PICTURE)
    _signed(house, lead)
    _refused(house, lead)
    _disputed(estate, lead, desk)
    _signed_in_vain(house, estate, lead, desk)
    estate.close()
    return house


def _signed(house: SignedHouse, lead: Tablet) -> None:
    shot = photo_of(HE_GUILAN, lead.check(P029_A1, MOMENT), P029_A1, sha256(PICTURE), bytes=len(PICTURE))
    _applied(lead, shot)
    house.photo = shot["record"]
    finding = Finding(lead, photos=(shot["record"],))
    house.finding = finding.id
    evaluated = finding.evaluate(responsible_person=TANG_ZHIQIANG.id)
    _applied(lead, evaluated)
    made = signature(lead, house.key, [finding.id], TANG_ZHIQIANG)
    step = finding.step("acknowledged", evaluated["id"], acknowledgement=made["record"])
    _applied(lead, made, step)
    house.signature = made["record"]
    moved = finding.patch({"due_at": "2026-11-09T18:00:00+08:00"}, {"evaluation": evaluated["id"]})
    followed = finding.patch(
        {"state": "correcting"}, {"state": step["id"]}, add={"corrections": [correction(HE_GUILAN.id)]}
    )
    _applied(lead, moved)
    _applied(lead, followed)
    house.changes = {"create": finding.change, "evaluate": evaluated["id"], "moved": moved["id"],
                     "sign": made["id"], "last": followed["id"]}  # fmt: skip


def _refused(house: SignedHouse, lead: Tablet) -> None:
    finding = Finding(lead, description="扶手松动", photos=(house.photo,))
    house.unsigned = finding.id
    [pinned] = lead.pull(QINGYANLI)[finding.id]["data"]["photos"]
    _applied(lead, finding.patch({}, {}, remove={"photos": [pinned["id"]]}))
    _applied(lead, finding.evaluate(responsible_person=YAO_CHUNYAN.id))
    witness = {"id": TANG_ZHIQIANG.id, "name": TANG_ZHIQIANG.name}
    refused = signature(lead, house.key, [finding.id], YAO_CHUNYAN, act="refused", reason="不认可归属",
                        witness=witness, strokes=[])  # fmt: skip
    _applied(lead, refused)
    house.refusal = refused["record"]


def _disputed(estate: Estate, lead: Tablet, desk: Desk) -> None:
    """One conflict that is decided for a third value, one over the signed finding that stays open; tags come
    and go."""
    finding, other = Finding(lead, description="灯不亮"), estate.tablet(YAO_CHUNYAN)
    tag, late = entry(), {"id": new_id(), "value": "急"}
    tag["value"] = "夜间"
    _applied(lead, finding.patch({}, {}, add={"tags": [tag, late]}))
    _applied(lead, finding.evaluate())
    _applied(lead, finding.patch({}, {}, remove={"tags": [tag["id"]]}))
    [result] = other.push(QINGYANLI, other.commit(finding.evaluate(**{"class": "SER"})))
    assert result["status"] == "conflict", result
    conflict = desk.conflict(result["conflicts"][0])
    decided = {**conflict["current"]["value"], "class": "MIN"}
    assert desk.decide(conflict, decided).status_code == 200
    _applied(lead, finding.patch({"note": "一"}, {"note": None}))
    [result] = other.push(QINGYANLI, other.commit(finding.patch({"note": "二"}, {"note": None})))
    assert result["status"] == "conflict", result


def _signed_in_vain(house: SignedHouse, estate: Estate, lead: Tablet, desk: Desk) -> None:
    """Both kinds of signature that stay true while they no longer count: one over a class that the desk then
    changed, one that arrived after its description had been changed elsewhere."""
    other = estate.tablet(YAO_CHUNYAN)
    finding = Finding(lead, description="玻璃有裂缝")
    evaluated = finding.evaluate(responsible_person=TANG_ZHIQIANG.id)
    _applied(lead, evaluated)
    _applied(lead, signature(lead, house.key, [finding.id], TANG_ZHIQIANG))
    changed = finding.patch({"class": "SER"}, {"evaluation": evaluated["id"]})
    [result] = other.push(QINGYANLI, other.commit(changed))
    assert result["status"] == "conflict", result
    conflict = desk.conflict(result["conflicts"][0])
    assert conflict["row"]["reason"] == "changed_after_signature"
    assert desk.decide(conflict, conflict["rivals"][0]["value"]).status_code == 200
    finding = Finding(lead, description="门吸脱落")
    _applied(lead, finding.evaluate())
    late = signature(lead, house.key, [finding.id], TANG_ZHIQIANG, strokes=[], typed_name="唐志强")
    _applied(lead, finding.patch({"description": "门吸脱落，已放回"}, {"description": finding.change}))
    _applied(lead, late)
    assert lead.pull(QINGYANLI)[late["record"]]["data"]["outcome"] == "earlier_version"


def _applied(client: Tablet, *changes: dict[str, Any]) -> None:
    result = client.save(QINGYANLI, *changes)
    assert result["status"] == "applied", result


class Evidence:
    """A data folder to tamper with, by hand, past the engine."""

    def __init__(self, data: Path, built: SignedHouse) -> None:
        self.data, self.built = data, built
        self.database = open_database("", data)

    def run(self, sql: str, *values: Any) -> None:
        """One statement, which must hit exactly one row."""
        with self.database.write() as tx:
            assert tx.run(sql, values) == 1, sql

    def one(self, sql: str, *values: Any) -> Any:
        """The first column of the first row."""
        row = self.database.row(sql, values)
        assert row is not None, sql
        return row[0]

    def verify(self) -> tuple[int, list[str]]:
        """Exit status and lines of `make verify`."""
        said = StringIO()
        with redirect_stdout(said):
            status = cli.verify_data(Settings(data=self.data, secret_key="unused"))
        return status, said.getvalue().splitlines()

    def wrong(self) -> list[str]:
        """The lines of what is wrong; fails if the figures or the exit status say otherwise."""
        status, lines = self.verify()
        found = [line for line in lines if line.startswith("✗")]
        assert status == (1 if found else 0)
        assert (f"{len(found)} things are wrong." if found else "all of it holds.") in lines[-1]
        return found

    @property
    def file(self) -> Path:
        """The file of the picture."""
        name = sha256(PICTURE)
        return self.data / "blobs" / name[:2] / name[2:]
