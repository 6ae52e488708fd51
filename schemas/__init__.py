"""The contract: every kind of record and every message, declared once as marshmallow classes."""
