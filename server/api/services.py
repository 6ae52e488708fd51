"""What the endpoints work with; `server/app.py` puts it together and hands it in."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from flask import current_app

from server.clock import Clock
from server.exchange import Exchange, Rights
from server.rules.acts import Actor

EXTENSION = "rounds"


class AccountLike(Protocol):
    """Who may sign in."""

    @property
    def user(self) -> str: ...
    @property
    def username(self) -> str: ...
    @property
    def password_hash(self) -> str: ...
    @property
    def disabled(self) -> bool: ...


class AccountStateLike(Protocol):
    """An account as administrators see it."""

    @property
    def user(self) -> str: ...
    @property
    def username(self) -> str: ...
    @property
    def disabled(self) -> bool: ...
    @property
    def inactive(self) -> bool: ...


class SessionLike(Protocol):
    """A live session with the state of its account and device, and the version of everybody's rights."""

    @property
    def user(self) -> str: ...
    @property
    def username(self) -> str: ...
    @property
    def device(self) -> str: ...
    @property
    def device_state(self) -> str: ...
    @property
    def disabled(self) -> bool: ...
    @property
    def expires_at(self) -> str: ...
    @property
    def rights(self) -> int: ...


class AccountStore(Protocol):
    """Accounts and sessions; tokens as hashes only."""

    def by_username(self, username: str) -> AccountLike | None: ...
    def open_session(self, token_hash: str, user: str, device: str, now: str, expires_at: str) -> None: ...
    def close_session(self, token_hash: str) -> None: ...
    def session(self, token_hash: str) -> SessionLike | None: ...
    def change_disabled(self, user: str, disabled: bool, actor: Actor, reason: str) -> None: ...
    def all(self) -> Sequence[AccountStateLike]: ...
    def demo_usernames(self) -> list[str]: ...


class DeviceLike(Protocol):
    """A device; its key as JSON text."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def public_key(self) -> str | None: ...
    @property
    def state(self) -> str: ...


class ContactLike(Protocol):
    """What one user's part of a device said last."""

    @property
    def device(self) -> str: ...
    @property
    def user(self) -> str: ...
    @property
    def last_contact_at(self) -> str: ...
    @property
    def unsent(self) -> int: ...
    @property
    def clock_offset(self) -> float | None: ...


class DeviceStore(Protocol):
    """Devices that have signed in."""

    def all(self) -> Sequence[DeviceLike]: ...
    def contacts(self) -> Sequence[ContactLike]: ...
    def change_state(self, device: str, before: str, state: str, actor: Actor, reason: str) -> bool: ...
    def get(self, device: str) -> DeviceLike | None: ...
    def register(self, device: str, name: str, public_key: str | None, now: str) -> DeviceLike: ...


class ParkedStore(Protocol):
    """Parked commits, for looking at them."""

    def of(self, user: str, spaces: list[str]) -> list[dict[str, Any]]: ...
    def one(self, ident: str) -> dict[str, Any] | None: ...
    def quarantined(self) -> Mapping[str, int]: ...


class StaffLike(Protocol):
    """People and teams of a space, by id."""

    @property
    def people(self) -> Mapping[str, Mapping[str, Any]]: ...
    @property
    def teams(self) -> Mapping[str, Mapping[str, Any]]: ...


class PeopleStore(Protocol):
    """Who people are."""

    def names(self, people: Collection[str]) -> Mapping[str, str]: ...
    def staff(self, space: str) -> StaffLike: ...


@dataclass(frozen=True)
class Services:
    """Everything that an endpoint may ask. ``parts``: what other parts of the house hand to their own."""

    clock: Clock
    exchange: Exchange
    rights: Rights
    accounts: AccountStore
    devices: DeviceStore
    parked: ParkedStore
    people: PeopleStore
    app_folder: Path
    version: str
    parts: dict[str, Any] = field(default_factory=dict)


def services() -> Services:
    """Those of the running app."""
    found: Services = current_app.extensions[EXTENSION]
    return found
