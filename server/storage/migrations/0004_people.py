# mypy: ignore-errors
import json

from peewee import BigIntegerField, CompositeKey, IntegerField, Model, TextField

from server.storage.blobs_projection import hashes_named


def up(migrator, db):
    class ActRow(Model):
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
            database = db
            table_name = "acts"

    db.create_tables([ActRow])

    class ParkedPhoto(Model):
        parked = TextField()
        sha256 = TextField(index=True)

        class Meta:
            database = db
            table_name = "parked_photos"
            primary_key = CompositeKey("parked", "sha256")

    db.create_tables([ParkedPhoto])
    _refer(db, ParkedPhoto)

    class Pin(Model):
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
            database = db
            table_name = "pins"

    db.create_tables([Pin])

    class PinCode(Model):
        person = TextField(primary_key=True)
        hash = TextField()
        expires_at = TextField()
        made_by = TextField()
        used_at = TextField(null=True)
        failures = IntegerField()

        class Meta:
            database = db
            table_name = "pin_codes"

    db.create_tables([PinCode])


def _refer(db, parked_photo):
    """What is parked already refers to its photos, too."""

    class ParkedRow(Model):
        id = TextField(primary_key=True)
        sent = TextField()
        state = TextField()

        class Meta:
            database = db
            table_name = "parked"

    for row in ParkedRow.select().where(ParkedRow.state == "parked"):
        for sha256 in sorted(set(hashes_named(json.loads(row.sent)))):
            parked_photo.insert(parked=row.id, sha256=sha256).execute()


def down(migrator, db):
    migrator.migrate(migrator.drop_table("pin_codes"))
    migrator.migrate(migrator.drop_table("pins"))
    migrator.migrate(migrator.drop_table("parked_photos"))
    migrator.migrate(migrator.drop_table("acts"))
