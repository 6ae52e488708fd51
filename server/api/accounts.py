"""Accounts: who may sign in, and shutting somebody out (X-14, X-15)."""

from __future__ import annotations

from typing import Any

from flask import Response
from flask_smorest import Blueprint

from schemas.access import RUNS_DEVICES
from schemas.messages.people import AccountAnswer, AccountsAnswer, AccountStateRequest
from server.api.bodies import answer, read_message
from server.api.identity import actor, company_holder
from server.api.services import services
from server.exchange import Notice
from server.failures import Failure

blueprint = Blueprint("accounts", __name__, url_prefix="/accounts", description="Accounts")


@blueprint.get("")
@blueprint.response(200, AccountsAnswer)
def accounts() -> Response:
    """Every account, by user name; for administrators."""
    company_holder(RUNS_DEVICES)
    return answer({"accounts": _rows()})


@blueprint.post("/<user>/state")
@blueprint.doc(
    requestBody={
        "required": True,
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/AccountStateRequest"}}},
    }
)
@blueprint.response(200, AccountAnswer)
def change_state(user: str) -> Response:
    """Disable an account, or enable it again. Its sessions may then only hand in what they hold, into
    quarantine; holds at once."""
    identity = company_holder(RUNS_DEVICES)
    wanted, house = read_message(AccountStateRequest), services()
    before = {row["user"]["id"]: row for row in _rows()}.get(user)
    if before is None:
        raise Failure("not_found")
    if user == identity.user and wanted["disabled"]:
        raise Failure("own_access")
    house.accounts.change_disabled(user, wanted["disabled"], actor(identity), wanted["reason"])
    house.exchange.tell(Notice("", 0, rights=True))
    return answer({**before, "disabled": wanted["disabled"]})


def _rows() -> list[dict[str, Any]]:
    house = services()
    found = house.accounts.all()
    names = house.people.names({account.user for account in found})
    return [
        {
            "user": {"id": account.user, "name": names[account.user]},
            "username": account.username,
            "disabled": account.disabled,
            "inactive": account.inactive,
        }
        for account in found
    ]
