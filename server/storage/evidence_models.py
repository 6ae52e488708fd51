"""Tables about signatures: the server's seals, and which signature is about which finding."""

from __future__ import annotations

from peewee import BigIntegerField, CompositeKey, Model, TextField


class SealRow(Model):
    """The seal of a signature, made in the transaction that took it in. ``payload``: canonical JSON of
    decision 0013; ``seal``: r‖s in base64url over its UTF-8 bytes; ``key_id``: thumbprint of the key."""

    signature = TextField(primary_key=True)
    space = TextField()
    seq = BigIntegerField()
    payload = TextField()
    seal = TextField()
    key_id = TextField()

    class Meta:
        table_name = "seals"


class SignedFinding(Model):
    """A finding that a signature names; a projection of the records of kind ``signature``."""

    finding = TextField()
    signature = TextField()

    class Meta:
        table_name = "signed_findings"
        primary_key = CompositeKey("finding", "signature")


EVIDENCE_MODELS: list[type[Model]] = [SealRow, SignedFinding]
