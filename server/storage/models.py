"""The tables. JSON is kept as text on every database; times are RFC 3339 text, booleans are 0 or 1.

Another part of the house that needs tables declares them in a file of its own and adds them to ``MODELS``.
"""

from __future__ import annotations

from peewee import (
    AutoField,
    BigIntegerField,
    BlobField,
    CompositeKey,
    DoubleField,
    IntegerField,
    Model,
    TextField,
)

from server.storage.blobs_models import BLOB_MODELS
from server.storage.coverage_models import COVERAGE_MODELS
from server.storage.evidence_models import EVIDENCE_MODELS
from server.storage.people_models import PEOPLE_MODELS


class Space(Model):
    """A space and how far it is. ``generation``: changes with a restore; ``branch``: code, of a project."""

    id = TextField(primary_key=True)
    type = TextField()
    name = TextField()
    name_en = TextField(null=True)
    branch = TextField(null=True)
    head = BigIntegerField()
    at = TextField()
    generation = TextField()
    backed_up_seq = BigIntegerField(null=True)

    class Meta:
        table_name = "spaces"


class LogEntry(Model):
    """One change taken in."""

    space = TextField()
    seq = BigIntegerField()
    change = TextField(unique=True)
    commit = TextField()
    record = TextField()
    kind = TextField()
    op = TextField()
    user = TextField()
    device = TextField()
    made_at = TextField()
    offset = DoubleField(null=True)
    arrived_at = TextField()
    previous = TextField(null=True)
    replaced = TextField()
    values = TextField()
    payload = BlobField()
    salt = BlobField()
    digest = TextField()
    chain = TextField()
    jumped = IntegerField(default=0)

    class Meta:
        table_name = "log"
        primary_key = CompositeKey("space", "seq")
        indexes = ((("record", "seq"), False),)


class RecordRow(Model):
    """The newest state of one record. ``mark``: its share of the checksum; ``data`` last, so that reading
    the columns before it does not touch the pages of long rows."""

    id = TextField(primary_key=True)
    space = TextField()
    seq = BigIntegerField()
    kind = TextField()
    deleted = IntegerField()
    audience = TextField()
    mark = BigIntegerField()
    unit = TextField(null=True)
    author = TextField()
    created_by_change = TextField()
    last_change = TextField()
    contested = TextField()
    versions = TextField()
    removed = TextField()
    signed = TextField()
    data = TextField()

    class Meta:
        table_name = "records"
        # By nothing that is spread over all units: each check would then change a page of its own, and the
        # more there are, the fewer share one.
        indexes = ((("space", "seq"), False), (("space", "kind"), False))


class OpenConflict(Model):
    """Which open conflicts a record has."""

    conflict = TextField(primary_key=True)
    record = TextField(index=True)

    class Meta:
        table_name = "open_conflicts"


class Audience(Model):
    """Each combination of audience tokens that a space has used, so that a pull can ask by it."""

    space = TextField()
    audience = TextField()

    class Meta:
        table_name = "audiences"
        primary_key = CompositeKey("space", "audience")


class ReceiptRow(Model):
    """The answer to a commit."""

    id = TextField(primary_key=True)
    space = TextField()
    user = TextField()
    device = TextField()
    n = BigIntegerField(null=True)
    hash = TextField()
    result = TextField()
    arrived_at = TextField()

    class Meta:
        table_name = "receipts"
        indexes = ((("user", "device", "n"), False),)


class ParkedRow(Model):
    """A commit that could not be taken in, whole."""

    id = TextField(primary_key=True)
    space = TextField()
    user = TextField()
    device = TextField()
    n = BigIntegerField(null=True)
    sent = TextField()
    format = IntegerField()
    hash = TextField()
    reason = TextField()
    records = TextField()
    waits_for = TextField()
    arrived_at = TextField()
    state = TextField()

    class Meta:
        table_name = "parked"
        indexes = ((("space", "state", "user", "device"), False),)


class ParkedWait(Model):
    """What a parked commit waits for, one row each; only while it is parked."""

    waits_for = TextField()
    parked = TextField(index=True)

    class Meta:
        table_name = "parked_waits"
        primary_key = CompositeKey("waits_for", "parked")


class FateRow(Model):
    """What a change counts as on one unit."""

    change = TextField()
    unit = TextField()
    kind = TextField()
    to = TextField(null=True)

    class Meta:
        table_name = "fates"
        primary_key = CompositeKey("change", "unit")


class FlagRow(Model):
    """Something for a person to look at."""

    id = AutoField()
    space = TextField()
    code = TextField()
    user = TextField()
    device = TextField()
    commit = TextField()
    n = BigIntegerField(null=True)
    detail = TextField()
    arrived_at = TextField()

    class Meta:
        table_name = "flags"


class Device(Model):
    """A tablet or browser. ``state``: active, revoked (may only hand in) or lost (wipes at once)."""

    id = TextField(primary_key=True)
    name = TextField()
    public_key = TextField(null=True)
    state = TextField()
    registered_at = TextField()

    class Meta:
        table_name = "devices"


class DeviceContact(Model):
    """What one user's part of a device said at its last contact.

    ``clock_offset``: seconds, device minus server.
    """

    device = TextField()
    user = TextField()
    last_contact_at = TextField()
    unsent = BigIntegerField()
    unsent_zero_at = TextField(null=True)
    clock_offset = DoubleField(null=True)

    class Meta:
        table_name = "device_contacts"
        primary_key = CompositeKey("device", "user")
        indexes = ((("user",), False),)


class Account(Model):
    """Who may sign in; ``user`` is the id of the person record. ``inactive``: that record says so."""

    user = TextField(primary_key=True)
    username = TextField(unique=True)
    password_hash = TextField()
    disabled = IntegerField()
    inactive = IntegerField()
    demo = IntegerField()

    class Meta:
        table_name = "accounts"


class Token(Model):
    """A session of one user on one device; only the hash of the token is kept."""

    hash = TextField(primary_key=True)
    user = TextField()
    device = TextField()
    made_at = TextField()
    expires_at = TextField()

    class Meta:
        table_name = "tokens"
        indexes = ((("user",), False),)


class GrantRow(Model):
    """A role assignment, by its record; ended ones stay, because old work may still come in."""

    record = TextField(primary_key=True)
    space = TextField()
    person = TextField()
    role = TextField()
    branch = TextField(null=True)
    starts_on = TextField()
    ends_on = TextField(null=True)

    class Meta:
        table_name = "grants"
        indexes = ((("person",), False),)


class Counter(Model):
    """Numbers of the whole server: ``rights`` grows whenever somebody's rights may have changed."""

    name = TextField(primary_key=True)
    value = BigIntegerField()

    class Meta:
        table_name = "counters"


MODELS: list[type[Model]] = [
    Space, LogEntry, RecordRow, OpenConflict, Audience, ReceiptRow, ParkedRow, ParkedWait, FateRow, FlagRow,
    Device, DeviceContact, Account, Token, GrantRow, Counter, *BLOB_MODELS, *COVERAGE_MODELS,
    *PEOPLE_MODELS, *EVIDENCE_MODELS,
]  # fmt: skip
