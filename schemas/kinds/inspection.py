"""A visit and the checks in it (requirements Q1-4.3, Q1-4.4)."""

from marshmallow import RAISE, Schema

from schemas.fields import Code, Day, Flag, Id, Instant, Many, Struct, Text, Whole
from schemas.record import Kind, RecordSchema

LEVELS = ("daily", "weekly", "monthly", "audit", "full", "third_party")
RESULTS = ("conform", "nonconform", "not_applicable")


class Inspection(RecordSchema):
    """检查: one visit session; at daily level one inspector's round of one business day (Q1-1.1a)."""

    kind = Kind("inspection", "检查", "Inspection")
    level = Code(LEVELS, required=True, merge="once")
    inspector = Id(required=True, merge="once")
    business_date = Day(required=True, merge="once")
    unplanned = Flag(required=True)
    started_at = Instant(required=True, merge="once")
    state = Code(
        ("planned", "in_progress", "completed", "submitted", "in_review", "accepted", "rejected",
         "evaluating", "closed", "voided"),
        required=True, group="state",
    )  # fmt: skip
    ended_at = Instant(group="state")


class ItemResult(Schema):
    """检查结果 of one item: note and photos as its rule asks, or why there is no photo (Q1-4.4q)."""

    class Meta:
        unknown = RAISE

    item = Text(required=True, least=1, most=20)
    result = Code(RESULTS, required=True)
    note = Text(most=1000)
    photos = Many(Id(), most=20)
    no_photo_reason = Text(most=300)


class AreaCheck(RecordSchema):
    """单元检查: one complete check of one unit; this is what counts for coverage (Q1-4.4g).

    Times are raw device times; ``clock_offset_ms`` is device clock minus server clock as measured at the last
    contact, so corrected = raw - offset (X-09).
    """

    kind = Kind("area_check", "单元检查", "Area check", clear={"unit": "unit", "due": "business_date"})
    inspection = Id(required=True, ref=("inspection",), merge="once")
    unit = Id(required=True, ref=("post", "area"), merge="once")
    post = Id(required=True, ref=("post",), merge="once")
    level = Code(LEVELS, required=True, merge="once")
    inspector = Id(required=True, merge="once")
    acting_for = Id(merge="once")
    business_date = Day(required=True, merge="once")
    standard_version = Whole(required=True, least=1, merge="once")
    started_at = Instant(required=True, merge="once")
    ended_at = Instant(required=True, merge="once")
    clock_offset_ms = Whole(least=-(2**45), most=2**45, merge="once")
    results = Many(Struct(ItemResult), required=True, least=1, most=60)
    result = Code(("conform", "nonconform"), required=True, merge="worst", severity=("conform", "nonconform"))
    remark = Text(most=1000, merge="last")
