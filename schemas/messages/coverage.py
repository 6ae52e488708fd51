"""Coverage of one space (requirement Q1-4.4j)."""

from marshmallow import Schema

from schemas.fields import Code, Day, Flag, Id, Instant, Many, Struct, Text, Whole

STATES = ("covered", "due_soon", "overdue", "paused", "unconfirmed", "never_checked")


class CoverageUnitState(Schema):
    """One coverage unit; the fields after ``state`` are additions of ours to the protocol's."""

    unit = Id(required=True)
    post = Id(required=True)
    area = Id()
    inspector = Id()
    last_checked_on = Day()
    due_on = Day()
    state = Code(STATES, required=True)
    last_check = Id()
    working_days_left = Whole(least=-100_000)
    calendar_unconfirmed = Flag(required=True)
    code = Text(required=True)
    name = Text(required=True)
    name_en = Text()
    team = Id()
    item = Id()
    unsent = Whole()
    last_contact_at = Instant()


class CoveragePostState(Schema):
    """A post is covered only when it and each of its areas are (Q1-4.4b)."""

    post = Id(required=True)
    state = Code(STATES, required=True)
    covered = Flag(required=True)
    missing = Many(Id(), required=True)
    code = Text(required=True)
    name = Text(required=True)
    name_en = Text()


class CoverageGroup(Schema):
    """A name that units are grouped under: team, item or inspector."""

    id = Id(required=True)
    kind = Code(("team", "subcontract_item", "other_item", "person"), required=True)
    code = Text()
    name = Text(required=True)
    name_en = Text()
    lead = Id()


class CoverageAnswer(Schema):
    """`GET /coverage/{space}`."""

    mode = Code(("rolling", "cycle"), required=True)
    as_of = Instant(required=True)
    units = Many(Struct(CoverageUnitState), required=True, most=100_000)
    posts = Many(Struct(CoveragePostState), required=True, most=100_000)
    groups = Many(Struct(CoverageGroup), required=True, most=100_000)
