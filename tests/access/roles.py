"""One person per role, in one house: whoever holds a role holds no other."""

from __future__ import annotations

from collections.abc import Iterable

from schemas.roles import ROLES
from server.storage.accounts import Accounts
from tests.api.estate import Estate, Tablet
from tests.factories import person_record, role_records
from tests.people import EAST, HEADQUARTERS, PASSWORD_HASH, QINGYANLI, Person, Role

COMPANY = ("quality_staff", "quality_manager", "sync_reviewer", "hr", "administrator", "branch_user")
NOBODY = "nobody"  # signs in and holds no role
EVERY_ROLE = (*ROLES, NOBODY)


def names(text: str) -> frozenset[str]:
    """Role names out of a table; a name that is none fails the test."""
    found = frozenset(text.split())
    assert found <= {*EVERY_ROLE}, found - {*EVERY_ROLE}
    return found


def _person(number: int, role: str) -> Person:
    space = HEADQUARTERS if role in COMPANY else QINGYANLI
    branch = EAST if role == "branch_user" else None
    held = () if role == NOBODY else (Role(space, role, branch),)
    return Person(200 + number, f"the_{role}", role, space, held)


PEOPLE = {role: _person(number, role) for number, role in enumerate(EVERY_ROLE)}


def settle(estate: Estate, people: Iterable[Person]) -> None:
    """Give people their records, roles and accounts."""
    for person in people:
        estate.bring(person.home, person_record(person))
        for space in (HEADQUARTERS, QINGYANLI):
            held = role_records(person, space)
            if held:
                estate.bring(space, *held)
        Accounts(estate.database).add(person.id, person.username, PASSWORD_HASH, demo=True)


def sign_in_all(estate: Estate) -> dict[str, Tablet]:
    """Everybody on a tablet of his own, by role."""
    settle(estate, PEOPLE.values())
    return {role: estate.tablet(person) for role, person in PEOPLE.items()}
