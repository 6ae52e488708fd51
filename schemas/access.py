"""Who may create a kind and patch its units, as data (`domain.md` section 2, requirement X-14).

Reading: whoever may read the space reads its ``project`` audience; other audiences name roles or persons. A
device may narrow the audience of what it creates (`server/rules/audience.py`), never widen it.
A ``Grant`` holds for any of its roles, and only where its conditions hold:

``own``        the field that is named holds the author's user id
``levels``     the field ``level`` is one of these (higher levels: later kinds of plan and group)
``in_charge``  the author is in charge of the record's daily check: he found it, or the unit is in his scope
               today, or he is today's deputy of somebody who is (Q1-3.4.2a, Q1-4.2d); of a signature: of all
               findings that it names
"""

from __future__ import annotations

from dataclasses import dataclass

from schemas.roles import DAILY_INSPECTORS, OFFICE, QUALITY, SUPERVISION

ADMIN = ("administrator",)
# Company-wide quality work; the sync reviewer decides conflicts and flagged records, and nothing else.
STANDARDS = ("quality_staff", "quality_manager")
STAFF_DATA = ("administrator", "centre_director")


@dataclass(frozen=True)
class Grant:
    """``roles`` may, where ``own`` names the author, ``level`` is one of ``levels`` (empty: any), and with
    ``in_charge`` the author is in charge of the unit."""

    roles: tuple[str, ...]
    own: str | None = None
    levels: tuple[str, ...] = ()
    in_charge: bool = False


@dataclass(frozen=True)
class Access:
    """``create``: any of these grants; ``patch``: grants by unit, ``*`` for every other unit;
    ``delete``: grants. ``server`` (the built-in device) may always."""

    create: tuple[Grant, ...] = ()
    patch: tuple[tuple[str, tuple[Grant, ...]], ...] = ()
    delete: tuple[Grant, ...] = ()


def _kept_by(*roles: str) -> Access:
    """Master data: these roles create and change it."""
    grant = (Grant(tuple(roles)),)
    return Access(create=grant, patch=(("*", grant),))


DAILY = Grant((*DAILY_INSPECTORS, *SUPERVISION), own="inspector", levels=("daily",))
FINDER = Grant((*DAILY_INSPECTORS, *SUPERVISION), own="found_by", levels=("daily",))
IN_CHARGE = Grant(DAILY_INSPECTORS, levels=("daily",), in_charge=True)
HIGHER = Grant((*SUPERVISION, *STANDARDS))
# Guides and supervises by remarks (Q1-3.2.4a); branch, desk and hr only read.
COMMENTS = Grant((*DAILY_INSPECTORS, *SUPERVISION, *QUALITY, "weekly_statistician"))
# A higher level voids or evaluates a round that it did not make; the reviewer ends its review. Which step is
# whose is in the life cycle.
OVERSEES = Grant((*SUPERVISION, "sync_reviewer"))

ACCESS: dict[str, Access] = {
    "branch": _kept_by(*ADMIN),
    "project_centre": _kept_by(*STAFF_DATA),
    "department": _kept_by(*STAFF_DATA),
    "team": _kept_by(*STAFF_DATA),
    "person": _kept_by(*STAFF_DATA),
    "role_assignment": _kept_by(*ADMIN),
    "supplier": _kept_by(*STAFF_DATA),
    "subcontract_item": _kept_by(*STAFF_DATA),
    "other_item": _kept_by(*STAFF_DATA),
    "post": _kept_by(*STAFF_DATA),
    "area": _kept_by(*STAFF_DATA),
    "inspector_scope": _kept_by(*STAFF_DATA),
    "deputy_appointment": _kept_by(*STAFF_DATA, "supervisor", "department_manager"),
    "pause": _kept_by(*STAFF_DATA, "supervisor", "department_manager"),
    "standard": _kept_by(*ADMIN, *STANDARDS),
    "check_item": _kept_by(*ADMIN, *STANDARDS),
    "post_type": _kept_by(*ADMIN, *STANDARDS),
    "class_table": _kept_by(*ADMIN, *STANDARDS),
    "disposition_table": _kept_by(*ADMIN, *STANDARDS),
    "attribution_table": _kept_by(*ADMIN, *STANDARDS),
    "work_calendar": _kept_by(*ADMIN),
    "inspection": Access(create=(DAILY,), patch=(("state", (DAILY, OVERSEES)), ("unplanned", (DAILY,)))),
    "area_check": Access(create=(DAILY,), patch=(("remark", (DAILY,)),)),
    "finding": Access(
        create=(FINDER,),
        # Daily results are evaluated, followed up and verified by whoever is in charge of the check, or by a
        # higher level; nobody else at daily level (Q1-3.4.2a, Q1-4.6f).
        patch=(("comments", (COMMENTS,)), ("*", (IN_CHARGE, HIGHER))),
    ),
    "photo": Access(create=(Grant((*DAILY_INSPECTORS, *SUPERVISION, *STANDARDS), own="author"),)),
    # Who evaluates a finding also has it signed (Q1-3.4.2a): it binds what others may then not change.
    "signature": Access(
        create=(
            Grant(DAILY_INSPECTORS, own="recorded_by", in_charge=True),
            Grant(SUPERVISION, own="recorded_by"),
        )
    ),
    "sync_conflict": Access(),
}

# Which company-wide roles read every project space, and who reads parked commits of others.
READS_EVERY_PROJECT = (*QUALITY, "administrator", "hr")
READS_OWN_BRANCH = ("branch_user",)
REVIEWS_PARKED = ("sync_reviewer", "administrator")
OPENS_OFFICE = OFFICE
# Who decides conflicts, who makes enrolment codes for signing PINs and lifts their locks, and
# who revokes devices and disables accounts. Never a team lead, who could then sign for his people.
DECIDES_CONFLICTS = ("sync_reviewer",)
ENROLS_PINS = ("administrator", "centre_director", "supervisor", "department_manager")
RUNS_DEVICES = ("administrator",)

# Which roles stand behind a token of `audience`; `project` is everybody who reads the space.
AUDIENCE_ROLES: dict[str, tuple[str, ...]] = {
    "desk": ("service_desk", "dispatcher", "business_officer", "finance_clerk", "centre_director"),
    "management": (*SUPERVISION, *QUALITY),
    "hr": ("hr",),
}
