"""Life cycles as data (`domain.md` section 5): states, transitions, who may, what must be filled in.

The device reads the same table (``pwa/src/contract``), so buttons and server cannot differ.
"""

from __future__ import annotations

from dataclasses import dataclass

from schemas.roles import DAILY_INSPECTORS, QUALITY, SUPERVISION

INSPECTORS = (*DAILY_INSPECTORS, *SUPERVISION)


@dataclass(frozen=True)
class Transition:
    """``source`` to ``target`` by one of ``roles`` once ``requires`` are filled in; with ``judges`` it is a
    judgement on those units, whose bases the change must name (`protocol.md` section 2)."""

    source: str
    target: str
    roles: tuple[str, ...]
    requires: tuple[str, ...] = ()
    judges: tuple[str, ...] = ()


@dataclass(frozen=True)
class Lifecycle:
    """``field`` holds the state; a record is created in one of ``initial``."""

    field: str
    initial: tuple[str, ...]
    transitions: tuple[Transition, ...]

    @property
    def states(self) -> tuple[str, ...]:
        seen = dict.fromkeys(self.initial)
        for step in self.transitions:
            seen.update({step.source: None, step.target: None})
        return tuple(seen)


_EVALUATED = ("class", "attribution", "present")
_SERVER = ("server",)

LIFECYCLES: dict[str, Lifecycle] = {
    "inspection": Lifecycle(
        "state",
        ("planned", "in_progress"),
        (
            Transition("planned", "in_progress", INSPECTORS),
            Transition("in_progress", "completed", INSPECTORS, requires=("ended_at",)),
            Transition("completed", "submitted", _SERVER),
            Transition("submitted", "accepted", _SERVER),
            Transition("submitted", "in_review", _SERVER),
            Transition("in_review", "accepted", ("sync_reviewer",)),
            Transition("in_review", "rejected", ("sync_reviewer",)),
            Transition("accepted", "evaluating", SUPERVISION),
            Transition("accepted", "closed", INSPECTORS),
            Transition("evaluating", "closed", SUPERVISION),
            Transition("in_progress", "voided", SUPERVISION),
            Transition("completed", "voided", SUPERVISION),
            Transition("submitted", "voided", SUPERVISION),
        ),
    ),
    "finding": Lifecycle(
        "state",
        ("open",),
        (
            Transition("open", "evaluated", INSPECTORS, requires=_EVALUATED),
            Transition("evaluated", "acknowledged", INSPECTORS, requires=("acknowledgement",)),
            Transition("evaluated", "correcting", INSPECTORS, requires=("disposition",)),
            Transition("evaluated", "closed", INSPECTORS),
            Transition("acknowledged", "correcting", INSPECTORS, requires=("disposition",)),
            Transition("acknowledged", "closed", INSPECTORS, requires=("corrections", "verifications")),
            Transition("correcting", "corrected", INSPECTORS, requires=("corrections",)),
            Transition("corrected", "verified", INSPECTORS, requires=("verifications",),
                       judges=("corrections",)),
            Transition("corrected", "verification_failed", INSPECTORS, requires=("verifications",),
                       judges=("corrections",)),
            Transition("verification_failed", "correcting", INSPECTORS, requires=("due_at",)),
            Transition("verified", "closed", INSPECTORS, judges=("verifications",)),
            Transition("evaluated", "conceded", ("centre_director",)),
            Transition("correcting", "conceded", ("centre_director",)),
            Transition("conceded", "correcting", ("server", *QUALITY)),
        ),
    ),
}  # fmt: skip
