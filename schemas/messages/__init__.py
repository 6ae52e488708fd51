"""One file per message; wire names and shapes are those of `protocol.md` section 2."""
