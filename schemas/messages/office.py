"""What the office reads: coverage of all projects, what is behind a cell, one check whole (Q1-4.4j)."""

from marshmallow import Schema

from schemas.fields import Code, Day, Flag, Id, Instant, Many, Number, Struct, Table, Text, Whole
from schemas.kinds.evidence import PHOTO_TYPES
from schemas.kinds.finding import STATES as FINDING_STATES
from schemas.kinds.inspection import LEVELS, RESULTS
from schemas.kinds.standard import ATTRIBUTIONS, CLASSES, DISCIPLINES, DISPOSITIONS
from schemas.messages.coverage import CoverageUnitState

# Why a check does not count for coverage (Q1-4.4g, Q1-4.4m): not by the inspector of the scope or his deputy,
# not at daily level, not complete, or made at a time that has not come yet: it counts once that has come.
NOT_COUNTED = ("not_in_scope", "wrong_level", "incomplete", "ahead_of_time")
BLOB_STATES = ("waiting", "held", "refused")
MANY = 100_000


class CoverageProject(Schema):
    """One project: how many units are in each state (``counts``), and how many posts are covered."""

    space = Text(required=True)
    code = Text(required=True)
    name = Text(required=True)
    name_en = Text()
    mode = Code(("rolling", "cycle"), required=True)
    as_of = Instant(required=True)
    counts = Table(Whole(), required=True)
    units = Whole(required=True)
    posts = Whole(required=True)
    posts_covered = Whole(required=True)


class CoverageOverview(Schema):
    """`GET /coverage`: every project that the user may read, in order of its code."""

    projects = Many(Struct(CoverageProject), required=True, most=MANY)


class CoverageHistoryDay(Schema):
    """How a working day ended: posts covered out of all, and units overdue."""

    day = Day(required=True)
    posts = Whole(required=True)
    posts_covered = Whole(required=True)
    overdue_units = Whole(required=True)


class CoverageHistory(Schema):
    """`GET /coverage/{space}/history`: the last working days, the oldest first; today as it stands now."""

    days = Many(Struct(CoverageHistoryDay), required=True)


class PersonName(Schema):
    """A person as screens name him."""

    id = Id(required=True)
    name = Text(required=True)


class PostName(Schema):
    """A post as screens name it."""

    id = Id(required=True)
    code = Text(required=True)
    name = Text(required=True)
    name_en = Text()


class DeviceContact(Schema):
    """A device of an inspector: when it was last heard of and what it said it had not sent."""

    device = Id(required=True)
    name = Text(required=True)
    person = Id(required=True)
    last_contact_at = Instant()
    unsent = Whole()


class BreachRow(Schema):
    """超期记录: ``withdrawn_at`` when a check made in time arrived late, note `late_sync` (Q1-4.4h, k)."""

    due_on = Day(required=True)
    inspector = Struct(PersonName)
    working_days_late = Whole(required=True)
    raised_at = Instant(required=True)
    ended_on = Day()
    withdrawn_at = Instant()
    note = Text()


class PhotoRow(Schema):
    """A photo record and what became of its bytes; ``/blobs/{sha256}`` answers once they are ``held``.

    ``reason``: why they were refused, in Chinese; ``reason_code`` is the code of that.
    """

    id = Id(required=True)
    item = Text()
    sha256 = Text(required=True)
    mime = Code(PHOTO_TYPES, required=True)
    width = Whole(required=True)
    height = Whole(required=True)
    taken_at = Instant(required=True)
    source = Code(("camera", "file"), required=True)
    state = Code(BLOB_STATES, required=True)
    reason_code = Text()
    reason = Text()
    reason_en = Text()


class ResultRow(Schema):
    """One item's result, with its words in the version of the standard that was used; ``photos`` are ids."""

    item = Text(required=True)
    name = Text(required=True)
    name_en = Text()
    criterion = Text(required=True)
    discipline = Code(DISCIPLINES)
    weight = Whole()
    result = Code(RESULTS, required=True)
    note = Text()
    no_photo_reason = Text()
    photos = Many(Id(), required=True)


class FindingRow(Schema):
    """A finding of the check; ``photos`` are ids."""

    id = Id(required=True)
    item = Text(required=True)
    description = Text(required=True)
    proposed_class = Code(CLASSES, required=True)
    class_ = Code(CLASSES, data_key="class")
    attribution = Code(ATTRIBUTIONS)
    responsible_person = Struct(PersonName)
    disposition = Code(DISPOSITIONS)
    due_at = Instant()
    state = Code(FINDING_STATES, required=True)
    found_at = Instant(required=True)
    no_photo_reason = Text()
    photos = Many(Id(), required=True)


class CheckRow(Schema):
    """One check with what it is worth for coverage.

    ``started_at`` and ``ended_at`` are raw device times, ``corrected_ended_at`` is what counts, and
    ``business_date`` its day in the shift of the unit. ``arrived_late``: after that business day had ended.
    ``conformity``: share of conforming items in percent; ``score``: share of weight, capped (domain 7.5).
    ``photos`` are all photos of the check; results and findings name them by id.
    """

    id = Id(required=True)
    level = Code(LEVELS, required=True)
    started_at = Instant(required=True)
    ended_at = Instant(required=True)
    corrected_ended_at = Instant(required=True)
    clock_offset_ms = Whole(least=-(2**53), required=True)
    clock_skewed = Flag(required=True)
    arrived_at = Instant(required=True)
    arrived_late = Flag(required=True)
    business_date = Day(required=True)
    inspector = Struct(PersonName, required=True)
    acting_for = Struct(PersonName)
    device = Struct(DeviceContact)
    counts = Flag(required=True)
    why_not = Code(NOT_COUNTED)
    standard_version = Whole(required=True)
    result = Code(("conform", "nonconform"), required=True)
    score = Number()
    conformity = Number()
    remark = Text()
    results = Many(Struct(ResultRow), required=True)
    findings = Many(Struct(FindingRow), required=True)
    photos = Many(Struct(PhotoRow), required=True, most=5000)


class UnitHistory(Schema):
    """`GET /coverage/{space}/units/{unit}?before=&limit=`: what stands behind a cell, checks newest first.

    ``more``: there are older checks; ask again with ``before`` = id of the last one listed.
    """

    unit = Struct(CoverageUnitState, required=True)
    post = Struct(PostName, required=True)
    inspector = Struct(PersonName)
    acting_deputy = Struct(PersonName)
    devices = Many(Struct(DeviceContact), required=True)
    breaches = Many(Struct(BreachRow), required=True, most=MANY)
    checks = Many(Struct(CheckRow), required=True)
    more = Flag(required=True)


class CheckAnswer(Schema):
    """`GET /checks/{space}/{check}`: one check whole, with its unit and post."""

    space = Text(required=True)
    unit = Struct(PostName, required=True)
    post = Struct(PostName, required=True)
    check = Struct(CheckRow, required=True)


class StaffRow(Schema):
    """Somebody who works in a space, as a picker of persons lists him."""

    person = Struct(PersonName, required=True)
    team = Text()
    team_en = Text()
    title = Text()
    title_en = Text()


class StaffAnswer(Schema):
    """`GET /staff/{space}`: who works here, by team and name; for whoever reads the space."""

    people = Many(Struct(StaffRow), required=True, most=MANY)
