"""A photo of 5 MB through 50 cuts of the network: nothing is lost, and hardly anything is sent twice (I10).

The app's own uploader runs in Node, against the real server. What arrived of a piece that was cut stays on
the server, which says by HEAD how far it got; pieces carry no checksum, and the whole is hashed at the end.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from PIL import Image

from tests.evidence.desk import sha256
from tests.faults.cutter import WAYS, Cutter
from tests.faults.sender import Sender, tablet_upload
from tests.house import House
from tests.people import HE_GUILAN
from tests.served import Served

CUTS = 50
PAUSE = 0.08
"""Seconds until the next try. The app waits for a second and longer, and a busy server takes a moment to read
what a dead connection brought."""
MOST_AGAIN = 0.05
"""Of the bytes of the photo."""


def noise(size: tuple[int, int], seed: int) -> bytes:
    """A JPEG that cannot be made small: every pixel is chance."""
    pixels = random.Random(seed).randbytes(size[0] * size[1] * 3)
    out = BytesIO()
    Image.frombytes("RGB", size, pixels).save(out, "JPEG", quality=90)
    return out.getvalue()


@dataclass
class Sent:
    """A photo that went through cuts. ``again``: how many bytes were sent more than once, as a share."""

    data: bytes
    ends: dict[str, int]
    cutter: Cutter
    sender: Sender

    @property
    def again(self) -> float:
        return self.cutter.taken / len(self.data) - 1

    def fetched(self) -> str:
        """The hash of what the server gives back."""
        return sha256(self.sender.get(f"/blobs/{sha256(self.data)}").content)


@contextmanager
def sent_through_cuts(folder: Path, program: str = "server.cli", pause: float = PAUSE) -> Iterator[Sent]:
    """A photo of 5 MB that was sent through `CUTS` cuts to a server of its own, which still runs."""
    data = noise((2600, 2200), 5)
    assert 5_000_000 < len(data) < 6_000_000
    photo = folder / "photo.jpg"
    photo.write_bytes(data)
    House(folder / "data").close()
    served = Served(folder / "data", program=program)
    try:
        served.start()
        sender = Sender(served, HE_GUILAN)
        cuts = sorted(random.Random(11).sample(range(1, len(data)), CUTS))
        with closing(Cutter(served.port, cuts, sender.headers)) as cutter:
            said = tablet_upload(cutter, photo, sha256(data), pause)
        yield Sent(data, said["ends"], cutter, sender)
    finally:
        served.kill()


def test_fifty_cuts_cost_less_than_a_twentieth_of_the_photo(tmp_path: Path) -> None:
    with sent_through_cuts(tmp_path) as sent:
        print(f"\n{len(sent.data):,} bytes, {CUTS} cuts: {sent.again:.2%} sent again; {sent.ends}")
        assert sent.ends["done"] == 1
        assert len(sent.cutter.made) == CUTS
        assert set(sent.cutter.made) == set(WAYS)
        assert sent.again <= MOST_AGAIN
        assert sent.fetched() == sha256(sent.data)


def test_a_server_that_forgets_what_was_cut_off_is_caught(tmp_path: Path) -> None:
    """The same measure over a server that takes in whole pieces only."""
    with sent_through_cuts(tmp_path, "tests.faults.broken_server forgets-parts", 0.02) as sent:
        assert sent.again > MOST_AGAIN
