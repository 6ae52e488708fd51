"""签字: what somebody signed, refused or was absent for, bound to exactly the lines shown.

Requirements Q1-4.4o, Q1-4.4p, X-07; `protocol.md` section 8; decision 0013.
"""

from marshmallow import RAISE, Schema

from schemas.fields import Code, Id, Instant, Many, Struct, Text, Whole
from schemas.record import Kind, RecordSchema

ACTS = ("signed", "refused", "absent")
SNAPSHOT_FORM = "rounds-signature-1"
MOST_SNAPSHOT = 120_000
# ECDSA P-256, r and s as 64 bytes in base64url without padding: what WebCrypto gives.
SEAL_PATTERN = "^[A-Za-z0-9_-]{86}$"


class SignedLine(Schema):
    """One unit of a record that was shown, with the version that was shown of it.

    ``fields``: those of the unit's fields that are bound; left out, all of them.
    """

    class Meta:
        unknown = RAISE

    record = Id(required=True)
    unit = Text(required=True, least=1, most=60)
    version = Id(required=True)
    fields_ = Many(Text(least=1, most=60), most=20, data_key="fields")


class Signature(RecordSchema):
    """签字、拒签或缺席: append-only.

    ``snapshot`` is the canonical JSON (RFC 8785, as text) of what was on the screen, and ``device_signature``
    the ECDSA P-256 signature over its SHA-256 by the key of ``device``. ``signer`` is whom it concerns, also
    where he refused or was absent; ``recorded_by`` whoever held the tablet. ``outcome`` is the engine's word:
    whether every version shown was still current on arrival.

    Strokes are inside the snapshot and are sensitive data, so its audience is the management and, named by
    the device, the signer and whoever recorded it.
    """

    kind = Kind("signature", "签字", "Signature", audience=("management",), clear={"unit": "unit"},
                signs="lines")  # fmt: skip
    act = Code(ACTS, required=True, merge="once")
    check = Id(required=True, ref=("area_check",), merge="once")
    unit = Id(required=True, ref=("post", "area"), merge="once")
    findings = Many(Id(ref=("finding",)), required=True, least=1, most=20, merge="once")
    signer = Id(required=True, merge="once")
    recorded_by = Id(required=True, merge="once")
    witness = Id(merge="once")
    reason = Text(most=500, merge="once")
    device = Id(required=True, merge="once")
    signed_at = Instant(required=True, merge="once")
    clock_offset_ms = Whole(least=-(2**45), most=2**45, merge="once")
    lines = Many(Struct(SignedLine), required=True, least=1, most=200, merge="once")
    snapshot = Text(required=True, least=2, most=MOST_SNAPSHOT, merge="once")
    device_signature = Text(required=True, least=86, most=86, pattern=SEAL_PATTERN, merge="once")
    outcome = Code(("current", "earlier_version"), merge="once")
