"""What a signature binds, as data for both sides (`domain.md` section 10, Q1-4.4o).

Post, area, item, description, photos, class, attribution and person; never state, deadline, disposition or
later corrections, so that following a finding up does not break what was signed.
"""

# kind: (unit, bound fields; empty: all of the unit's)
SIGNED_LINES: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "finding": (
        ("post", ()),
        ("unit", ()),
        ("item", ()),
        ("description", ()),
        ("photos", ()),
        ("evaluation", ("class", "attribution", "responsible_person")),
    ),
}

# Who may say he did something in an appended entry: the field that must hold the author's own id.
ENTRY_AUTHORS: dict[str, dict[str, str]] = {
    "finding": {"corrections": "recorded_by", "verifications": "verified_by", "comments": "by"},
}
