# mypy: ignore-errors
from peewee import IntegerField


def up(migrator, db):
    migrator.migrate(migrator.add_column("log", "jumped", IntegerField(default=0)))


def down(migrator, db):
    migrator.migrate(migrator.drop_column("log", "jumped"))
