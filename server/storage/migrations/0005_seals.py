# mypy: ignore-errors
from peewee import BigIntegerField, CompositeKey, Model, TextField


def up(migrator, db):
    class SealRow(Model):
        signature = TextField(primary_key=True)
        space = TextField()
        seq = BigIntegerField()
        payload = TextField()
        seal = TextField()
        key_id = TextField()

        class Meta:
            database = db
            table_name = "seals"

    db.create_tables([SealRow])

    class SignedFinding(Model):
        finding = TextField()
        signature = TextField()

        class Meta:
            database = db
            table_name = "signed_findings"
            primary_key = CompositeKey("finding", "signature")

    db.create_tables([SignedFinding])


def down(migrator, db):
    migrator.migrate(migrator.drop_table("signed_findings"))
    migrator.migrate(migrator.drop_table("seals"))
