"""Builds the answers about signatures: who signed what, and what proves it (X-07, decision 0013)."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Protocol

import orjson

from schemas.kinds.signature import SNAPSHOT_FORM
from schemas.messages.signatures import SEAL_FORMS
from server.exchange import Identity
from server.failures import Failure
from sync.canonical import read_signable
from sync.records import LogRow

Answer = dict[str, Any]
_LOGGED = ("seq", "change", "commit", "record", "kind", "op", "user", "device", "made_at", "offset",
           "arrived_at", "digest", "chain")  # fmt: skip


class SealLike(Protocol):
    """A seal: canonical JSON, the signature over it, the id of the key."""

    @property
    def payload(self) -> str: ...
    @property
    def seal(self) -> str: ...
    @property
    def key_id(self) -> str: ...


class SignatureLike(Protocol):
    """A signature, the log row that took it in, and its seal."""

    @property
    def id(self) -> str: ...
    @property
    def space(self) -> str: ...
    @property
    def audience(self) -> Collection[str]: ...
    @property
    def data(self) -> Mapping[str, Any]: ...
    @property
    def taken(self) -> LogRow: ...
    @property
    def seal(self) -> SealLike | None: ...


class SignatureStore(Protocol):
    """Where signatures are read."""

    def finding_audience(self, space: str, finding: str) -> Collection[str]: ...
    def of_finding(self, space: str, finding: str) -> Sequence[SignatureLike]: ...
    def one(self, space: str, ident: str) -> SignatureLike | None: ...
    def signed_units(self, records: Collection[str]) -> Mapping[str, Mapping[str, Collection[str]]]: ...
    def chain_before(self, space: str, seq: int) -> str | None: ...


class KeyStore(Protocol):
    """Public keys of devices, as JSON text."""

    def public_key(self, device: str) -> str | None: ...


class SignatureDesk:
    """Answers about signatures for one reader at a time. ``key_id``, ``public_key``: of the server's seal."""

    def __init__(
        self, store: SignatureStore, keys: KeyStore, key_id: str, public_key: Mapping[str, str]
    ) -> None:
        self.store, self.keys = store, keys
        self._seal_key = {"form": SEAL_FORMS[0], "key_id": key_id, "public_key": dict(public_key)}

    def seal_key(self) -> Answer:
        """`GET /seal-key`."""
        return self._seal_key

    def page(self, identity: Identity, space: str, finding: str) -> Answer:
        """`GET /signatures/{space}?finding=`, of a space that one reads.

        Raises:
            Failure: ``not_found`` for a finding that is not there or not to be read.
        """
        audiences = identity.audiences(space)
        if audiences.isdisjoint(self.store.finding_audience(space, finding)):
            raise Failure("not_found")
        found = self.store.of_finding(space, finding)
        return {"signatures": [self._row(one) for one in found if not audiences.isdisjoint(one.audience)]}

    def one(self, identity: Identity, space: str, ident: str) -> Answer:
        """`GET /signatures/{space}/{id}`, of a space that one reads.

        Raises:
            Failure: ``not_found`` for a signature that is not there or not to be read.
        """
        found = self.store.one(space, ident)
        if found is None or identity.audiences(space).isdisjoint(found.audience):
            raise Failure("not_found")
        key = self.keys.public_key(found.data["device"])
        return {
            "row": self._row(found),
            "space": space,
            "snapshot": found.data["snapshot"],
            "device_signature": found.data["device_signature"],
            **({"device_public_key": orjson.loads(key)} if key else {}),
            **({"seal": _seal(found.seal)} if found.seal is not None else {}),
            "log": self._log(space, found.taken),
        }

    def _row(self, signature: SignatureLike) -> Answer:
        shown = read_signable(signature.data["snapshot"], SNAPSHOT_FORM) or {}
        lines = [(line["record"], line["unit"]) for line in shown.get("lines", ())]
        signed = self.store.signed_units({record for record, _ in lines})
        covers = all(signature.id in signed.get(record, {}).get(unit, ()) for record, unit in lines)
        return {**_row(signature, shown), "covers": bool(lines) and covers}

    def _log(self, space: str, row: LogRow) -> Answer:
        before = self.store.chain_before(space, row.seq)
        return {
            **({"before": before} if before is not None else {}),
            **{name: getattr(row, name) for name in _LOGGED},
            "payload": row.payload.decode(),
            "salt": urlsafe_b64encode(row.salt).decode().rstrip("="),
        }


def _row(signature: SignatureLike, shown: Mapping[str, Any]) -> Answer:
    data = signature.data
    people = {name: _person(data[name], shown.get(name)) for name in ("signer", "recorded_by", "witness")
              if data.get(name)}  # fmt: skip
    optional = {name: data[name] for name in ("reason", "outcome") if data.get(name)}
    return {
        "id": signature.id,
        **{name: data[name] for name in ("act", "check", "findings", "device", "signed_at")},
        **people,
        **optional,
        "arrived_at": signature.taken.arrived_at,
        "seq": signature.taken.seq,
        "sealed": signature.seal is not None,
    }


def _person(ident: str, shown: Any) -> Answer:
    """As he was shown; what was taken in before snapshots were judged may not say."""
    name = shown.get("name") if isinstance(shown, dict) else None
    return {"id": ident, "name": name if isinstance(name, str) else ""}


def _seal(seal: SealLike) -> Answer:
    return {"payload": seal.payload, "seal": seal.seal, "key_id": seal.key_id}
