"""What a visit leaves behind: the commit of a check, with its results, photos and findings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from random import Random
from typing import Any

from server.demo.answers import Answer, answers
from server.demo.directory import Directory
from server.demo.pictures import HEIGHT, MIME, WIDTH, Scene, draw
from server.demo.rounds import Visit
from server.demo.tables import Inspector, table

REMARKED = 0.03
REMARKS = ("已现场提醒当班人员", "抽问一人，回答完整", "下次重点复看此处", "与当班人员当面核对记录")
_MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Taken:
    """A photo: its record's id and fields, and its bytes."""

    id: str
    fields: dict[str, Any]
    data: bytes


@dataclass(slots=True)
class Recorder:
    """Writes down the checks of one inspector on his own device. ``offset``: its clock minus the server's."""

    directory: Directory
    head: Inspector
    username: str
    offset: timedelta
    chance: Random
    sent: int = 0
    _inspections: dict[str, tuple[str, str]] = field(default_factory=dict)

    @property
    def user(self) -> str:
        """The inspector's user id."""
        return self.directory.person(self.head.name)

    def commit(self, made_at: datetime, name: str, changes: list[dict[str, Any]]) -> dict[str, Any]:
        """A commit of this device, made at a true time."""
        self.sent += 1
        return {
            "id": self.directory.ids.at(made_at, "commit", self.username, name),
            "n": self.sent,
            "made_at": self.text(made_at),
            "clock": {"offset": self.offset / timedelta(seconds=1), "jumped": False},
            "changes": changes,
        }

    def check(self, visit: Visit) -> tuple[dict[str, Any], list[Taken]]:
        """The commit of a visit, and the photos that it speaks of."""
        name = f"{visit.unit.code} {visit.started_at.isoformat()}"
        check = self.directory.ids.at(visit.ended_at, "area_check", name)
        given = answers(visit.unit, self.chance)
        taken = {answer.item.code: self._photos(visit, check, answer) for answer in given}
        photos = [photo for group in taken.values() for photo in group]
        changes = [
            *self._begun(visit),
            self._create("area_check", check, visit.ended_at, self._area_check(visit, given, taken)),
            *(self._create("photo", photo.id, visit.ended_at, photo.fields) for photo in photos),
            *self._findings(visit, check, given, taken),
            *self._ended(visit),
        ]
        return self.commit(visit.ended_at, name, changes), photos

    def text(self, moment: datetime) -> str:
        """A true time as this device writes it."""
        return (moment + self.offset).isoformat(timespec="milliseconds")

    def _create(self, kind: str, record: str, at: datetime, fields: dict[str, Any]) -> dict[str, Any]:
        change = self.directory.ids.at(at, "change", record)
        present = {name: value for name, value in fields.items() if value is not None}
        return {"id": change, "op": "create", "kind": kind, "record": record, "set": present}

    def _begun(self, visit: Visit) -> Iterator[dict[str, Any]]:
        """The inspection of this business date, if this is its first check."""
        day = visit.business_date.isoformat()
        if day in self._inspections:
            return
        inspection = self.directory.ids.at(visit.started_at, "inspection", self.username, day)
        fields = {
            "level": "daily",
            "inspector": self.user,
            "business_date": day,
            "unplanned": False,
            "started_at": self.text(visit.started_at),
            "state": "in_progress",
        }
        change = self._create("inspection", inspection, visit.started_at, fields)
        self._inspections[day] = (inspection, change["id"])
        yield change

    def _ended(self, visit: Visit) -> Iterator[dict[str, Any]]:
        if not visit.last_of_day:
            return
        inspection, begun = self._inspections[visit.business_date.isoformat()]
        yield {
            "id": self.directory.ids.at(visit.ended_at, "completed", inspection),
            "op": "patch",
            "kind": "inspection",
            "record": inspection,
            "base": {"state": begun},
            "set": {"state": "completed", "ended_at": self.text(visit.ended_at)},
        }

    def _area_check(self, visit: Visit, given: list[Answer], taken: dict[str, list[Taken]]) -> dict[str, Any]:
        day = visit.business_date.isoformat()
        return {
            "inspection": self._inspections[day][0],
            **self._where(visit),
            "level": "daily",
            "inspector": self.user,
            "business_date": day,
            "standard_version": table("standard")["version"],
            "started_at": self.text(visit.started_at),
            "ended_at": self.text(visit.ended_at),
            "clock_offset_ms": self.offset // _MILLISECOND,
            "results": [_result(answer, taken[answer.item.code]) for answer in given],
            "result": "nonconform" if any(answer.result == "nonconform" for answer in given) else "conform",
            "remark": self.chance.choice(REMARKS) if self.chance.random() < REMARKED else None,
        }

    def _where(self, visit: Visit) -> dict[str, str]:
        space = self.head.space
        return {
            "unit": self.directory.unit(space, visit.unit.code),
            "post": self.directory.unit(space, visit.unit.post),
        }

    def _photos(self, visit: Visit, check: str, answer: Answer) -> list[Taken]:
        """The photos of one item, taken in the course of the visit."""
        photos = []
        for number in range(answer.photos):
            length = visit.ended_at - visit.started_at
            taken_at = visit.started_at + length * (0.3 + 0.5 * self.chance.random())
            name = f"{check} {answer.item.code} {number}"
            failed = answer.result == "nonconform"
            shown = (visit.unit.code, visit.unit.name, answer.item.code, failed)
            data = draw(Scene(*shown, taken_at + self.offset, name))
            fields = {
                "sha256": sha256(data).hexdigest(),
                "mime": MIME,
                "bytes": len(data),
                "width": WIDTH,
                "height": HEIGHT,
                "taken_at": self.text(taken_at),
                "clock_offset_ms": self.offset // _MILLISECOND,
                "source": "camera",
                "author": self.user,
                "unit": self.directory.unit(self.head.space, visit.unit.code),
                "check": check,
                "item": answer.item.code,
            }
            photos.append(Taken(self.directory.ids.at(taken_at, "photo", name), fields, data))
        return photos

    def _findings(
        self, visit: Visit, check: str, given: list[Answer], taken: dict[str, list[Taken]]
    ) -> Iterator[dict[str, Any]]:
        """One finding for each item that failed, with the class that the item proposes, not yet evaluated."""
        for answer in given:
            if answer.result != "nonconform":
                continue
            finding = self.directory.ids.at(visit.ended_at, "finding", check, answer.item.code)
            photos = [
                {"id": self.directory.ids.at(visit.ended_at, "element", photo.id), "value": photo.id}
                for photo in taken[answer.item.code]
            ]
            fields = {
                "check": check,
                **self._where(visit),
                "level": "daily",
                "item": answer.item.code,
                "standard_version": table("standard")["version"],
                "found_by": self.user,
                "found_at": self.text(visit.ended_at),
                "description": answer.note,
                "photos": photos or None,
                "no_photo_reason": answer.no_photo_reason,
                "proposed_class": answer.item.proposed_class,
                "state": "open",
            }
            yield self._create("finding", finding, visit.ended_at, fields)


def _result(answer: Answer, taken: list[Taken]) -> dict[str, Any]:
    fields = {
        "item": answer.item.code,
        "result": answer.result,
        "note": answer.note,
        "photos": [photo.id for photo in taken] or None,
        "no_photo_reason": answer.no_photo_reason,
    }
    return {name: value for name, value in fields.items() if value is not None}
