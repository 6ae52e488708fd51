"""Signing PINs: who sees whose verifier, how one is set, what the office may do (X-07, decision 0013)."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

from server.api.limits import take_time
from server.api.passwords import hash_password, is_right
from server.clock import Clock
from server.failures import Failure
from server.rules.acts import Actor
from server.rules.in_charge import people_of, places_in_charge
from server.rules.pins import CODE_DIGITS, CODE_HOURS, NOBODY, Secret, fits, is_trivial, secret_of

Data = Mapping[str, Any]


class PinLike(Protocol):
    """A person's PIN; without ``secret`` he has set none."""

    @property
    def person(self) -> str: ...
    @property
    def version(self) -> int: ...
    @property
    def secret(self) -> Secret | None: ...
    @property
    def set_at(self) -> str | None: ...
    @property
    def locked(self) -> bool: ...
    @property
    def code_expires_at(self) -> str | None: ...


class TryLike(Protocol):
    """A try that is counted already, with what to check it against."""

    @property
    def pin(self) -> PinLike: ...
    @property
    def code_hash(self) -> str | None: ...
    @property
    def last(self) -> bool: ...


class PinStore(Protocol):
    """Where PINs and codes are kept."""

    def of(self, people: Collection[str], now: str) -> Mapping[str, PinLike]: ...
    def begin_try(self, person: str, by_code: bool, now: str) -> Any: ...
    def set(self, person: str, tried: Any, secret: Secret, actor: Actor) -> bool: ...
    def enrol(self, person: str, code_hash: str, expires_at: str, actor: Actor) -> None: ...
    def unlock(self, person: str, actor: Actor) -> None: ...


class StaffLike(Protocol):
    """Live records of a space, by id."""

    @property
    def people(self) -> Mapping[str, Data]: ...
    @property
    def teams(self) -> Mapping[str, Data]: ...
    @property
    def posts(self) -> Mapping[str, Data]: ...
    @property
    def scopes(self) -> Mapping[str, Data]: ...
    @property
    def deputies(self) -> Mapping[str, Data]: ...


class StaffSource(Protocol):
    """Who works in a space."""

    def staff(self, space: str) -> StaffLike: ...
    def works_in(self, space: str, person: str) -> bool: ...


@dataclass(frozen=True)
class PinDesk:
    """What the endpoints of PINs work with."""

    pins: PinStore
    staff: StaffSource
    clock: Clock

    def verifiers(self, space: str, user: str) -> list[dict[str, Any]]:
        """The verifiers of the people whom this user has sign today, and his own, by person."""
        staff, today = self.staff.staff(space), self.clock.today()
        places = places_in_charge(user, staff.teams, staff.scopes.values(), staff.deputies.values(), today)
        people = {user, *people_of(places, staff.people, staff.teams, staff.posts.values(), today)}
        found = self.pins.of(people, self.clock.text())
        return [_verifier(found[person]) for person in sorted(people)]

    def set(self, space: str, person: str, wanted: Mapping[str, str], actor: Actor) -> None:
        """Set a PIN, proven by a code or by the PIN before.

        Raises:
            Failure: ``pin_trivial``; ``pin_not_proven``, also for whoever is unknown; ``pin_locked``.
        """
        if is_trivial(wanted["pin"]):
            raise Failure("pin_trivial")
        begun = time.monotonic()
        code = wanted.get("code")
        if not self.staff.works_in(space, person):
            _is_proven(wanted, None)
            raise _refused("pin_not_proven", begun)
        tried: TryLike | None = self.pins.begin_try(person, code is not None, actor.at)
        if tried is None:
            raise Failure("pin_locked")
        proven = _is_proven(wanted, tried)
        secret = secret_of(wanted["pin"], self.clock.new_salt())
        if not proven or not self.pins.set(person, tried, secret, actor):
            raise _refused("pin_locked" if tried.last and not proven else "pin_not_proven", begun)

    def enrol(self, space: str, person: str, actor: Actor) -> dict[str, Any]:
        """Make a one-time code; it is told this once."""
        self._must_work_in(space, person)
        code = self.clock.new_digits(CODE_DIGITS)
        until = self.clock.now() + timedelta(hours=CODE_HOURS)
        expires_at = until.isoformat(timespec="milliseconds")
        self.pins.enrol(person, hash_password(code), expires_at, actor)
        return {"person": person, "code": code, "expires_at": expires_at}

    def unlock(self, space: str, person: str, actor: Actor) -> dict[str, Any]:
        """Lift the lock; the person as the office then sees him."""
        self._must_work_in(space, person)
        self.pins.unlock(person, actor)
        staff = self.staff.staff(space)
        return _office_row(self.pins.of([person], actor.at)[person], staff)

    def people(self, space: str) -> list[dict[str, Any]]:
        """Everybody who works in a space, by team and number, with the state of his PIN."""
        staff = self.staff.staff(space)
        working = {ident for ident, person in staff.people.items() if person.get("active")}
        found = self.pins.of(working, self.clock.text())

        def order(person: str) -> tuple[str, str, str]:
            data = staff.people[person]
            team = staff.teams.get(str(data.get("team")), {})
            return str(team.get("code") or "~"), str(data.get("number") or "~"), str(data["name"])

        return [_office_row(found[person], staff) for person in sorted(working, key=order)]

    def _must_work_in(self, space: str, person: str) -> None:
        if not self.staff.works_in(space, person):
            raise Failure("not_found")


def _is_proven(wanted: Mapping[str, str], tried: TryLike | None) -> bool:
    """As slow for whoever is unknown, has no PIN or no code."""
    code = wanted.get("code")
    if code is not None:
        return is_right(code, tried.code_hash if tried else None)
    secret = tried.pin.secret if tried else None
    return fits(wanted["old_pin"], secret or NOBODY) and secret is not None


def _refused(code: str, begun: float) -> Failure:
    take_time(begun)
    return Failure(code)


def _verifier(pin: PinLike) -> dict[str, Any]:
    row: dict[str, Any] = {"person": pin.person, "version": pin.version}
    if pin.secret is not None:
        secret = pin.secret
        row |= {"iterations": secret.iterations, "salt": secret.salt, "verifier": secret.verifier}
    return row


def _office_row(pin: PinLike, staff: StaffLike) -> dict[str, Any]:
    data = staff.people[pin.person]
    team = staff.teams.get(str(data.get("team")), {})
    row = {
        "person": {"id": pin.person, "name": data["name"]},
        "team": team.get("name"),
        "team_en": team.get("name_en"),
        "title": data.get("title"),
        "title_en": data.get("title_en"),
        "state": "locked" if pin.locked else "none" if pin.secret is None else "set",
        "version": pin.version,
        "set_at": pin.set_at,
        "code_expires_at": pin.code_expires_at,
    }
    return {name: value for name, value in row.items() if value is not None}
