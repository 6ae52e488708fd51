# mypy: ignore-errors
from peewee import BigIntegerField, BlobField, CompositeKey, DoubleField, IntegerField, Model, TextField


def up(migrator, db):
    class Account(Model):
        user = TextField(primary_key=True)
        username = TextField(unique=True)
        password_hash = TextField()
        disabled = IntegerField()
        inactive = IntegerField()
        demo = IntegerField()

        class Meta:
            database = db
            table_name = "accounts"

    db.create_tables([Account])

    class Audience(Model):
        space = TextField()
        audience = TextField()

        class Meta:
            database = db
            table_name = "audiences"
            primary_key = CompositeKey("space", "audience")

    db.create_tables([Audience])

    class Counter(Model):
        name = TextField(primary_key=True)
        value = BigIntegerField()

        class Meta:
            database = db
            table_name = "counters"

    db.create_tables([Counter])

    class Device(Model):
        id = TextField(primary_key=True)
        name = TextField()
        public_key = TextField(null=True)
        state = TextField()
        registered_at = TextField()

        class Meta:
            database = db
            table_name = "devices"

    db.create_tables([Device])

    class DeviceContact(Model):
        device = TextField()
        user = TextField()
        last_contact_at = TextField()
        unsent = BigIntegerField()
        unsent_zero_at = TextField(null=True)
        clock_offset = DoubleField(null=True)

        class Meta:
            database = db
            table_name = "device_contacts"
            primary_key = CompositeKey("device", "user")
            indexes = ((("user",), False),)

    db.create_tables([DeviceContact])

    class FateRow(Model):
        change = TextField()
        unit = TextField()
        kind = TextField()
        to = TextField(null=True)

        class Meta:
            database = db
            table_name = "fates"
            primary_key = CompositeKey("change", "unit")

    db.create_tables([FateRow])

    class FlagRow(Model):
        space = TextField()
        code = TextField()
        user = TextField()
        device = TextField()
        commit = TextField()
        n = BigIntegerField(null=True)
        detail = TextField()
        arrived_at = TextField()

        class Meta:
            database = db
            table_name = "flags"

    db.create_tables([FlagRow])

    class GrantRow(Model):
        record = TextField(primary_key=True)
        space = TextField()
        person = TextField()
        role = TextField()
        branch = TextField(null=True)
        starts_on = TextField()
        ends_on = TextField(null=True)

        class Meta:
            database = db
            table_name = "grants"
            indexes = ((("person",), False),)

    db.create_tables([GrantRow])

    class LogEntry(Model):
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

        class Meta:
            database = db
            table_name = "log"
            primary_key = CompositeKey("space", "seq")
            indexes = ((("record", "seq"), False),)

    db.create_tables([LogEntry])

    class OpenConflict(Model):
        conflict = TextField(primary_key=True)
        record = TextField(index=True)

        class Meta:
            database = db
            table_name = "open_conflicts"

    db.create_tables([OpenConflict])

    class ParkedRow(Model):
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
            database = db
            table_name = "parked"
            indexes = ((("space", "state", "user", "device"), False),)

    db.create_tables([ParkedRow])

    class ParkedWait(Model):
        waits_for = TextField()
        parked = TextField(index=True)

        class Meta:
            database = db
            table_name = "parked_waits"
            primary_key = CompositeKey("waits_for", "parked")

    db.create_tables([ParkedWait])

    class ReceiptRow(Model):
        id = TextField(primary_key=True)
        space = TextField()
        user = TextField()
        device = TextField()
        n = BigIntegerField(null=True)
        hash = TextField()
        result = TextField()
        arrived_at = TextField()

        class Meta:
            database = db
            table_name = "receipts"
            indexes = ((("user", "device", "n"), False),)

    db.create_tables([ReceiptRow])

    class RecordRow(Model):
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
            database = db
            table_name = "records"
            indexes = ((("space", "seq"), False), (("space", "kind", "unit"), False))

    db.create_tables([RecordRow])

    class Space(Model):
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
            database = db
            table_name = "spaces"

    db.create_tables([Space])

    class Token(Model):
        hash = TextField(primary_key=True)
        user = TextField()
        device = TextField()
        made_at = TextField()
        expires_at = TextField()

        class Meta:
            database = db
            table_name = "tokens"
            indexes = ((("user",), False),)

    db.create_tables([Token])


def down(migrator, db):
    migrator.migrate(migrator.drop_table("tokens"))
    migrator.migrate(migrator.drop_table("spaces"))
    migrator.migrate(migrator.drop_table("records"))
    migrator.migrate(migrator.drop_table("receipts"))
    migrator.migrate(migrator.drop_table("parked_waits"))
    migrator.migrate(migrator.drop_table("parked"))
    migrator.migrate(migrator.drop_table("open_conflicts"))
    migrator.migrate(migrator.drop_table("log"))
    migrator.migrate(migrator.drop_table("grants"))
    migrator.migrate(migrator.drop_table("flags"))
    migrator.migrate(migrator.drop_table("fates"))
    migrator.migrate(migrator.drop_table("device_contacts"))
    migrator.migrate(migrator.drop_table("devices"))
    migrator.migrate(migrator.drop_table("counters"))
    migrator.migrate(migrator.drop_table("audiences"))
    migrator.migrate(migrator.drop_table("accounts"))
