"""Photos: every byte is there, and none was let go before the server had said so (I10)."""

from __future__ import annotations

from collections.abc import Iterator

from tests.simulation.client.dump import Evidence, Json

_FINAL = ("applied", "merged", "conflict")


def bytes_are_whole(evidence: Evidence) -> Iterator[str]:
    """What the server gives back for each photo of a saved commit hashes to its name."""
    for name, tablet in evidence.tablets.items():
        if name in evidence.forfeited:
            continue
        for saved in tablet["saved"]:
            for sha256 in saved["blobs"]:
                given = evidence.photos.get(sha256)
                if given != sha256:
                    yield f"I10 photo {sha256[:12]} of {name} ({saved['id']}): the server gives {given}"


def none_was_let_go_too_early(evidence: Evidence) -> Iterator[str]:
    """I10: bytes leave a tablet only after a `have`, asked after the acknowledgement of all that refers to
    them."""
    for name, tablet in evidence.tablets.items():
        if name in evidence.forfeited:
            continue
        enough = (*_FINAL, "parked") if name in evidence.handed_in else _FINAL
        for sha256 in {sha256 for saved in tablet["saved"] for sha256 in saved["blobs"]}:
            if sha256 in tablet["bytes"]:
                continue
            held = tablet["held"].get(sha256)
            acknowledged = _acknowledged(tablet, sha256, enough)
            if held is None:
                yield f"I10 {name} let go of {sha256[:12]}, and the server had never said that it holds it"
            elif acknowledged is None or held < acknowledged:
                yield f"I10 {name} let go of {sha256[:12]} on a word older than the acknowledgement"


def _acknowledged(tablet: Json, sha256: str, enough: tuple[str, ...]) -> int | None:
    """When the last of the commits that refer to a photo was first acknowledged; ``None``: not all were."""
    first: dict[str, int] = {}
    for heard in tablet["answers"]:
        if heard["result"]["status"] in enough:
            first.setdefault(heard["result"]["commit"], heard["at"])
    moments = [first.get(saved["id"]) for saved in tablet["saved"] if sha256 in saved["blobs"]]
    known = [moment for moment in moments if moment is not None]
    return max(known) if len(known) == len(moments) else None
