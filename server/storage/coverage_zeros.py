"""When a device first said after the end of a shift that it had nothing unsent (Q1-4.4h)."""

from __future__ import annotations

from datetime import date, datetime

from server.rules.business_date import business_date
from server.storage.coverage_models import DeviceZero
from server.storage.database import Database


def note_zero(tx: Database, device: str, user: str, before: str | None, now: str) -> None:
    """Within the transaction of a contact that reported nothing unsent: keep it if it is the first since
    midnight or 07:00. ``before``: the last such report, ``now``: this one."""
    if before is None or _slot(before) != _slot(now):
        tx.run(tx.table(DeviceZero).upsert, (device, user, now))


def _slot(moment: str) -> tuple[date, date]:
    when = datetime.fromisoformat(moment)
    return business_date(when, "day"), business_date(when, "night")
