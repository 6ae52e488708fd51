"""Acts of administration, journalled in a chain: who did what to whom, when and on which device (X-14)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

GENESIS = "0" * 64


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, on which device, and when (RFC 3339)."""

    user: str
    device: str
    at: str


@dataclass(frozen=True, slots=True)
class Act:
    """One act. ``before`` and ``after``: what changed, never a PIN, a code or anything to guess one from."""

    actor: Actor
    what: str
    target: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    reason: str | None = None


def canonical(value: Mapping[str, Any]) -> str:
    """JSON with sorted keys and no spaces: the same text for the same value."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def link(previous: str, act: Act) -> str:
    """The chain hash of an act that follows another: an act that is changed or taken out breaks it."""
    actor = act.actor
    said = [
        actor.at, actor.user, actor.device, act.what, act.target,
        canonical(act.before), canonical(act.after), act.reason,
    ]  # fmt: skip
    text = json.dumps([previous, *said], ensure_ascii=False, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()
