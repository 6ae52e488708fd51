"""Writes everything that is derived from the contract: ``schemas/generated/`` and ``pwa/src/contract/``.

Run it as ``python -m schemas.export``; ``make check`` fails when that differs from what is committed.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from schemas import access, lifecycles, roles, signing
from schemas.catalogue import KINDS
from schemas.fields import object_schema
from schemas.kinds import signature
from schemas.messages import (
    blobs,
    conflicts,
    coverage,
    office,
    parked,
    people,
    problem,
    pull,
    push,
    session,
    signatures,
)
from schemas.probe import Probe
from schemas.snapshot import snapshot_schema
from schemas.typescript import contract_files
from schemas.version import HISTORY, PROTOCOL_VERSION

ROOT = Path(__file__).resolve().parent.parent
GENERATED = ROOT / "schemas" / "generated"
CONTRACT = ROOT / "pwa" / "src" / "contract"

RULES = ("lifecycles", "access", "roles", "duties", "limits", "signing")
MESSAGES = {
    message.__name__: message
    for message in (
        push.Push, push.Commit, push.Change, push.PushAnswer, push.Result, pull.PullAnswer, pull.PulledRecord,
        pull.ScopeAnswer, session.SessionRequest, session.SessionAnswer, blobs.HaveRequest, blobs.HaveAnswer,
        coverage.CoverageAnswer, problem.Problem, office.CoverageOverview, office.CoverageHistory,
        office.UnitHistory, office.CheckAnswer, office.StaffAnswer, parked.ParkedAnswer,
        parked.DiscardRequest, conflicts.ResolveRequest, conflicts.ConflictList,
        conflicts.ConflictAnswer, people.PinsAnswer, people.PinSetRequest, people.PinCodeAnswer,
        people.PinPeopleAnswer, people.DevicesAnswer, people.DeviceStateRequest, people.AccountsAnswer,
        people.AccountStateRequest, signatures.SealKeyAnswer, signatures.SignatureList,
        signatures.SignatureAnswer,
    )
}  # fmt: skip


def kinds_document() -> dict[str, Any]:
    """Every kind as plain data: schemas for create, patch and add, merge units, references, audience."""
    return {
        name: {
            **{key: value for key, value in asdict(spec.kind).items() if key != "name"},
            "units": {unit.name: {"fields": unit.fields, "policy": unit.merge, **_severity(unit.severity)}
                      for unit in spec.units.values()},
            "refs": spec.refs,
            "create": spec.create_schema(),
            "patch": spec.patch_schema(),
            "add": spec.elements_schema(),
        }
        for name, spec in KINDS.items()
    }  # fmt: skip


def _severity(values: tuple[str, ...]) -> dict[str, Any]:
    return {"severity": values} if values else {}


def contract_document() -> dict[str, Any]:
    """The whole contract as plain data."""
    return {
        "kinds": kinds_document(),
        "messages": {name: object_schema(message()) for name, message in MESSAGES.items()},
        "lifecycles": {name: asdict(cycle) for name, cycle in lifecycles.LIFECYCLES.items()},
        "access": {name: asdict(rights) for name, rights in access.ACCESS.items()},
        "roles": {code: {"chinese": zh, "english": en} for code, (zh, en) in roles.ROLE_NAMES.items()},
        "duties": {
            "daily_inspectors": roles.DAILY_INSPECTORS, "opens_office": access.OPENS_OFFICE,
            "decides_conflicts": access.DECIDES_CONFLICTS, "reviews_parked": access.REVIEWS_PARKED,
            "enrols_pins": access.ENROLS_PINS, "runs_devices": access.RUNS_DEVICES,
        },
        "signing": {
            "form": signature.SNAPSHOT_FORM, "snapshot": snapshot_schema(),
            "lines": {kind: [{"unit": unit, "fields": fields} for unit, fields in lines]
                      for kind, lines in signing.SIGNED_LINES.items()},
            "entry_authors": signing.ENTRY_AUTHORS,
        },
        "limits": {
            "changes": push.MOST_CHANGES, "commit_bytes": push.MOST_COMMIT_BYTES,
            "push_bytes": push.MOST_PUSH_BYTES, "depth": push.MOST_DEPTH,
        },
    }  # fmt: skip


def fingerprint() -> str:
    """Short SHA-256 of the contract; changes with anything that is said on the wire."""
    text = json.dumps(contract_document(), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def documents() -> dict[Path, str]:
    """Path to text of every file that is derived."""
    contract = contract_document()
    files = {
        GENERATED / "kinds.json": contract["kinds"],
        GENERATED / "messages.json": contract["messages"],
        GENERATED / "probe.json": object_schema(Probe()),
        GENERATED / "rules.json": {key: contract[key] for key in RULES},
        GENERATED / "version.json": {"protocol": PROTOCOL_VERSION, "fingerprint": fingerprint(),
                                     "history": [line[:2] for line in HISTORY]},
    }  # fmt: skip
    texts = {path: json.dumps(body, ensure_ascii=False, indent=1) + "\n" for path, body in files.items()}
    typescript = contract_files(contract, PROTOCOL_VERSION, fingerprint())
    return texts | {CONTRACT / name: text for name, text in typescript.items()}


def main() -> None:
    for path, text in documents().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            print("wrote", path.relative_to(ROOT))


if __name__ == "__main__":
    main()
