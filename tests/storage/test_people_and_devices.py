"""Accounts, sessions, devices and role assignments."""

from __future__ import annotations

from server.storage.accounts import Accounts
from server.storage.database import Database
from server.storage.devices import Devices, note_contact
from server.storage.projections import Grants
from server.storage.spaces import Spaces
from sync.ports import Writes
from sync.records import Head, Record
from tests.storage.values import record

NOW, LATER, MUCH_LATER = (f"2026-11-23T{clock}+08:00" for clock in ("09:00:00", "09:01:00", "09:30:00"))


def test_a_session_knows_its_account_and_device(database: Database):
    accounts, devices = Accounts(database), Devices(database)
    accounts.add("he", "t07", "hash", demo=True)
    devices.register("tablet", "t07 平板", None, NOW)
    accounts.open_session("token hash", "he", "tablet", NOW, "2027-01-01T00:00:00+08:00")
    session = accounts.session("token hash")
    assert session is not None
    assert (session.user, session.username, session.device, session.device_state, session.disabled) == (
        "he", "t07", "tablet", "active", False,
    )  # fmt: skip
    accounts.set_disabled("he", True)
    devices.set_state("tablet", "revoked")
    session = accounts.session("token hash")
    assert session is not None
    assert (session.disabled, session.device_state) == (True, "revoked")
    accounts.close_session("token hash")
    assert accounts.session("token hash") is None


def test_expired_sessions_are_cleared_away(database: Database):
    accounts, devices = Accounts(database), Devices(database)
    accounts.add("he", "t07", "hash")
    devices.register("tablet", "t07 平板", None, NOW)
    accounts.open_session("old", "he", "tablet", NOW, NOW)
    accounts.open_session("new", "he", "tablet", LATER, MUCH_LATER)
    assert accounts.session("old") is None
    assert accounts.session("new") is not None


def test_a_key_is_set_once_and_a_name_may_change(database: Database):
    devices = Devices(database)
    devices.register("tablet", "first name", None, NOW)
    assert devices.register("tablet", "second name", '{"kty":"EC"}', NOW).public_key == '{"kty":"EC"}'
    assert devices.register("tablet", "second name", '{"kty":"other"}', NOW).public_key == '{"kty":"EC"}'
    found = devices.get("tablet")
    assert found is not None
    assert found.name == "second name"


def test_a_contact_tells_what_was_unsent_and_when_it_was_nothing(database: Database):
    Devices(database).register("tablet", "t07 平板", None, NOW)
    with database.write() as tx:
        assert note_contact(tx, "tablet", "he", NOW, 0, 1.5)
    with database.write() as tx:
        assert note_contact(tx, "tablet", "he", LATER, 3, None)
    [contact] = Devices(database).contacts()
    assert (contact.last_contact_at, contact.unsent, contact.unsent_zero_at) == (LATER, 3, NOW)
    assert contact.clock_offset == 1.5


def test_a_quiet_device_is_told_on_only_now_and_then(database: Database):
    told = []
    for now in (NOW, LATER, MUCH_LATER):
        with database.write() as tx:
            told.append(note_contact(tx, "tablet", "he", now, 0, None))
    assert told == [True, False, True]


def test_role_assignments_become_grants_and_stay_when_they_end(database: Database):
    spaces = Spaces(database)
    data = {"person": "he", "role": "team_lead", "starts_on": "2026-01-01"}
    before = spaces.rights_version()
    _apply(database, _assignment(data))
    _apply(database, _assignment({**data, "ends_on": "2026-06-30"}))
    [grant] = spaces.grants_of("he")
    assert (grant.role, grant.starts_on, grant.ends_on) == ("team_lead", "2026-01-01", "2026-06-30")
    assert spaces.rights_version() == before + 2


def test_whoever_leaves_may_not_sign_in_any_more(database: Database):
    accounts = Accounts(database)
    accounts.add("he", "t07", "hash")
    there, left = ({"name": "何桂兰", "active": active} for active in (True, False))
    _apply(database, record("he", kind="person", data=there))
    assert accounts.by_username("t07") is not None
    _apply(database, record("he", kind="person", data=left), record("he", kind="person", data=there))
    account = accounts.by_username("t07")
    assert account is not None
    assert account.disabled


def test_a_space_has_the_name_of_its_project(database: Database):
    spaces = Spaces(database)
    spaces.create("qyl", "project", "qyl", "g1")
    spaces.create("qyl", "project", "again", "g2")
    _apply(database, record("c", kind="project_centre", data={"name": "青砚里", "branch": "EAST"}))
    found = spaces.get("qyl")
    assert found is not None
    assert (found.name, found.branch, found.generation) == ("青砚里", "EAST", "g1")


def _assignment(data: dict[str, str]) -> Record:
    return record("a1", kind="role_assignment", data=data)


def _apply(database: Database, after: Record, before: Record | None = None) -> None:
    with database.write() as tx:
        Grants().apply(tx, "qyl", Writes(head=Head(1, "", ""), records=[(before, after)]))
