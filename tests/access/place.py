"""Something of everything in 青砚里, and everybody signed in: what endpoints are called with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.access.endpoints import a_parked_commit
from tests.access.roles import sign_in_all
from tests.api.desk import MOMENT, Finding
from tests.api.estate import P029_A1, Estate, Tablet, photo_of
from tests.evidence.desk import body, metadata, sha256
from tests.evidence.pictures import photo
from tests.people import HE_GUILAN, QINGYANLI, YAO_CHUNYAN
from tests.signing import DeviceKey, sign_in_with, signature

PICTURE = photo(7, size=(400, 300))


@dataclass
class Place:
    """Something of everything, and everybody."""

    estate: Estate
    tablets: dict[str, Tablet]
    lead: Tablet
    check: str
    conflict: str
    sha256: str
    upload: str
    signed: str
    signature: str

    def parked(self) -> str:
        return a_parked_commit(self.lead)


@contextmanager
def furnished_place(folder: Path) -> Iterator[Place]:
    """A house with such a place, in this process."""
    estate = Estate(folder, MOMENT)
    (estate.data / "app" / "index.html").write_text("<!doctype html>")
    lead, other = estate.tablet(HE_GUILAN), estate.tablet(YAO_CHUNYAN)
    finding = Finding(lead)
    lead.save(QINGYANLI, finding.patch({"note": "一"}, {"note": None}))
    conflict = other.save(QINGYANLI, finding.patch({"note": "二"}, {"note": None}))["conflicts"][0]
    tus, data = estate.services.parts["tus"], PICTURE
    sent = tus.create(HE_GUILAN.id, str(len(data)), metadata(sha256(data), "image/jpeg"))
    tus.receive(HE_GUILAN.id, sent.id, "0", None, body(data))
    assert (
        lead.save(QINGYANLI, photo_of(HE_GUILAN, finding.check, P029_A1, sha256(data)))["status"] == "applied"
    )
    begun = tus.create(HE_GUILAN.id, "9", metadata(sha256(b"123456789"), "image/jpeg"))
    signed, made = signed_finding(lead)
    yield Place(estate, sign_in_all(estate), lead, finding.check, conflict, sha256(data),
                f"/api/v1/blobs/tus/{begun.id}", signed, made)  # fmt: skip
    estate.close()


def signed_finding(lead: Tablet) -> tuple[str, str]:
    """A finding that 何桂兰 has signed herself, and the signature."""
    key = DeviceKey()
    sign_in_with(lead, key)
    finding = Finding(lead)
    lead.save(QINGYANLI, finding.evaluate(responsible_person=HE_GUILAN.id))
    made = signature(lead, key, [finding.id], HE_GUILAN)
    assert lead.save(QINGYANLI, made)["status"] == "applied"
    return finding.id, made["record"]
