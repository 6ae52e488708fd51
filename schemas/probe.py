"""One field of each sort, as kinds use them: what every judge must judge alike (``examples/probes.json``)."""

from marshmallow import Schema

from schemas.fields import Code, Day, Elements, Flag, Id, Instant, Many, Text, Whole


class Probe(Schema):
    """Never sent; exported as ``generated/probe.json``."""

    id = Id(required=True)
    whole = Whole(most=1000)
    day = Day()
    instant = Instant()
    text = Text(most=10)
    code = Code(("conform", "nonconform"))
    flag = Flag()
    many = Many(Text(most=5), most=3)
    elements = Elements(Text(most=5), merge="union")
