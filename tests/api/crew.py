"""A team in the shared house: who leads it, who belongs to it, who only holds a post of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from werkzeug.test import TestResponse

from tests.factories import create, post
from tests.house import Client, House
from tests.people import HAN_JINGYI, HE_GUILAN, LEAD_AT_XIQIAO, QINGYANLI, TANG_ZHIQIANG, Person

PIN, NEW_PIN = "271828", "314159"


class Crew(House):
    """T07 of 何桂兰 with two cleaners (and one who left), one post of it held by a guard of T09;
    唐志强 leads T09, to which a second guard belongs. Nobody has a PIN."""

    def __init__(self, data: Path, *, database_url: str = "") -> None:
        super().__init__(data, database_url=database_url)
        t07 = create(
            "team", {"code": "T07", "name": "保洁一班", "name_en": "Cleaning 1", "lead": HE_GUILAN.id}
        )
        t09 = create("team", {"code": "T09", "name": "外围保洁班", "lead": TANG_ZHIQIANG.id})
        self.t07, self.t09 = str(t07["record"]), str(t09["record"])
        people = {
            "chen": ("陈秀英", self.t07, True), "liu": ("刘翠花", self.t07, True),
            "left": ("已离职", self.t07, False), "guard": ("周国安", self.t09, True),
            "other": ("吴建国", self.t09, True),
        }  # fmt: skip
        made = {
            name: create("person", {"name": words, "grade": "staff", "active": active, "team": team,
                                    "title": "保洁员", "title_en": "Cleaner"})
            for name, (words, team, active) in people.items()
        }  # fmt: skip
        self.bring(QINGYANLI, t07, t09, *made.values())
        self.id = {name: str(change["record"]) for name, change in made.items()}
        # The lead of another project stands there too, as a slip of the pen might put him.
        holders = [self.id["guard"], LEAD_AT_XIQIAO.id]
        self.bring(QINGYANLI, post(team=self.t07, holders=_elements(holders)))

    def by(self, person: Person) -> Client:
        """Somebody signed in."""
        return Client(self, person).sign_in()

    def code(self, name: str, by: Person = HAN_JINGYI) -> str:
        """A fresh enrolment code."""
        answer = self.by(by).post(f"/pins/{QINGYANLI}/{self.id[name]}/code")
        assert answer.status_code == 200, answer.text
        return str(answer.json["code"])  # type: ignore[index]

    def set_pin(self, name: str, pin: str = PIN, **proof: str) -> TestResponse:
        """Somebody sets his PIN on the tablet of 何桂兰."""
        path = f"/pins/{QINGYANLI}/{self.id.get(name, name)}"
        return self.by(HE_GUILAN).post(path, json={"pin": pin, **proof})

    def enrolled(self, name: str, pin: str = PIN) -> None:
        """Somebody who has set a PIN."""
        answer = self.set_pin(name, pin, code=self.code(name))
        assert answer.status_code == 204, answer.text

    def verifier(self, name: str, by: Person = HE_GUILAN) -> dict[str, Any]:
        """What a tablet gets of somebody."""
        people = self.by(by).get(f"/pins/{QINGYANLI}").json["people"]  # type: ignore[index]
        [found] = [one for one in people if one["person"] == self.id[name]]
        return dict(found)

    def state(self, name: str) -> dict[str, Any]:
        """What the office sees of somebody."""
        people = self.by(HAN_JINGYI).get(f"/pins/{QINGYANLI}/people").json["people"]  # type: ignore[index]
        [found] = [one for one in people if one["person"]["id"] == self.id[name]]
        return dict(found)


def codes(answers: list[TestResponse]) -> list[str]:
    """Status and code of answers, in short."""
    return [
        f"{one.status_code} {one.json['code']}" if one.status_code >= 400 else str(one.status_code)  # type: ignore[index]
        for one in answers
    ]


def _elements(values: list[str]) -> list[dict[str, str]]:
    return [
        {"id": f"0189abcd-0000-7000-8000-{number:012}", "value": one} for number, one in enumerate(values)
    ]
