"""Who may create a kind and patch its units, as data (`domain.md` section 2, requirement X-14).

Reading: whoever may read the space reads its ``project`` audience; other audiences name roles or persons.
A ``Grant`` holds for any of its roles, and only where its conditions hold:

``self``    the field that is named holds the author's user id
``daily``   the field ``level`` is ``daily`` (higher levels: later kinds of plan and group)
"""

from __future__ import annotations

from dataclasses import dataclass

from schemas.roles import DAILY_INSPECTORS, OFFICE, QUALITY, ROLES, SUPERVISION

ADMIN = ("administrator",)
STAFF_DATA = ("administrator", "centre_director")


@dataclass(frozen=True)
class Grant:
    """``roles`` may, where ``own`` names the author and ``level`` is one of ``levels`` (empty: any)."""

    roles: tuple[str, ...]
    own: str | None = None
    levels: tuple[str, ...] = ()


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
ANY_INSPECTOR = (Grant((*DAILY_INSPECTORS, *SUPERVISION)),)

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
    "standard": _kept_by(*ADMIN, *QUALITY),
    "check_item": _kept_by(*ADMIN, *QUALITY),
    "post_type": _kept_by(*ADMIN, *QUALITY),
    "class_table": _kept_by(*ADMIN, *QUALITY),
    "disposition_table": _kept_by(*ADMIN, *QUALITY),
    "attribution_table": _kept_by(*ADMIN, *QUALITY),
    "work_calendar": _kept_by(*ADMIN),
    "inspection": Access(create=(DAILY,), patch=(("state", (DAILY,)), ("unplanned", (DAILY,)))),
    "area_check": Access(create=(DAILY,), patch=(("remark", (DAILY,)),)),
    "finding": Access(
        create=(FINDER,),
        patch=(
            ("evaluation", (FINDER, Grant((*SUPERVISION, *QUALITY)))),
            ("comments", (Grant(tuple(role for role in ROLES if role != "server")),)),
            ("*", (*ANY_INSPECTOR, Grant(QUALITY))),
        ),
    ),
    "photo": Access(create=(Grant((*DAILY_INSPECTORS, *SUPERVISION, *QUALITY), own="author"),)),
    "sync_conflict": Access(),
}

# Which company-wide roles read every project space, and who reads parked commits of others.
READS_EVERY_PROJECT = (*QUALITY, "administrator", "hr")
READS_OWN_BRANCH = ("branch_user",)
REVIEWS_PARKED = ("sync_reviewer", "administrator")
OPENS_OFFICE = OFFICE

# Which roles stand behind a token of `audience`; `project` is everybody who reads the space.
AUDIENCE_ROLES: dict[str, tuple[str, ...]] = {
    "desk": ("service_desk", "dispatcher", "business_officer", "finance_clerk", "centre_director"),
    "management": (*SUPERVISION, *QUALITY),
    "hr": ("hr",),
}
