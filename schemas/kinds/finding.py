"""问题: what was found, how it was judged and put right (requirements Q1-3.4, Q1-3.5, Q1-4.4n to 4.6f)."""

from marshmallow import RAISE, Schema

from schemas.fields import Code, Elements, Flag, Id, Instant, Many, Struct, Text, Whole
from schemas.kinds.inspection import LEVELS
from schemas.kinds.standard import ATTRIBUTIONS, CLASSES, DISPOSITIONS
from schemas.record import Kind, RecordSchema

STATES = ("open", "evaluated", "acknowledged", "correcting", "corrected", "verified", "closed",
          "verification_failed", "conceded")  # fmt: skip


class CorrectionEntry(Schema):
    """纠正: result, who did it, when, photos (Q1-4.6e)."""

    class Meta:
        unknown = RAISE

    result = Text(required=True, least=1, most=1000)
    corrected_by = Id(required=True)
    recorded_by = Id(required=True)
    corrected_at = Instant(required=True)
    photos = Many(Id(), most=20)


class VerificationEntry(Schema):
    """验证 of a correction, never by whoever corrected (Q1-4.6f)."""

    class Meta:
        unknown = RAISE

    correction = Id(required=True)
    passed = Flag(required=True)
    verified_by = Id(required=True)
    verified_at = Instant(required=True)
    note = Text(most=1000)


class CommentEntry(Schema):
    """A remark of somebody who may read the finding (Q1-3.2.4a)."""

    class Meta:
        unknown = RAISE

    text = Text(required=True, least=1, most=1000)
    by = Id(required=True)
    at = Instant(required=True)


class Finding(RecordSchema):
    """One line of the inspection record sheet: observation or nonconformity (Q1-4.4n).

    ``evaluation`` is one merge unit: class, attribution, disposition and deadline only make sense together.
    ``proposed_class`` is the item's default; it is no evaluation (Q1-3.4.1a). ``acknowledgement`` names the
    newest signature, refusal or absence that stands for it (Q1-4.4o, Q1-4.4p).
    """

    kind = Kind("finding", "问题", "Finding", clear={"unit": "unit", "due": "due_at"})
    check = Id(required=True, ref=("area_check",), merge="once")
    unit = Id(required=True, ref=("post", "area"), merge="once")
    post = Id(required=True, ref=("post",), merge="once")
    level = Code(LEVELS, required=True, merge="once")
    item = Text(required=True, least=1, most=20, merge="once")
    standard_version = Whole(required=True, least=1, merge="once")
    found_by = Id(required=True, merge="once")
    found_at = Instant(required=True, merge="once")
    description = Text(required=True, least=1, most=1000)
    photos = Elements(Id(ref=("photo",)), merge="union")
    no_photo_reason = Text(most=300)
    proposed_class = Code(CLASSES, required=True, merge="once")
    class_ = Code(CLASSES, data_key="class", group="evaluation")
    class_table_version = Whole(least=1, group="evaluation")
    attribution = Code(ATTRIBUTIONS, group="evaluation")
    responsible_person = Id(group="evaluation")
    disposition = Code(DISPOSITIONS, group="evaluation")
    due_at = Instant(group="evaluation")
    state = Code(STATES, required=True, group="state")
    present = Code(("present", "excused"), group="state")
    excuse = Text(most=500, group="state")
    acknowledgement = Id(ref=("signature",), group="state")
    note = Text(most=1000)
    tags = Elements(Text(most=40), merge="union")
    corrections = Elements(Struct(CorrectionEntry), merge="append")
    verifications = Elements(Struct(VerificationEntry), merge="append")
    comments = Elements(Struct(CommentEntry), merge="append")
