"""Where the data live: peewee models, migrations, and what implements the engine's ports over them."""
