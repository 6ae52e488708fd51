"""Photos; the bytes travel apart from the record (requirements Q1-4.4q, X-04)."""

from schemas.fields import Code, Id, Instant, Text, Whole
from schemas.record import Kind, RecordSchema

SHA256_PATTERN = "^[0-9a-f]{64}$"
PHOTO_TYPES = ("image/jpeg", "image/png", "image/webp", "image/heic")


class Photo(RecordSchema):
    """照片: named by the SHA-256 of its bytes; append-only."""

    kind = Kind("photo", "照片", "Photo", clear={"unit": "unit"})
    sha256 = Text(required=True, least=64, most=64, pattern=SHA256_PATTERN, merge="once")
    mime = Code(PHOTO_TYPES, required=True, merge="once")
    bytes = Whole(required=True, least=1, most=30_000_000, merge="once")
    width = Whole(required=True, least=1, most=60_000, merge="once")
    height = Whole(required=True, least=1, most=60_000, merge="once")
    taken_at = Instant(required=True, merge="once")
    clock_offset_ms = Whole(least=-(2**45), most=2**45, merge="once")
    source = Code(("camera", "file"), required=True, merge="once")
    author = Id(required=True, merge="once")
    unit = Id(required=True, ref=("post", "area"), merge="once")
    check = Id(required=True, ref=("area_check",), merge="once")
    item = Text(most=20, merge="once")
