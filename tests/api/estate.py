"""A small estate in the shared house: a standard, a day team, a night team, a clock that the test turns.

T07 (何桂兰, day) has P029 with two areas, T05 (沈国栋, night) has P019 with one. Coverage starts on Monday
2 November 2026; nothing was checked yet.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from server.clock import BUSINESS_ZONE, Clock
from server.storage.accounts import Accounts
from tests import shelf
from tests.factories import create, finding, inspection, new_id, person_record, role_records
from tests.house import Client, House
from tests.people import HE_GUILAN, HEADQUARTERS, PASSWORD_HASH, QINGYANLI, Person, Role

SHEN_GUODONG = Person(21, "t05", "沈国栋", QINGYANLI, (Role(QINGYANLI, "team_lead"),))
LUO_XIUFEN = Person(22, "t08", "罗秀芬", QINGYANLI, (Role(QINGYANLI, "team_lead"),))


def _id(number: int) -> str:
    return f"0189{number:04x}-0000-7000-8000-00000000e57a"


T07, T05 = _id(0x11), _id(0x12)
P029, P029_A1, P029_A2, P019, P019_A1 = (_id(number) for number in range(0x21, 0x26))
DAY_UNITS, NIGHT_UNITS = (P029, P029_A1, P029_A2), (P019, P019_A1)
ITEMS = (  # code, discipline, weight, photo rule, proposed class
    ("GM-01", "GM", 3, "F", "GEN"),
    ("CL-01", "CL", 2, "N", "MIN"),
    ("CL-04", "CL", 3, "F", "MIN"),
    ("SO-01", "SO", 5, "F", "SER"),
)
POST_TYPES = {"clean_building": ["CL-01", "CL-04"], "gate": ["SO-01"]}
UNIT_ITEMS = {P029: ["GM-01"], P019: ["GM-01"], P029_A1: ["CL-01", "CL-04"], P029_A2: ["CL-01", "CL-04"],
              P019_A1: ["SO-01"]}  # fmt: skip
POST_OF = {P029: P029, P029_A1: P029, P029_A2: P029, P019: P019, P019_A1: P019}


class StillClock(Clock):
    """A clock that stands where the test puts it."""

    def __init__(self, moment: str) -> None:
        super().__init__()
        self.moment = datetime.fromisoformat(moment)

    def now(self) -> datetime:
        return self.moment.astimezone(BUSINESS_ZONE)

    def set(self, moment: str) -> None:
        self.moment = datetime.fromisoformat(moment)


class Estate(House):
    """The shared house with places to check and a standard to check them by."""

    def __init__(
        self, data: Path, moment: str = "2026-11-02T08:00:00+08:00", *, database_url: str = ""
    ) -> None:
        self.still = StillClock(moment)
        super().__init__(data, self.still, database_url=database_url, like=f"estate {moment}")
        if not database_url and not self.empty:
            return
        for person in (SHEN_GUODONG, LUO_XIUFEN):
            self.bring(QINGYANLI, person_record(person))
            self.bring(QINGYANLI, *role_records(person, QINGYANLI))
            Accounts(self.database).add(person.id, person.username, PASSWORD_HASH, demo=True)
        self.bring(HEADQUARTERS, *_standard())
        self.bring(QINGYANLI, *_places())
        if not database_url:
            shelf.put_away(f"estate {moment}", data)

    def tablet(self, person: Person, device: str | None = None) -> Tablet:
        """Somebody signed in on his tablet."""
        tablet = Tablet(self, person, device)
        tablet.sign_in()
        return tablet


class Tablet(Client):
    """A device whose user checks units and looks at coverage."""

    def coverage(self, space: str = QINGYANLI, **query: str) -> dict[str, dict[str, Any]]:
        """Units of a space by id."""
        answer = self.get(f"/coverage/{space}", **query)
        assert answer.status_code == 200, answer.text
        return {row["unit"]: row for row in answer.get_json()["units"]}

    def states(self, **query: str) -> dict[str, str]:
        """The state of each unit by id."""
        return {unit: row["state"] for unit, row in self.coverage(**query).items()}

    def behind(self, unit: str, **query: Any) -> dict[str, Any]:
        """What stands behind a unit's cell."""
        answer = self.get(f"/coverage/{QINGYANLI}/units/{unit}", **query)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json  # type: ignore[assignment]
        return found

    def heartbeat(self, unsent: int = 0) -> None:
        """An empty push."""
        self.push(QINGYANLI, unsent=unsent)

    def check(
        self, unit: str, ended_at: str, *parts: dict[str, Any], offset: float = 0.0, unsent: int = 0,
        id: str | None = None, **fields: Any,
    ) -> str:  # fmt: skip
        """Push a complete check in which everything conforms; ``fields`` of it may differ. Its id."""
        round_of_day = inspection(self.person, business_date=ended_at[:10], started_at=ended_at,
                                  level=fields.get("level", "daily"))  # fmt: skip
        check = id or new_id()
        data = check_data(self.person, unit, round_of_day["record"], ended_at) | fields
        made = self.commit(round_of_day, create("area_check", data, check), *parts, made_at=ended_at,
                           clock={"offset": offset, "jumped": False})  # fmt: skip
        results = self.push(QINGYANLI, made, unsent=unsent)
        assert [result["status"] for result in results] == ["applied"], results
        return check


