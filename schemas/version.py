"""The protocol's version, with one history line each.

The last line holds the fingerprint of the whole contract. If a kind, a message, a life cycle or a right
changes, `tests/contract/test_fingerprint.py` fails until a line is added (or, before a release, replaced).
"""

PROTOCOL_VERSION = 1

# (version, what changed, fingerprint)
HISTORY: tuple[tuple[int, str, str], ...] = (
    (1, "organisation, standard, inspection, finding, photo, signature, conflict", "ca664953c2f5703b"),
)
