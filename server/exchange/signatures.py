"""A signature as it arrives: whose hand is under it, and whether it says what was on the screen (X-07)."""

from __future__ import annotations

from schemas.catalogue import KINDS
from schemas.kinds.signature import SNAPSHOT_FORM
from schemas.signing import SIGNED_LINES
from schemas.snapshot import snapshot_problem
from server.exchange.ports import Knowledge
from server.rules.signatures import Found, SignatureFacts, signature_problems
from sync.canonical import read_signable
from sync.ports import Case, Problem

SIGNATURE = "signature"
BOUND = {
    kind: [(unit, fields or KINDS[kind].units[unit].fields) for unit, fields in lines]
    for kind, lines in SIGNED_LINES.items()
}


def judge_signature(case: Case, known: Knowledge) -> Problem | None:
    """Why a signature that is created cannot be taken in; the first reason, ``None`` if there is none.

    Nobody is exempt, the built-in device neither: what has no hand under it is no signature. The device is
    the one that the snapshot names, not the one that pushes: a tablet that lost its key hands in, as a new
    device, what was signed with the old one.
    """
    data = case.after or {}
    key = known.keys.public_key(data["device"])
    if key is None:
        return Problem("no_device_key", data["device"])
    if not known.signed_by(key, data["device_signature"], data["snapshot"]):
        return Problem("signature_invalid", f"device {data['device']}")
    shown = read_signable(data["snapshot"], SNAPSHOT_FORM)
    if shown is None:
        return Problem("snapshot_mismatch", "snapshot")
    misshapen = snapshot_problem(shown)
    if misshapen is not None:
        return Problem("snapshot_mismatch", f"snapshot.{misshapen}")
    for problem in signature_problems(case.change.record, data, shown, _facts(case)):
        return Problem(problem.code, problem.detail)
    return None


def _facts(case: Case) -> SignatureFacts:
    def find(ident: str) -> Found | None:
        record = case.find(ident)
        return Found(record.kind, record.data, record.removed) if record is not None else None

    return SignatureFacts(BOUND, find, case.wrote)
