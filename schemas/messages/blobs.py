"""Which blobs the server holds."""

from marshmallow import RAISE, Schema

from schemas.fields import Many, Text
from schemas.kinds.evidence import SHA256_PATTERN


class HaveRequest(Schema):
    """`POST /blobs/have`."""

    class Meta:
        unknown = RAISE

    sha256 = Many(Text(most=64, least=64, pattern=SHA256_PATTERN), required=True, most=1000)


class HaveAnswer(Schema):
    """Those that the server holds, hashed by itself; only of blobs that this user sent or may read."""

    held = Many(Text(), required=True)
