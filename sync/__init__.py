"""The sync engine: decides what a push means. Pure, standard library only; see README.md."""
