"""Until when a finding must be put right (`domain.md` sections 7.1 and 7.3, Q1-3.4.1c, Q1-3.5a)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from server.rules.business_date import business_date, due_ends_at


def due_at(
    grade: Mapping[str, Any], disposition: Mapping[str, Any], at: datetime, shift: str, *, supplied: bool
) -> datetime | None:
    """The deadline of a finding evaluated ``at`` (aware, corrected); ``None``: there is none by rule.

    ``grade``: the row of its class; ``disposition``: the row of its disposition; ``shift`` of its post;
    ``supplied``: the supplier corrects, whose hours hold where the class has any. What is to be done now is
    due at the end of the business day (night: of the shift): by then it must be recorded. ``per_case`` is set
    by a person.
    """
    if disposition["deadline"] == "none":
        return None
    if disposition["deadline"] == "now":
        return due_ends_at(business_date(at, shift), shift)
    hours = grade.get("supplier_hours") if supplied else None
    if hours is None and grade["deadline"] == "hours":
        hours = grade["deadline_hours"]
    if hours is not None:
        return at + timedelta(hours=hours)
    if grade["deadline"] == "end_of_business_day":
        return due_ends_at(business_date(at, shift), shift)
    return None
