"""Signing PINs, devices and accounts (requirements X-07, X-15; `domain.md` section 10)."""

from marshmallow import RAISE, Schema

from schemas.fields import Because, Code, Flag, Id, Instant, Many, Number, Struct, Text, Whole
from schemas.messages.office import PersonName

PIN_PATTERN = "^[0-9]{6}$"
CODE_PATTERN = "^[0-9]{8}$"
PIN_STATES = ("none", "set", "locked")
DEVICE_STATES = ("active", "revoked", "lost")
MANY = 100_000


class PinVerifier(Schema):
    """What a tablet needs to check a PIN offline: PBKDF2-HMAC-SHA256 of the six digits (UTF-8), 32 bytes.

    ``salt`` and ``verifier`` in base64url without padding; without ``verifier`` the person has set no PIN.
    ``version`` grows when the PIN is set or its lock is lifted: then a tablet forgets its count of failures.
    """

    person = Id(required=True)
    version = Whole(required=True)
    iterations = Whole()
    salt = Text(most=60)
    verifier = Text(most=60)


class PinsAnswer(Schema):
    """`GET /pins/{space}`: the verifiers of the people whom this user has sign: those of the teams that he is
    in charge of, and himself."""

    people = Many(Struct(PinVerifier), required=True, most=MANY)


class PinSetRequest(Schema):
    """`POST /pins/{space}/{person}`: set a PIN, proven by an enrolment code or by the PIN before."""

    class Meta:
        unknown = RAISE

    pin = Text(required=True, least=6, most=6, pattern=PIN_PATTERN)
    code = Text(least=8, most=8, pattern=CODE_PATTERN)
    old_pin = Text(least=6, most=6, pattern=PIN_PATTERN)


class PinCodeAnswer(Schema):
    """`POST /pins/{space}/{person}/code`: a one-time enrolment code, shown once."""

    person = Id(required=True)
    code = Text(required=True)
    expires_at = Instant(required=True)


class PinPerson(Schema):
    """One person's PIN as the office sees it; the PIN itself is known to nobody."""

    person = Struct(PersonName, required=True)
    team = Text()
    team_en = Text()
    title = Text()
    title_en = Text()
    state = Code(PIN_STATES, required=True)
    version = Whole(required=True)
    set_at = Instant()
    code_expires_at = Instant()


class PinPeopleAnswer(Schema):
    """`GET /pins/{space}/people`."""

    people = Many(Struct(PinPerson), required=True, most=MANY)


class DeviceUse(Schema):
    """One user's part of a device, as it said at its last contact. ``clock_offset`` in seconds."""

    user = Struct(PersonName, required=True)
    last_contact_at = Instant(required=True)
    unsent = Whole(required=True)
    clock_offset = Number()


class DeviceAnswer(Schema):
    """A device. ``quarantined``: how many of its commits wait in quarantine."""

    id = Text(required=True)
    name = Text(required=True)
    state = Code(DEVICE_STATES, required=True)
    can_sign = Flag(required=True)
    quarantined = Whole(required=True)
    users = Many(Struct(DeviceUse), required=True)


class DevicesAnswer(Schema):
    """`GET /devices`: the latest contact first."""

    devices = Many(Struct(DeviceAnswer), required=True, most=MANY)


class DeviceStateRequest(Schema):
    """`POST /devices/{id}/state`: revoke, declare lost, or take back."""

    class Meta:
        unknown = RAISE

    state = Code(DEVICE_STATES, required=True)
    reason = Because(required=True, most=500)


class AccountAnswer(Schema):
    """Who may sign in. ``disabled``: by an administrator; ``inactive``: the person has left."""

    user = Struct(PersonName, required=True)
    username = Text(required=True)
    disabled = Flag(required=True)
    inactive = Flag(required=True)


class AccountsAnswer(Schema):
    """`GET /accounts`, by user name."""

    accounts = Many(Struct(AccountAnswer), required=True, most=MANY)


class AccountStateRequest(Schema):
    """`POST /accounts/{user}/state`: disable or enable."""

    class Meta:
        unknown = RAISE

    disabled = Flag(required=True)
    reason = Because(required=True, most=500)
