"""What proves a signature: snapshot, the device's hand, the server's seal (`protocol.md` section 8, X-07).

Decision 0013 says what is signed by whom, and how each of these can be checked without this server.
"""

from marshmallow import Schema

from schemas.fields import Anything, Code, Flag, Id, Instant, Many, Number, Struct, Table, Text, Whole
from schemas.kinds.signature import ACTS
from schemas.messages.office import PersonName

SEAL_FORMS = ("rounds-seal-1",)
MANY = 100_000


class SealKeyAnswer(Schema):
    """`GET /seal-key`: the public half (JWK) of the key with which this server seals; ``key_id``: its
    thumbprint (RFC 7638)."""

    form = Code(SEAL_FORMS, required=True)
    key_id = Text(required=True)
    public_key = Table(Anything(), required=True)


class SignatureRow(Schema):
    """A signature in the list; people are named as they were shown. ``outcome``: whether all that was shown
    was current when it arrived. ``covers``: all that was signed still has the values that were signed.
    ``sealed``: the server's seal is there (``make verify`` proves it)."""

    id = Id(required=True)
    act = Code(ACTS, required=True)
    check = Id(required=True)
    findings = Many(Id(), required=True)
    signer = Struct(PersonName, required=True)
    recorded_by = Struct(PersonName, required=True)
    witness = Struct(PersonName)
    reason = Text(most=500)
    device = Id(required=True)
    signed_at = Instant(required=True)
    arrived_at = Instant(required=True)
    seq = Whole(required=True)
    outcome = Code(("current", "earlier_version"))
    covers = Flag(required=True)
    sealed = Flag(required=True)


class SignatureList(Schema):
    """`GET /signatures/{space}?finding=`: those that name it and that one may read, newest first."""

    signatures = Many(Struct(SignatureRow), required=True, most=MANY)


class SealProof(Schema):
    """The server's seal. ``payload``: canonical JSON `{form, signature, space, snapshot_sha256,
    device_signature, arrived_at, seq, chain}`; ``seal``: ECDSA P-256 over its UTF-8 bytes, r‖s in base64url.
    """

    payload = Text(required=True, most=4000)
    seal = Text(required=True)
    key_id = Text(required=True)


class LogProof(Schema):
    """The log row that took the signature in, from which the chain hash can be made anew.

    ``payload``: the change as it was sent; ``digest`` = SHA-256(salt ‖ SHA-256(payload)); ``chain`` =
    SHA-256 over ``before``, seq, change, commit, record, kind, op, user, device, made_at, offset, arrived_at
    and digest, joined by newlines. ``salt``: base64url. ``offset``: seconds, or null; in the chain written in
    its shortest form with a point. ``before``: the chain hash of the row before, if it is retained.
    """

    before = Text()
    seq = Whole(required=True)
    change = Text(required=True)
    commit = Text(required=True)
    record = Text(required=True)
    kind = Text(required=True)
    op = Text(required=True)
    user = Text(required=True)
    device = Text(required=True)
    made_at = Text(required=True)
    offset = Number(required=True, allow_none=True)
    arrived_at = Text(required=True)
    payload = Text(required=True, most=1_000_000)
    salt = Text(required=True)
    digest = Text(required=True)
    chain = Text(required=True)


class SignatureAnswer(Schema):
    """`GET /signatures/{space}/{id}`: a signature with everything that proves it.

    ``snapshot``: the text that was signed; ``device_signature``: ECDSA P-256 over its UTF-8 bytes, r‖s in
    base64url, by the key of ``device``, of which ``device_public_key`` (JWK) is the public half.
    """

    row = Struct(SignatureRow, required=True)
    space = Text(required=True)
    snapshot = Text(required=True, most=200_000)
    device_signature = Text(required=True)
    device_public_key = Table(Anything())
    seal = Struct(SealProof)
    log = Struct(LogProof, required=True)
