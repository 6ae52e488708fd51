"""Devices: who used them when, and taking one out of use (X-15)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Response
from flask_smorest import Blueprint

from schemas.access import REVIEWS_PARKED, RUNS_DEVICES
from schemas.messages.people import DeviceAnswer, DevicesAnswer, DeviceStateRequest
from server.api.bodies import answer, read_message
from server.api.identity import actor, company_holder
from server.api.services import ContactLike, DeviceLike, services
from server.exchange import Notice
from server.failures import Failure

blueprint = Blueprint("devices", __name__, url_prefix="/devices", description="Devices")


@blueprint.get("")
@blueprint.response(200, DevicesAnswer)
def devices() -> Response:
    """Every device that ever signed in, the latest contact first; for administrators and reviewers."""
    company_holder((*REVIEWS_PARKED, *RUNS_DEVICES))
    rows = sorted(_rows(services().devices.all()), key=lambda row: str(row["id"]))
    return answer({"devices": sorted(rows, key=_last_contact, reverse=True)})


@blueprint.post("/<ident>/state")
@blueprint.doc(
    requestBody={
        "required": True,
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/DeviceStateRequest"}}},
    }
)
@blueprint.response(200, DeviceAnswer)
def change_state(ident: str) -> Response:
    """Revoke a device (it hands in what it holds, into quarantine, and wipes itself), declare it lost (it
    wipes itself at once and forfeits), or take it back. Holds at once, for running sessions and sockets too.
    """
    identity = company_holder(RUNS_DEVICES)
    wanted, house = read_message(DeviceStateRequest), services()
    device = house.devices.get(ident)
    if device is None:
        raise Failure("not_found")
    state = wanted["state"]
    if ident == identity.device and state != "active":
        raise Failure("own_access")
    if state != device.state:
        if not house.devices.change_state(ident, device.state, state, actor(identity), wanted["reason"]):
            raise Failure("conflict")
        house.exchange.tell(Notice("", 0, rights=True))
    [row] = _rows([found for found in [house.devices.get(ident)] if found is not None])
    return answer(row)


def _rows(found: Sequence[DeviceLike]) -> list[dict[str, Any]]:
    """Devices as ``DeviceAnswer``s."""
    house = services()
    wanted = {device.id for device in found}
    contacts = [contact for contact in house.devices.contacts() if contact.device in wanted]
    names = house.people.names({contact.user for contact in contacts})
    quarantined = house.parked.quarantined()
    users: dict[str, list[dict[str, Any]]] = {}
    for contact in sorted(contacts, key=lambda contact: contact.last_contact_at, reverse=True):
        users.setdefault(contact.device, []).append(_use(contact, names[contact.user]))
    return [
        {
            "id": device.id,
            "name": device.name,
            "state": device.state,
            "can_sign": device.public_key is not None,
            "quarantined": quarantined.get(device.id, 0),
            "users": users.get(device.id, []),
        }
        for device in found
    ]


def _use(contact: ContactLike, name: str) -> dict[str, Any]:
    row = {
        "user": {"id": contact.user, "name": name},
        "last_contact_at": contact.last_contact_at,
        "unsent": contact.unsent,
        "clock_offset": contact.clock_offset,
    }
    return {key: value for key, value in row.items() if value is not None}


def _last_contact(row: dict[str, Any]) -> str:
    return str(row["users"][0]["last_contact_at"]) if row["users"] else ""
