"""The guards of `make check` and `make test`, tried on bad examples: a guard that never bites is none."""
