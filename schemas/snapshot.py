"""What a signature's snapshot holds: the shape of decision 0013, exactly (`protocol.md` section 8, X-07).

A snapshot is read as it was signed and is never raised to a later form: a new shape is a new ``form``.
"""

from typing import Any

from marshmallow import RAISE, Schema
from marshmallow.exceptions import ValidationError

from schemas.fields import (
    Anything,
    Code,
    Id,
    Instant,
    Many,
    StrictField,
    Struct,
    Table,
    Text,
    Whole,
    object_schema,
)
from schemas.kinds.signature import ACTS, SNAPSHOT_FORM

MOST_FINDINGS, MOST_LINES = 20, 200
# A pen may leave the pad; what no pad could give is no stroke.
FARTHEST, LONGEST_MS = 1_000_000, 24 * 3_600_000


class Strokes(StrictField):
    """Strokes of a pen, each of at least one point ``[x, y, ms]``.

    A field of its own because there are thousands of points: one loop instead of a field for each number.
    """

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[Any]:
        if not isinstance(value, list):
            raise self.refuse("not a list")
        for stroke in value:
            if not isinstance(stroke, list) or not stroke or not all(map(_is_point, stroke)):
                raise self.refuse("not a list of points [x, y, ms]")
        return value

    def value_schema(self) -> dict[str, Any]:
        place = {"type": "integer", "minimum": -FARTHEST, "maximum": FARTHEST}
        moment = {"type": "integer", "minimum": 0, "maximum": LONGEST_MS}
        point = {"type": "array", "prefixItems": [place, place, moment], "minItems": 3, "maxItems": 3}
        return {"type": "array", "items": {"type": "array", "minItems": 1, "items": point}}


def _is_point(point: Any) -> bool:
    if type(point) is not list or len(point) != 3 or any(type(number) is not int for number in point):
        return False
    x, y, moment = point
    return bool(max(abs(x), abs(y)) <= FARTHEST and 0 <= moment <= LONGEST_MS)


class _Strict(Schema):
    class Meta:
        unknown = RAISE


class Shown(_Strict):
    """A person, by the name under which he was shown."""

    id = Id(required=True)
    name = Text(required=True)


class ShownPlace(Shown):
    """A post or an area; without code where the tablet did not know it."""

    code = Text(required=True)


class ShownCode(_Strict):
    """A class or an attribution in the signer's language."""

    code = Text(required=True)
    name = Text(required=True)


class ShownItem(ShownCode):
    """A check item with what it asks for."""

    criterion = Text(required=True, most=4000)


class ShownPhoto(_Strict):
    """A photo by its record and the SHA-256 of its bytes."""

    id = Id(required=True)
    sha256 = Text(required=True, most=64, least=64, pattern="^[0-9a-f]{64}$")


class ShownFinding(_Strict):
    """One finding as the signer read it."""

    record = Id(required=True)
    post = Struct(ShownPlace, required=True)
    area = Struct(ShownPlace, required=True, allow_none=True)
    item = Struct(ShownItem, required=True)
    description = Text(required=True, most=4000)
    no_photo_reason = Text(required=True, allow_none=True, most=4000)
    photos = Many(Struct(ShownPhoto), required=True)
    class_ = Struct(ShownCode, required=True, data_key="class")
    attribution = Struct(ShownCode, required=True)
    responsible_person = Struct(Shown, required=True, allow_none=True)


class ShownLine(_Strict):
    """The same for machines: a unit with the change that wrote what was shown, and its bound values."""

    record = Id(required=True)
    unit = Text(required=True, least=1, most=60)
    version = Id(required=True)
    fields_ = Many(Text(least=1, most=60), required=True, least=1, most=20, data_key="fields")
    value = Table(Anything(allow_none=True), required=True)


class Identified(_Strict):
    """How the signer identified himself: by which version of his PIN, or not at all."""

    by = Code(("pin", "none"), required=True)
    pin_version = Whole(least=1, allow_none=False)


class Snapshot(_Strict):
    """The whole: who signed (or refused, or was absent), what was on the screen, and the strokes."""

    form = Code((SNAPSHOT_FORM,), required=True)
    signature = Id(required=True)
    act = Code(ACTS, required=True)
    check = Id(required=True)
    unit = Id(required=True)
    device = Id(required=True)
    signer = Struct(Shown, required=True)
    recorded_by = Struct(Shown, required=True)
    witness = Struct(Shown, required=True, allow_none=True)
    reason = Text(required=True, allow_none=True, most=500)
    signed_at = Instant(required=True)
    clock_offset_ms = Whole(required=True, allow_none=True, least=-(2**45), most=2**45)
    identified = Struct(Identified, required=True)
    language = Code(("zh-CN", "en"), required=True)
    findings = Many(Struct(ShownFinding), required=True, least=1, most=MOST_FINDINGS)
    lines = Many(Struct(ShownLine), required=True, least=1, most=MOST_LINES)
    strokes = Strokes(required=True)
    typed_name = Text(required=True, allow_none=True)


_SNAPSHOT = Snapshot()


def snapshot_problem(shown: Any) -> str | None:
    """Which part of a snapshot is not of its shape, as a path with dots; ``None`` if all of it is."""
    try:
        _SNAPSHOT.load(shown)
    except ValidationError as error:
        return _first(error.messages) or "snapshot"
    return None


def snapshot_schema() -> dict[str, Any]:
    """JSON Schema of a snapshot, once parsed."""
    return object_schema(_SNAPSHOT)


def _first(messages: Any) -> str:
    if not isinstance(messages, dict) or not messages:
        return ""
    name, below = next(iter(messages.items()))
    deeper = _first(below)
    return f"{name}.{deeper}" if deeper else str(name)
