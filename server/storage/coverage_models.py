"""Tables derived for coverage; everything in them can be made again from records and log."""

from __future__ import annotations

from peewee import BigIntegerField, CompositeKey, IntegerField, Model, TextField


class CoverageCheck(Model):
    """One check as evidence for coverage, judged when it arrived.

    ``ended_at``: corrected by ``offset_ms``, the commit's own clock (device minus server); ``business_date``:
    its day in the shift that the unit had then; ``complete``: by the standard and the unit of then.
    """

    check = TextField(primary_key=True)
    space = TextField()
    unit = TextField()
    inspection = TextField()
    inspector = TextField()
    level = TextField()
    business_date = TextField()
    ended_at = TextField()
    offset_ms = BigIntegerField()
    arrived_at = TextField()
    complete = IntegerField()
    result = TextField()
    device = TextField()

    class Meta:
        table_name = "coverage_checks"
        indexes = ((("unit", "business_date"), False),)


class CheckPart(Model):
    """A finding or photo by the check that it belongs to."""

    record = TextField(primary_key=True)
    check = TextField(index=True)
    kind = TextField()

    class Meta:
        table_name = "check_parts"


class VoidInspection(Model):
    """An inspection that was voided or rejected: its checks count no more."""

    inspection = TextField(primary_key=True)
    space = TextField()

    class Meta:
        table_name = "void_inspections"


class DeviceZero(Model):
    """When a user's part of a device first reported after a shift's end that it had nothing unsent.

    Midnight and 07:00 are when units turn overdue, so the first report after each is all that the history of
    breaches asks for.
    """

    device = TextField()
    user = TextField()
    reported_at = TextField()

    class Meta:
        table_name = "device_zeros"
        primary_key = CompositeKey("user", "device", "reported_at")


COVERAGE_MODELS: list[type[Model]] = [CoverageCheck, CheckPart, VoidInspection, DeviceZero]
