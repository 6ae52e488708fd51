"""How every refusal of a whole request looks."""

from marshmallow import Schema

from schemas.fields import Anything, Text, Whole


class Problem(Schema):
    """``code`` of the failures catalogue, a message in Chinese and English, details.

    ``wipe``: this device must be wiped, ``true`` once it has handed in all that it holds, ``"now"`` at once.
    """

    code = Text(required=True)
    status = Whole(required=True)
    message = Text(required=True)
    message_en = Text(required=True)
    detail = Anything()
    wipe = Anything()
