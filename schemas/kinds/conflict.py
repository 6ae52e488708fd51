"""冲突: one open conflict per record and unit, written by the engine only (`protocol.md` section 4)."""

from marshmallow import RAISE, Schema

from schemas.fields import Anything, Code, Flag, Id, Instant, Many, Number, Struct, Text, Whole
from schemas.record import HEADQUARTERS, PROJECT, Kind, RecordSchema


class Side(Schema):
    """One value with who set it, when (raw device time and measured offset) and on which device.

    ``base``: what its author had seen; ``signed``: the signatures that cover it.
    """

    class Meta:
        unknown = RAISE

    change = Id(required=True)
    value = Anything()
    author = Text(most=60)
    device = Text(most=60)
    made_at = Instant()
    offset = Number()
    arrived_at = Instant()
    seq = Whole()
    base = Id()
    signed = Many(Id())


class SyncConflict(RecordSchema):
    """What is current, what competes with it, and how it was decided."""

    kind = Kind(
        "sync_conflict", "同步冲突", "Sync conflict", spaces=(HEADQUARTERS, PROJECT), server_only=True
    )
    record = Id(required=True, merge="once")
    record_kind = Text(required=True, most=60, merge="once")
    unit = Text(required=True, most=60, merge="once")
    reason = Code(("diverged", "changed_after_signature", "deleted", "rule"), required=True)
    base = Struct(Side)
    current = Struct(Side)
    rivals = Many(Struct(Side), required=True)
    proposal = Anything()
    state = Code(("open", "resolved"), required=True, group="state")
    decided_by = Text(most=60, group="state")
    decided_at = Instant(group="state")
    decision_reason = Text(most=1000, group="state")
    decision = Id(group="state")
    signature_needed = Flag(group="state")
