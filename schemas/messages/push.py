"""Push: commits up, one result per commit down."""

from marshmallow import RAISE, Schema

from schemas.fields import Anything, Code, Flag, Id, Instant, Many, Number, Struct, Table, Text, Whole

MOST_CHANGES, MOST_COMMIT_BYTES, MOST_PUSH_BYTES, MOST_DEPTH = 200, 256 * 1024, 1024 * 1024, 16
MOST_COMMITS = 5_000
"""Of one push. The smallest commit that can be applied has some 250 bytes, so more of them never fit into
one; what is no commit at all parks one by one, and must not cost much more than it did to send."""


class Clock(Schema):
    """Offset in seconds as measured at the last contact (device minus server); ``jumped``: wall and monotonic
    time have disagreed since."""

    class Meta:
        unknown = RAISE

    offset = Number(required=True)
    jumped = Flag(required=True)


class ChangeElement(Schema):
    """An element that a change adds to a union or append field."""

    class Meta:
        unknown = RAISE

    id = Id(required=True)
    value = Anything(required=True, allow_none=True)


class Change(Schema):
    """What one person did to one record. ``set`` and ``add`` are judged by the kind."""

    class Meta:
        unknown = RAISE

    id = Id(required=True)
    op = Code(("create", "patch", "delete"), required=True)
    kind = Text(required=True, least=1, most=60)
    record = Id(required=True)
    base = Table(Id(allow_none=True))
    set = Table(Anything())
    add = Table(Many(Struct(ChangeElement)))
    remove = Table(Many(Id()))
    audience = Many(Text(most=60), most=8)


class Commit(Schema):
    """The changes of one act; the unit of idempotency."""

    class Meta:
        unknown = RAISE

    id = Id(required=True)
    n = Whole(required=True, least=1)
    made_at = Instant(required=True)
    clock = Struct(Clock, required=True)
    format = Whole(least=1)
    changes = Many(Struct(Change), required=True, least=1, most=MOST_CHANGES)


class Push(Schema):
    """The envelope. ``commits`` are judged one by one, so that a broken one parks alone."""

    class Meta:
        unknown = RAISE

    device = Id(required=True)
    user = Id(required=True)
    protocol = Whole(required=True, least=1, most=1000)
    device_time = Instant(required=True)
    unsent = Whole(required=True)
    commits = Many(Anything(), required=True, most=MOST_COMMITS)


class Reason(Schema):
    """Why a commit was parked: code of the failures catalogue, details for a person, the change concerned."""

    code = Text(required=True)
    detail = Anything()
    change = Id()


class Result(Schema):
    """What became of one commit."""

    commit = Text(required=True)
    status = Code(("applied", "merged", "conflict", "parked", "retry"), required=True)
    replayed = Flag(required=True)
    seqs = Table(Whole(), required=True)
    conflicts = Many(Id(), required=True, most=20_000)
    reason = Struct(Reason)


class PushAnswer(Schema):
    """The answer to a push."""

    epoch = Text(required=True)
    head = Whole(required=True)
    server_time = Instant(required=True)
    backed_up_seq = Whole()
    results = Many(Struct(Result), required=True, most=100_000)
