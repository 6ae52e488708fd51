"""Deciding conflicts at the desk (`protocol.md` section 2, requirements X-05, X-06)."""

from marshmallow import RAISE, Schema

from schemas.fields import (
    Anything,
    Because,
    Code,
    Flag,
    Id,
    Instant,
    Many,
    Number,
    Struct,
    Table,
    Text,
    Whole,
)
from schemas.messages.office import PersonName, PhotoRow, PostName

REASONS = ("diverged", "rule", "deleted", "changed_after_signature")
CONFLICT_STATES = ("open", "resolved")
MANY = 100_000


class ResolveRequest(Schema):
    """`POST /conflicts/{id}/resolve`.

    ``commit``: a fresh id, the same one again gives the same answer. ``seen``: the changes that the reviewer
    has seen, the current version and all rivals. ``value``: of the unit (a group: all its fields).
    """

    class Meta:
        unknown = RAISE

    commit = Id(required=True)
    seen = Many(Id(), required=True, least=1, most=1000)
    value = Anything(required=True, allow_none=True)
    reason = Because(required=True, most=1000)


class DeviceName(Schema):
    """A device as screens name it."""

    id = Text(required=True)
    name = Text(required=True)


class ConflictSide(Schema):
    """One value with who, when (raw, and corrected by the offset of that device in seconds) and where.

    ``offline_seconds``: from the corrected moment to arrival. ``signed``: the signatures that cover it.
    """

    change = Id(required=True)
    value = Anything()
    author = Struct(PersonName)
    device = Struct(DeviceName)
    made_at = Instant()
    offset = Number()
    corrected_at = Instant()
    arrived_at = Instant()
    offline_seconds = Whole()
    seq = Whole()
    signed = Many(Id(), required=True)


class ConflictRow(Schema):
    """A conflict in the list: what it is about, in words that a reviewer knows.

    ``about`` names post, area and item where the record has them; ``opened_at`` is when its first rival
    arrived, ``waiting_seconds`` how long it has been open (until it was decided).
    """

    id = Id(required=True)
    space = Text(required=True)
    record = Id(required=True)
    record_kind = Text(required=True)
    unit = Text(required=True)
    reason = Code(REASONS, required=True)
    state = Code(CONFLICT_STATES, required=True)
    opened_at = Instant(required=True)
    waiting_seconds = Whole(required=True)
    rivals = Whole(required=True)
    people = Many(Struct(PersonName), required=True)
    post = Struct(PostName)
    area = Struct(PostName)
    item = Text()
    item_name = Text()
    item_name_en = Text()
    description = Text()
    decided_by = Struct(PersonName)
    decided_at = Instant()


class ConflictList(Schema):
    """`GET /conflicts?space=&state=open`: the longest waiting first; decided ones: the newest first.

    ``open`` counts what waits in every space that this user reviews: conflicts, those of them that changed
    after a signature, and parked commits.
    """

    conflicts = Many(Struct(ConflictRow), required=True, most=MANY)
    open = Table(Whole(), required=True)


class ConflictPhoto(PhotoRow):
    """A photo with whoever took it."""

    author = Struct(PersonName, required=True)


class ConflictAnswer(Schema):
    """`GET /conflicts/{id}`: everything that a decision needs.

    ``fields``: the fields of the unit. ``merged``: other units that the rivals' commits changed and that
    merged by themselves. ``data``: the record as it stands. ``photos``: every photo that a side or the record
    names, by id. ``names``: people named in values, by id. ``seen``: what a decision must send back.
    ``proposal``: the change that the policy proposes, if it does. ``may_decide``: this user may.
    """

    row = Struct(ConflictRow, required=True)
    fields_ = Many(Text(), required=True, data_key="fields")
    base = Struct(ConflictSide)
    current = Struct(ConflictSide, required=True)
    rivals = Many(Struct(ConflictSide), required=True)
    merged = Many(Text(), required=True)
    data = Table(Anything(), required=True)
    photos = Many(Struct(ConflictPhoto), required=True, most=5000)
    names = Table(Text(), required=True)
    seen = Many(Id(), required=True)
    proposal = Id()
    decision_value = Anything()
    decision_reason = Text()
    signature_needed = Flag()
    may_decide = Flag(required=True)
