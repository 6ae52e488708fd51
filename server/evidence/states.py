"""What became of the bytes that a photo record names: waiting, held or refused (`protocol.md` section 6)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from server.evidence.ports import HeldBlob
from server.evidence.refusals import Words, words

# sha256, mime, user, code, verified
RefusalRow = tuple[str, str, str, str, bool]


@dataclass(frozen=True)
class BlobState:
    """``reason`` says why the bytes were refused."""

    state: Literal["waiting", "held", "refused"]
    reason: Words | None = None


def state_of(
    sha256: str, mime: str, author: str, held: Mapping[str, HeldBlob], refusals: Iterable[RefusalRow]
) -> BlobState:
    """The state of the bytes of a photo record that declares them as ``mime``.

    A refusal of bytes that the server hashed counts for every record that names them; one of bytes that
    were only announced counts for the records of whoever announced them, else anybody could have a photo
    of somebody else shown as refused.
    """
    blob = held.get(sha256)
    if blob is not None:
        return BlobState("held") if blob.mime == mime else BlobState("refused", words("wrong_kind"))
    for refused, declared, user, code, verified in refusals:
        if (refused, declared) == (sha256, mime) and (verified or user == author):
            return BlobState("refused", words(code))
    return BlobState("waiting")
