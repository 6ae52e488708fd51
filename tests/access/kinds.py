"""Which role may create and change what: the table, written from `domain.md` section 2, not from the code.

One line: a kind, what is done to it (``create``, a unit of merge, ``*`` for every unit without a line of its
own), on whose record (``any``; ``own``: his name stands in it as whoever made it, and it is of daily level),
and the roles. What has no line is nobody's; nobody deletes anything. The built-in device is free. Daily
inspectors record signatures too, of findings that they are in charge of (those on the shelf here are somebody
else's): `tests/api/test_signing_rights.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from tests.access.roles import names

GROUPS = {
    # Daily checks are made by these, each of his own units (Q1-4.1, Q1-4.2).
    "INSPECTORS": "team_lead subcontract_owner appointed_inspector deputy",
    # Weekly and monthly levels, and whoever stands above: they may also check daily.
    "ABOVE": "supervisor department_manager centre_director project_property_leader project_general_manager",
    # Company-wide supervision, standards, class tables.
    "QUALITY": "quality_staff quality_manager",
    # Master data of a project: users by the administrator, the rest by whoever runs the centre.
    "CENTRE": "administrator centre_director",
    # Set deputies and pauses.
    "PLAN": "administrator centre_director supervisor department_manager",
}
TABLE = """
branch              create  any  administrator
branch              *       any  administrator
project_centre      create  any  CENTRE
project_centre      *       any  CENTRE
department          create  any  CENTRE
department          *       any  CENTRE
team                create  any  CENTRE
team                *       any  CENTRE
person              create  any  CENTRE
person              *       any  CENTRE
role_assignment     create  any  administrator
role_assignment     *       any  administrator
supplier            create  any  CENTRE
supplier            *       any  CENTRE
subcontract_item    create  any  CENTRE
subcontract_item    *       any  CENTRE
other_item          create  any  CENTRE
other_item          *       any  CENTRE
post                create  any  CENTRE
post                *       any  CENTRE
area                create  any  CENTRE
area                *       any  CENTRE
inspector_scope     create  any  CENTRE
inspector_scope     *       any  CENTRE
deputy_appointment  create  any  PLAN
deputy_appointment  *       any  PLAN
pause               create  any  PLAN
pause               *       any  PLAN
standard            create  any  administrator QUALITY
standard            *       any  administrator QUALITY
check_item          create  any  administrator QUALITY
check_item          *       any  administrator QUALITY
post_type           create  any  administrator QUALITY
post_type           *       any  administrator QUALITY
class_table         create  any  administrator QUALITY
class_table         *       any  administrator QUALITY
disposition_table   create  any  administrator QUALITY
disposition_table   *       any  administrator QUALITY
attribution_table   create  any  administrator QUALITY
attribution_table   *       any  administrator QUALITY
work_calendar       create  any  administrator
work_calendar       *       any  administrator
inspection          create      own  INSPECTORS ABOVE
inspection          state       own  INSPECTORS ABOVE sync_reviewer
inspection          state       any  ABOVE sync_reviewer
inspection          unplanned   own  INSPECTORS ABOVE
area_check          create      own  INSPECTORS ABOVE
area_check          remark      own  INSPECTORS ABOVE
finding             create      own  INSPECTORS ABOVE
finding             *           own  INSPECTORS ABOVE QUALITY
finding             *           any  ABOVE QUALITY
finding             comments    any  INSPECTORS ABOVE QUALITY sync_reviewer weekly_statistician
photo               create      own  INSPECTORS ABOVE QUALITY
signature           create      own  ABOVE
"""

OWNER = {"inspection": "inspector", "area_check": "inspector", "finding": "found_by", "photo": "author",
         "signature": "recorded_by"}  # fmt: skip
"""The field that says whose record it is."""
FLAVOURS = ("own", "foreign", "weekly")
"""On his own record of daily level, on somebody else's, and on one of weekly level that bears his name."""


@cache
def _lines() -> Mapping[tuple[str, str, str], frozenset[str]]:
    found = {}
    for line in TABLE.strip().splitlines():
        kind, act, whose, *roles = line.split()
        assert (kind, act, whose) not in found, line
        found[kind, act, whose] = names(" ".join(GROUPS.get(role, role) for role in roles))
    return found


def kinds() -> set[str]:
    """The kinds that have lines."""
    return {kind for kind, _, _ in _lines()}


def may(role: str, kind: str, act: str, flavour: str) -> bool:
    """What the table says."""
    lines = _lines()
    own_line = any((kind, act, whose) in lines for whose in ("own", "any"))
    named = act if own_line or act == "create" else "*"
    whose = ("own", "any") if flavour == "own" else ("any",)
    return any(role in lines.get((kind, named, one), frozenset()) for one in whose)
