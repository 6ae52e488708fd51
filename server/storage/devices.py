"""Devices and what they said at their last contact."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from server.rules.acts import Act, Actor
from server.storage.acts import note_act
from server.storage.coverage_zeros import note_zero
from server.storage.database import Database
from server.storage.models import Device, DeviceContact

TOLD_EVERY = timedelta(minutes=15)

DeviceState = Literal["active", "revoked", "lost"]


@dataclass(frozen=True, slots=True)
class DeviceRow:
    """A device. ``public_key``: a JWK as JSON text, set once."""

    id: str
    name: str
    public_key: str | None
    state: DeviceState


@dataclass(frozen=True, slots=True)
class Contact:
    """What one user's part of a device said last. ``unsent_zero_at``: when it last had nothing unsent."""

    device: str
    user: str
    name: str
    state: DeviceState
    last_contact_at: str
    unsent: int
    unsent_zero_at: str | None
    clock_offset: float | None


class Devices:
    """Queries over devices and contacts."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def get(self, device: str) -> DeviceRow | None:
        """One device."""
        row = self.database.row("SELECT id, name, public_key, state FROM devices WHERE id = ?", (device,))
        return DeviceRow(*row) if row else None

    def public_key(self, device: str) -> str | None:
        """The key of a device, JWK as JSON text; ``None`` if it has none or never signed in."""
        row = self.database.row("SELECT public_key FROM devices WHERE id = ?", (device,))
        return row[0] if row else None

    def register(self, device: str, name: str, public_key: str | None, now: str) -> DeviceRow:
        """Note a device that signs in; its name may change, its key is set once (the first one stays)."""
        with self.database.write() as tx:
            tx.run(f"{tx.table(Device).insert} {_KNOWN_ALREADY}", (device, name, public_key, "active", now))
            registered = self.get(device)
        assert registered is not None
        return registered

    def set_state(self, device: str, state: DeviceState) -> None:
        """Revoke a device, declare it lost, or take it back (X-15)."""
        with self.database.write() as tx:
            tx.run("UPDATE devices SET state = ? WHERE id = ?", (state, device))

    def change_state(self, device: str, before: str, state: str, actor: Actor, reason: str) -> bool:
        """The same as an act of administration, with its reason. ``False``: somebody else was faster."""
        with self.database.write() as tx:
            changed = tx.run(
                "UPDATE devices SET state = ? WHERE id = ? AND state = ?", (state, device, before)
            )
            if changed:
                note_act(tx, Act(actor, "device_state", device, {"state": before}, {"state": state}, reason))
            return bool(changed)

    def all(self) -> list[DeviceRow]:
        """Every device that ever signed in."""
        rows = self.database.rows("SELECT id, name, public_key, state FROM devices ORDER BY id")
        return [DeviceRow(*row) for row in rows]

    def contacts(self) -> list[Contact]:
        """Every contact that is known."""
        return [Contact(*row) for row in self.database.rows(_CONTACTS)]


def note_contact(
    tx: Database, device: str, user: str, now: str, unsent: int, clock_offset: float | None
) -> bool:
    """Note a contact within a write transaction; whether whoever looks at it would see a difference.

    A quiet device that calls every minute is told on only now and then, or each tablet would wake all others.
    """
    known = tx.row(
        "SELECT unsent_zero_at, clock_offset, unsent, last_contact_at FROM device_contacts "
        f'WHERE device = ? AND "user" = ?{tx.dialect.lock_row()}',
        (device, user),
    )
    zero_at, offset, unsent_before, last = known or (None, None, None, None)
    silent = last is None or datetime.fromisoformat(now) - datetime.fromisoformat(last) > TOLD_EVERY
    if unsent == 0:
        note_zero(tx, device, user, zero_at, now)
        zero_at = now
    if clock_offset is not None:
        offset = clock_offset
    tx.run(tx.table(DeviceContact).upsert, (device, user, now, unsent, zero_at, offset))
    return silent or unsent != unsent_before


# In one statement: of two servers that meet a device at the same time neither undoes the other's key.
_KNOWN_ALREADY = (
    "ON CONFLICT (id) DO UPDATE SET name = excluded.name, "
    "public_key = COALESCE(devices.public_key, excluded.public_key)"
)

_CONTACTS = """
SELECT c.device, c."user", d.name, d.state, c.last_contact_at, c.unsent, c.unsent_zero_at, c.clock_offset
FROM device_contacts c JOIN devices d ON d.id = c.device
"""
