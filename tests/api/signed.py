"""Somebody who signs on 何桂兰's tablet, for the tests of signatures over HTTP."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tests.api.desk import MOMENT, Finding
from tests.api.estate import P029_A1, Estate, Tablet, photo_of
from tests.factories import new_id
from tests.people import HE_GUILAN, HEADQUARTERS, QINGYANLI, TANG_ZHIQIANG
from tests.signing import DeviceKey, canonical, sign_in_with, signed_record, snapshot

Shown = dict[str, Any]
SHA256 = "b" * 64


class Signing:
    """何桂兰's tablet with its key, and an evaluated finding with a photo, of which 唐志强 is responsible."""

    def __init__(self, estate: Estate) -> None:
        self.lead, self.key = Tablet(estate, HE_GUILAN), DeviceKey()
        sign_in_with(self.lead, self.key)
        check = self.lead.check(P029_A1, MOMENT)
        shot = photo_of(HE_GUILAN, check, P029_A1, SHA256)
        self.applied(shot)
        self.photo = shot["record"]
        self.finding = Finding(self.lead, photos=(self.photo,))
        self.evaluated = self.finding.evaluate(responsible_person=TANG_ZHIQIANG.id)
        self.applied(self.evaluated)

    def applied(self, *changes: dict[str, Any]) -> dict[str, Any]:
        """Saves one commit, which must apply; its result."""
        result = self.lead.save(QINGYANLI, *changes)
        assert result["status"] == "applied", result
        return result

    def shown(self, **parts: Any) -> Shown:
        """The snapshot as it should be; ``parts`` of it may differ."""
        pulled = self.lead.pull(HEADQUARTERS) | self.lead.pull(QINGYANLI)
        made = snapshot(pulled, [self.finding.id], new_id(), TANG_ZHIQIANG, HE_GUILAN, self.lead.device)
        return made | parts

    def sign(self, shown: Shown) -> dict[str, Any]:
        """The change that creates the signature of a snapshot, by this tablet's key."""
        return signed_record(shown, self.key)

    def altered(self, alter: Callable[[Shown], Any]) -> dict[str, Any]:
        """The same of a snapshot that was altered before it was signed; its record agrees with it."""
        shown: Shown = json.loads(canonical(self.shown()))
        alter(shown)
        return self.sign(shown)

    def verdict(self, change: dict[str, Any]) -> tuple[str, str]:
        """What became of a change: status, or code and detail of why it parked."""
        result = self.lead.save(QINGYANLI, change)
        if result["status"] != "parked":
            return str(result["status"]), ""
        return str(result["reason"]["code"]), str(result["reason"]["detail"])
