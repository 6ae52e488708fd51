# mypy: ignore-errors
from peewee import BigIntegerField, CompositeKey, IntegerField, Model, TextField


def up(migrator, db):
    class BlobRefusal(Model):
        sha256 = TextField()
        mime = TextField()
        user = TextField()
        code = TextField()
        detail = TextField()
        verified = IntegerField()
        refused_at = TextField()

        class Meta:
            database = db
            table_name = "blob_refusals"
            primary_key = CompositeKey("sha256", "mime", "user")

    db.create_tables([BlobRefusal])

    class BlobRow(Model):
        sha256 = TextField(primary_key=True)
        mime = TextField()
        bytes = BigIntegerField()
        width = IntegerField()
        height = IntegerField()
        arrived_at = TextField()

        class Meta:
            database = db
            table_name = "blobs"

    db.create_tables([BlobRow])

    class BlobSender(Model):
        sha256 = TextField()
        user = TextField()
        bytes = BigIntegerField()
        sent_at = TextField()

        class Meta:
            database = db
            table_name = "blob_senders"
            primary_key = CompositeKey("sha256", "user")
            indexes = ((("user", "sent_at"), False),)

    db.create_tables([BlobSender])

    class CheckPart(Model):
        record = TextField(primary_key=True)
        check = TextField(index=True)
        kind = TextField()

        class Meta:
            database = db
            table_name = "check_parts"

    db.create_tables([CheckPart])

    class CoverageCheck(Model):
        check = TextField(primary_key=True)
        space = TextField()
        unit = TextField()
        inspection = TextField()
        inspector = TextField()
        level = TextField()
        business_date = TextField()
        ended_at = TextField()
        offset_ms = BigIntegerField()
        arrived_at = TextField()
        complete = IntegerField()
        result = TextField()
        device = TextField()

        class Meta:
            database = db
            table_name = "coverage_checks"
            indexes = ((("unit", "business_date"), False),)

    db.create_tables([CoverageCheck])

    class DeviceZero(Model):
        device = TextField()
        user = TextField()
        reported_at = TextField()

        class Meta:
            database = db
            table_name = "device_zeros"
            primary_key = CompositeKey("user", "device", "reported_at")

    db.create_tables([DeviceZero])

    class PhotoUse(Model):
        record = TextField(primary_key=True)
        space = TextField()
        sha256 = TextField(index=True)
        author = TextField()
        audience = TextField()

        class Meta:
            database = db
            table_name = "photo_uses"

    db.create_tables([PhotoUse])

    class VoidInspection(Model):
        inspection = TextField(primary_key=True)
        space = TextField()

        class Meta:
            database = db
            table_name = "void_inspections"

    db.create_tables([VoidInspection])


def down(migrator, db):
    migrator.migrate(migrator.drop_table("void_inspections"))
    migrator.migrate(migrator.drop_table("photo_uses"))
    migrator.migrate(migrator.drop_table("device_zeros"))
    migrator.migrate(migrator.drop_table("coverage_checks"))
    migrator.migrate(migrator.drop_table("check_parts"))
    migrator.migrate(migrator.drop_table("blob_senders"))
    migrator.migrate(migrator.drop_table("blobs"))
    migrator.migrate(migrator.drop_table("blob_refusals"))
