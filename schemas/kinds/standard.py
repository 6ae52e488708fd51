"""What checks are made against, and the tables around it (Q1-3.3, Q1-3.4, X-13). Headquarters."""

from marshmallow import RAISE, Schema

from schemas.fields import Code, Day, Flag, Many, Struct, Text, Whole
from schemas.record import HEADQUARTERS, Kind, RecordSchema

HQ = (HEADQUARTERS,)
CLASSES = ("OBS", "MIN", "GEN", "SER", "CRI")
ATTRIBUTIONS = (
    "personal",
    "team",
    "department",
    "system",
    "facility",
    "supplier",
    "owner_or_third",
    "outside",
)
DISPOSITIONS = (
    "correct_now",
    "correct_by",
    "redo",
    "isolate",
    "inform_customer",
    "return_replace",
    "concession",
)
DISCIPLINES = ("GM", "CS", "SO", "CL", "GR", "EN", "FS", "DE")
METHODS = ("V", "T", "M", "R", "Q", "S")


class Row(Schema):
    """Base of table rows: unknown fields are refused."""

    class Meta:
        unknown = RAISE


class Standard(RecordSchema):
    """检查标准: one version of the catalogue; a published version is frozen (Q1-3.3a, Q1-3.3b)."""

    kind = Kind("standard", "检查标准", "Standard", spaces=HQ)
    version = Whole(required=True, least=1, merge="once")
    name = Text(required=True, least=1)
    name_en = Text()
    state = Code(("draft", "published"), required=True, group="publication")
    effective_on = Day(required=True, group="publication")


class CheckItem(RecordSchema):
    """检查项目 of one version (Q1-3.3b).

    Weight 1 to 5; photo rule: A always, F on failure, N none; the class is proposed when it fails.
    """

    kind = Kind("check_item", "检查项目", "Check item", spaces=HQ)
    version = Whole(required=True, least=1, merge="once")
    code = Text(required=True, least=1, most=20, merge="once")
    discipline = Code(DISCIPLINES, required=True)
    order = Whole(required=True)
    name = Text(required=True, least=1)
    name_en = Text()
    criterion = Text(required=True, least=1, most=500)
    methods = Many(Code(METHODS), required=True)
    weight = Whole(required=True, least=1, most=5)
    photo_rule = Code(("A", "F", "N"), required=True)
    proposed_class = Code(CLASSES, required=True)


class PostType(RecordSchema):
    """岗位类型: which items its areas take, in one version of the standard."""

    kind = Kind("post_type", "岗位类型", "Post type", spaces=HQ)
    version = Whole(required=True, least=1, merge="once")
    code = Text(required=True, least=1, most=40, merge="once")
    name = Text(required=True, least=1)
    name_en = Text()
    items = Many(Text(most=20), required=True)


class ClassRow(Row):
    """One class: deadline rule (hours, or end of the business day), supplier's hours, photo and CPAR rule."""

    code = Code(CLASSES, required=True)
    name = Text(required=True)
    name_en = Text(required=True)
    enabled = Flag(required=True)
    handled_by = Text(required=True)
    deadline = Code(("none", "end_of_business_day", "hours", "per_case"), required=True)
    deadline_hours = Whole()
    supplier_hours = Whole()
    photo = Code(("optional", "on_failure", "always"), required=True)
    cpar = Code(("no", "on_trigger", "always"), required=True)


class ClassTable(RecordSchema):
    """不合格分类表, versioned as a whole; a finding keeps the one it was judged by (Q1-3.4.1c, Q1-4.5a)."""

    kind = Kind("class_table", "不合格分类表", "Class table", spaces=HQ)
    version = Whole(required=True, least=1, merge="once")
    effective_on = Day(required=True)
    rows = Many(Struct(ClassRow), required=True)


class DispositionRow(Row):
    """One disposition of Q1-4.6b."""

    code = Code(DISPOSITIONS, required=True)
    name = Text(required=True)
    name_en = Text(required=True)
    deadline = Code(("none", "from_class", "now"), required=True)
    supplier_only = Flag(required=True)
    not_for = Many(Code(CLASSES), required=True)


class DispositionTable(RecordSchema):
    """处置表 (Q1-4.6b)."""

    kind = Kind("disposition_table", "处置表", "Disposition table", spaces=HQ)
    version = Whole(required=True, least=1, merge="once")
    rows = Many(Struct(DispositionRow), required=True)


class AttributionRow(Row):
    """One attribution; ``person``: must a person be named?"""

    code = Code(ATTRIBUTIONS, required=True)
    name = Text(required=True)
    name_en = Text(required=True)
    person = Code(("required", "team_lead", "no"), required=True)


class AttributionTable(RecordSchema):
    """责任归属表 (Q1-3.4.1b)."""

    kind = Kind("attribution_table", "责任归属表", "Attribution table", spaces=HQ)
    version = Whole(required=True, least=1, merge="once")
    rows = Many(Struct(AttributionRow), required=True)


class CalendarDay(Row):
    """One listed day; on a weekend ``isOffDay: false`` means a working day."""

    name = Text(required=True)
    date = Day(required=True)
    isOffDay = Flag(required=True)


class WorkCalendar(RecordSchema):
    """工作日历 of one year; unlisted days: Monday to Friday work. Unconfirmed until imported (X-13)."""

    kind = Kind("work_calendar", "工作日历", "Work calendar", spaces=HQ)
    year = Whole(required=True, least=2000, most=2199, merge="once")
    confirmed = Flag(required=True, group="year_data")
    papers = Many(Text(most=300), group="year_data")
    days = Many(Struct(CalendarDay), required=True, group="year_data")
