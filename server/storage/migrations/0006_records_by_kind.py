# mypy: ignore-errors


def up(migrator, db):
    migrator.migrate(migrator.drop_index("records", "recordrow_space_kind_unit"))
    migrator.migrate(migrator.add_index("records", ("space", "kind"), name="recordrow_space_kind"))


def down(migrator, db):
    migrator.migrate(migrator.drop_index("records", "recordrow_space_kind"))
    migrator.migrate(
        migrator.add_index("records", ("space", "kind", "unit"), name="recordrow_space_kind_unit")
    )
