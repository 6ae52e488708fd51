"""Pull and scope."""

from marshmallow import Schema

from schemas.fields import Anything, Code, Flag, Id, Instant, Many, Struct, Table, Text, Whole


class PulledRecord(Schema):
    """The newest state of one record; ``versions`` names units whose change is not the creating one."""

    kind = Text(required=True)
    id = Id(required=True)
    seq = Whole(required=True)
    deleted = Flag(required=True)
    data = Table(Anything(), required=True)
    created_by_change = Id(required=True)
    last_change = Id(required=True)
    versions = Table(Id(), required=True)
    contested = Many(Text(), required=True)


class PullAnswer(Schema):
    """One page; only ``more: false`` is a consistent state."""

    epoch = Text(required=True)
    since = Whole(required=True)
    to = Whole(required=True)
    head = Whole(required=True)
    at = Text(required=True)
    backed_up_seq = Whole()
    more = Flag(required=True)
    records = Many(Struct(PulledRecord), required=True, most=100_000)
    checksum = Text(most=16, least=16)


class ScopeSpace(Schema):
    """A space that this user may read. ``type`` and ``name_en`` are additions of ours."""

    space = Text(required=True)
    name = Text(required=True)
    name_en = Text()
    type = Code(("headquarters", "project"), required=True)
    epoch = Text(required=True)
    head = Whole(required=True)


class ScopeUser(Schema):
    """Who is signed in."""

    id = Id(required=True)
    username = Text(required=True)
    name = Text(required=True)


class ScopeAnswer(Schema):
    """What a device follows."""

    spaces = Many(Struct(ScopeSpace), required=True, most=100_000)
    user = Struct(ScopeUser, required=True)
    roles = Table(Many(Text(), required=True), required=True)
    server_time = Instant(required=True)
    protocol = Whole(required=True)
