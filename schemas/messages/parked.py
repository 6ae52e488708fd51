"""Commits that were not applied, as reviewers and authors look at them (`protocol.md` section 2)."""

from marshmallow import RAISE, Schema

from schemas.fields import Anything, Because, Code, Id, Instant, Many, Struct, Text, Whole
from schemas.messages.office import PersonName
from schemas.messages.push import Reason

PARKED_STATES = ("parked", "accepted", "discarded")
MANY = 100_000


class ParkedCommit(Schema):
    """A commit as it was received, with why it was not applied and what it waits for.

    ``message`` and ``message_en`` are the words of ``reason``'s code.
    """

    id = Id(required=True)
    space = Text(required=True)
    user = Id(required=True)
    author = Struct(PersonName, required=True)
    device = Text(required=True)
    device_name = Text()
    n = Whole()
    commit = Anything(required=True)
    reason = Struct(Reason, required=True)
    message = Text()
    message_en = Text()
    waits_for = Many(Text(), required=True)
    arrived_at = Instant(required=True)
    state = Code(PARKED_STATES, required=True)


class RecordName(Schema):
    """What a record that a commit names is called; a finding by its description."""

    id = Id(required=True)
    kind = Text(required=True)
    name = Text(required=True)
    name_en = Text()


class ParkedAnswer(Schema):
    """`GET /parked`. ``names``: of the records that the commits name, as far as the reader may read them."""

    parked = Many(Struct(ParkedCommit), required=True, most=MANY)
    names = Many(Struct(RecordName), required=True, most=MANY)


class DiscardRequest(Schema):
    """`POST /parked/{id}/discard`."""

    class Meta:
        unknown = RAISE

    reason = Because(required=True, most=1000)
