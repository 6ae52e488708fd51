"""Tables about blobs: what is held, who sent it, what was refused, which records name it."""

from __future__ import annotations

from peewee import BigIntegerField, CompositeKey, IntegerField, Model, TextField


class BlobRow(Model):
    """A blob that is held: hashed by the server, flushed, examined. ``mime``: what it was found to be."""

    sha256 = TextField(primary_key=True)
    mime = TextField()
    bytes = BigIntegerField()
    width = IntegerField()
    height = IntegerField()
    arrived_at = TextField()

    class Meta:
        table_name = "blobs"


class BlobSender(Model):
    """Who sent which bytes, and when first."""

    sha256 = TextField()
    user = TextField()
    bytes = BigIntegerField()
    sent_at = TextField()

    class Meta:
        table_name = "blob_senders"
        primary_key = CompositeKey("sha256", "user")
        indexes = ((("user", "sent_at"), False),)


class BlobRefusal(Model):
    """Bytes that were refused as an image of ``mime``; ``verified``: hashed here, else only announced."""

    sha256 = TextField()
    mime = TextField()
    user = TextField()
    code = TextField()
    detail = TextField()
    verified = IntegerField()
    refused_at = TextField()

    class Meta:
        table_name = "blob_refusals"
        primary_key = CompositeKey("sha256", "mime", "user")


class PhotoUse(Model):
    """A photo record by the hash that it names; a projection of the live records of kind ``photo``."""

    record = TextField(primary_key=True)
    space = TextField()
    sha256 = TextField(index=True)
    author = TextField()
    audience = TextField()

    class Meta:
        table_name = "photo_uses"


class ParkedPhoto(Model):
    """A hash that a parked commit names: it refers to those bytes as long as it is parked."""

    parked = TextField()
    sha256 = TextField(index=True)

    class Meta:
        table_name = "parked_photos"
        primary_key = CompositeKey("parked", "sha256")


BLOB_MODELS: list[type[Model]] = [BlobRow, BlobSender, BlobRefusal, PhotoUse, ParkedPhoto]