def check_data(person: Person, unit: str, inspection: str, ended_at: str) -> dict[str, Any]:
    """A complete daily check in which everything conforms, five minutes long."""
    started_at = datetime.fromisoformat(ended_at) - timedelta(minutes=5)
    results = [{"item": item, "result": "conform"} for item in UNIT_ITEMS[unit]]
    return {
        "inspection": inspection, "unit": unit, "post": POST_OF[unit], "level": "daily",
        "inspector": person.id, "business_date": ended_at[:10], "standard_version": 1,
        "started_at": started_at.isoformat(), "ended_at": ended_at, "results": results, "result": "conform",
    }  # fmt: skip


def photo_of(person: Person, check: str, unit: str, sha256: str, **fields: Any) -> dict[str, Any]:
    """A change that creates a photo record."""
    record = fields.pop("record", None)
    data = {
        "sha256": sha256, "mime": "image/jpeg", "bytes": 12_345, "width": 640, "height": 480,
        "taken_at": "2026-11-23T09:10:00+08:00", "source": "camera", "author": person.id, "unit": unit,
        "check": check,
    }  # fmt: skip
    return create("photo", data | fields, record)


def finding_of(check: str, unit: str, photos: tuple[str, ...] = (), **fields: Any) -> dict[str, Any]:
    """A change that creates a finding of 何桂兰."""
    pinned = [{"id": new_id(), "value": photo} for photo in photos]
    return finding(HE_GUILAN, check, POST_OF[unit], unit=unit, photos=pinned, **fields)


def _standard() -> list[dict[str, Any]]:
    items = [
        create("check_item", {
            "version": 1, "code": code, "discipline": discipline, "order": order, "name": f"项目 {code}",
            "name_en": f"item {code}", "criterion": f"标准 {code}", "methods": ["V"], "weight": weight,
            "photo_rule": rule, "proposed_class": proposed,
        })
        for order, (code, discipline, weight, rule, proposed) in enumerate(ITEMS)
    ]  # fmt: skip
    types = [
        create("post_type", {"version": 1, "code": code, "name": code, "items": codes})
        for code, codes in POST_TYPES.items()
    ]
    return [*items, *types, create("work_calendar", {"year": 2026, "confirmed": True, "days": []})]


def _places() -> list[dict[str, Any]]:
    teams = [create("team", {"code": "T07", "name": "保洁一班", "lead": HE_GUILAN.id}, T07),
             create("team", {"code": "T05", "name": "秩序夜班", "lead": SHEN_GUODONG.id}, T05)]  # fmt: skip
    posts = [_post(P029, "P029", "1号楼保洁岗", T07, "clean_building", "day"),
             _post(P019, "P019", "东门岗(夜)", T05, "gate", "night")]  # fmt: skip
    areas = [_area(P029_A1, "P029-A1", "1号楼大堂及轿厢", P029), _area(P029_A2, "P029-A2", "1号楼楼道", P029),
             _area(P019_A1, "P019-A1", "东门人行口", P019)]  # fmt: skip
    scopes = [
        create("inspector_scope", {"inspector": person.id, "team": team, "starts_on": "2026-11-02"})
        for person, team in ((HE_GUILAN, T07), (SHEN_GUODONG, T05))
    ]
    return [*teams, *posts, *areas, *scopes]


def _post(id: str, code: str, name: str, team: str, kind: str, shift: str) -> dict[str, Any]:
    data = {"code": code, "name": name, "team": team, "post_type": kind, "shift": shift,
            "certificates": False, "effective_from": "2026-11-02"}  # fmt: skip
    return create("post", data, id)


def _area(id: str, code: str, name: str, post: str) -> dict[str, Any]:
    return create("area", {"code": code, "name": name, "post": post, "effective_from": "2026-11-02"}, id)
