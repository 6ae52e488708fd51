"""Tables about PINs, and the journal of administration."""

from __future__ import annotations

from peewee import BigIntegerField, IntegerField, Model, TextField


class Pin(Model):
    """A person's signing PIN as a slow verifier; without one he has set none. ``failures``: wrong tries since
    the last right one; ``version`` grows when the PIN is set or its lock lifted."""

    person = TextField(primary_key=True)
    version = IntegerField()
    iterations = IntegerField()
    salt = TextField(null=True)
    verifier = TextField(null=True)
    set_at = TextField(null=True)
    set_by = TextField(null=True)
    failures = IntegerField()
    locked = IntegerField()

    class Meta:
        table_name = "pins"


class PinCode(Model):
    """The newest one-time code of a person, as a slow hash; earlier ones are gone."""

    person = TextField(primary_key=True)
    hash = TextField()
    expires_at = TextField()
    made_by = TextField()
    used_at = TextField(null=True)
    failures = IntegerField()

    class Meta:
        table_name = "pin_codes"


class ActRow(Model):
    """An act of administration; rows are only ever added. ``before`` and ``after`` are JSON."""

    number = BigIntegerField(primary_key=True)
    at = TextField()
    by = TextField()
    device = TextField()
    what = TextField()
    target = TextField(index=True)
    before = TextField()
    after = TextField()
    reason = TextField(null=True)
    chain = TextField()

    class Meta:
        table_name = "acts"


PEOPLE_MODELS: list[type[Model]] = [Pin, PinCode, ActRow]
