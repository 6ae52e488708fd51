"""Who and where: project centre, teams, people, posts, areas, scopes (requirements Q1-4.1 and Q1-4.2)."""

from schemas.fields import Code, Day, Elements, Flag, Id, Many, Text, Whole
from schemas.record import HEADQUARTERS, PROJECT, Kind, RecordSchema
from schemas.roles import GRADES, ROLES

SHIFTS = ("day", "early", "middle", "night")
EVERYWHERE = (HEADQUARTERS, PROJECT)


class Branch(RecordSchema):
    """公司分中心: groups project centres; its users read its own projects only (Q1-2.2a)."""

    kind = Kind("branch", "分中心", "Branch", spaces=(HEADQUARTERS,))
    code = Text(required=True, most=20, least=1)
    name = Text(required=True, least=1)
    name_en = Text()


class ProjectCentre(RecordSchema):
    """项目物业管理中心: one estate, one space; settings of the three-working-day rule (Q1-4.4f)."""

    kind = Kind("project_centre", "项目物业管理中心", "Project centre")
    code = Text(required=True, most=20, least=1)
    name = Text(required=True, least=1)
    name_en = Text()
    branch = Text(required=True, most=20)
    place = Text()
    active = Flag(required=True)
    coverage_mode = Code(("rolling", "cycle"), required=True, group="coverage")
    cycle_anchor = Day(group="coverage")
    coverage_start = Day(required=True, group="coverage")
    grace_hours = Whole(required=True, most=240, group="coverage")


class Department(RecordSchema):
    """部门."""

    kind = Kind("department", "部门", "Department")
    code = Text(required=True, most=20, least=1)
    name = Text(required=True, least=1)
    name_en = Text()
    head = Id(ref=("person",))


class Team(RecordSchema):
    """班组, under one team lead (Q1-2.1a)."""

    kind = Kind("team", "班组", "Team")
    code = Text(required=True, most=20, least=1)
    name = Text(required=True, least=1)
    name_en = Text()
    department = Id(ref=("department",))
    lead = Id(ref=("person",))


class Person(RecordSchema):
    """人员. The id of the record is the user id of whoever may sign in."""

    kind = Kind("person", "人员", "Person", spaces=EVERYWHERE)
    number = Text(most=20)
    name = Text(required=True, least=1, most=60)
    title = Text(most=60)
    title_en = Text(most=60)
    grade = Code(GRADES, required=True)
    team = Id()
    department = Id()
    superior = Id()
    active = Flag(required=True)


class RoleAssignment(RecordSchema):
    """Which person holds which role here, from when until when; in headquarters it holds company-wide,
    for ``branch_user`` within the branch that is named (X-14)."""

    kind = Kind("role_assignment", "角色任命", "Role assignment", spaces=EVERYWHERE)
    person = Id(required=True, merge="once")
    role = Code(ROLES, required=True, merge="once")
    branch = Text(most=20, merge="once")
    starts_on = Day(required=True, group="period")
    ends_on = Day(group="period")


class Supplier(RecordSchema):
    """供方."""

    kind = Kind("supplier", "供方", "Supplier")
    name = Text(required=True, least=1)
    name_en = Text()
    active = Flag(required=True)


class SubcontractItem(RecordSchema):
    """分包项目, checked daily by its subcontract owner (Q1-4.1b, Q1-4.2b)."""

    kind = Kind("subcontract_item", "分包项目", "Subcontracted item")
    code = Text(required=True, most=20, least=1)
    name = Text(required=True, least=1)
    name_en = Text()
    supplier = Id(required=True, ref=("supplier",))
    owner = Id()


class OtherItem(RecordSchema):
    """其它项目, checked daily by whom the centre director appoints (Q1-4.2c)."""

    kind = Kind("other_item", "其它项目", "Other item")
    code = Text(required=True, most=20, least=1)
    name = Text(required=True, least=1)
    name_en = Text()
    appointed_inspector = Id()


class Post(RecordSchema):
    """岗位: belongs to one team or one item; itself a coverage unit (Q1-4.4b)."""

    kind = Kind("post", "岗位", "Post")
    code = Text(required=True, most=20, least=1)
    name = Text(required=True, least=1)
    name_en = Text()
    team = Id(ref=("team",), group="belongs")
    item = Id(ref=("subcontract_item", "other_item"), group="belongs")
    belongs_from = Day(group="belongs")
    post_type = Text(required=True, most=40)
    shift = Code(SHIFTS, required=True)
    certificates = Flag(required=True)
    holders = Elements(Id(), merge="union")
    effective_from = Day(required=True, group="effective")
    effective_until = Day(group="effective")


class Area(RecordSchema):
    """责任区 of exactly one post; a coverage unit (Q1-4.4b)."""

    kind = Kind("area", "责任区", "Area")
    code = Text(required=True, most=20, least=1)
    name = Text(required=True, least=1)
    name_en = Text()
    post = Id(required=True, ref=("post",))
    items_off = Many(Text(most=20))
    effective_from = Day(required=True, group="effective")
    effective_until = Day(group="effective")


class InspectorScope(RecordSchema):
    """检查职责范围: the units of one team or item are one inspector's, with dates (Q1-4.1, Q1-4.2)."""

    kind = Kind("inspector_scope", "检查职责范围", "Inspector scope")
    inspector = Id(required=True, merge="once")
    team = Id(ref=("team",), merge="once")
    item = Id(ref=("subcontract_item", "other_item"), merge="once")
    starts_on = Day(required=True, group="period")
    ends_on = Day(group="period")


class DeputyAppointment(RecordSchema):
    """代理: who acts for an inspector from when until when (Q1-4.2d)."""

    kind = Kind("deputy_appointment", "代理任命", "Deputy appointment")
    inspector = Id(required=True, merge="once")
    deputy = Id(required=True, merge="once")
    starts_on = Day(required=True, group="period")
    ends_on = Day(required=True, group="period")
    reason = Text(group="period")


class Pause(RecordSchema):
    """暂停: a unit is not due in this period; with ``with_areas`` a post takes its areas along (Q1-4.4l)."""

    kind = Kind("pause", "暂停", "Pause", clear={"unit": "unit"})
    unit = Id(required=True, ref=("post", "area"), merge="once")
    with_areas = Flag(required=True, merge="once")
    cause = Code(("closed", "construction", "severe_weather", "other"), required=True)
    reason = Text(required=True, least=1, most=500)
    starts_on = Day(required=True, group="period")
    ends_on = Day(group="period")
    approved_by = Id()
