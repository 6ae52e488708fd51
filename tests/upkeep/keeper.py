"""A device as `protocol.md` section 5 wants it, as far as a restored server is concerned.

It keeps acknowledged commits until a backup has passed them, rebuilds at 410, and then sends again what it
holds. A photo's bytes it lets go of once the server says that it has them.
"""

from __future__ import annotations

import hashlib
from typing import Any

from tests.api.estate import photo_of
from tests.evidence.pictures import photo
from tests.factories import area_check, inspection
from tests.people import QINGYANLI, Person
from tests.remote import Remote


class Keeper:
    """One person's device in one space. ``made``: every commit ever acknowledged, by id."""

    def __init__(self, address: str, person: Person, post: str, seed: int = 0) -> None:
        """``post``: where photos are taken; ``seed``: of the first one."""
        self.remote = Remote(address, person).sign_in()
        self.post = post
        self.made: dict[str, dict[str, Any]] = {}
        self.held: dict[str, dict[str, Any]] = {}
        self.settled: dict[str, tuple[str, int]] = {}
        """By commit: epoch and last seq of its acknowledgement."""
        self.base: dict[str, dict[str, Any]] = {}
        self.cursor: dict[str, Any] = {"since": 0, "epoch": "", "at": ""}
        self.photos: list[str] = []
        self.rebuilt = 0
        self._seed = seed

    def work(self) -> None:
        """One more commit, acknowledged."""
        self.send([self.remote.commit(inspection(self.remote.person))])

    def take_photo(self) -> str:
        """A photo of a check, sent with its bytes; then the bytes leave the device. Its hash."""
        self._seed += 1
        data, remote = photo(self._seed), self.remote
        name, round_of_day = hashlib.sha256(data).hexdigest(), inspection(remote.person)
        check = area_check(remote.person, round_of_day["record"], self.post)
        shot = photo_of(remote.person, check["record"], self.post, name, bytes=len(data))
        self.send([remote.commit(round_of_day, check, shot)])
        path = remote.begin_upload(data)
        assert remote.send(path, 0, data).status_code == 204
        assert remote.post("/blobs/have", json={"sha256": [name]}).json() == {"held": [name]}
        self.photos.append(name)
        return name

    def send(self, commits: list[dict[str, Any]]) -> None:
        """Push, and keep what is acknowledged."""
        for start in range(0, len(commits), 50):
            answer = self.remote.push(QINGYANLI, *commits[start : start + 50])
            for commit, result in zip(commits[start : start + 50], answer["results"], strict=True):
                assert result["status"] == "applied", result
                self.made[commit["id"]] = self.held[commit["id"]] = commit
                self.settled[commit["id"]] = (answer["epoch"], max(result["seqs"].values()))

    def pull(self) -> None:
        """Follow to the end; rebuild and send again if the server is another one than it was."""
        while True:
            answer = self.remote.get(f"/sync/{QINGYANLI}/pull", **self.cursor)
            if answer.status_code == 410:
                self.base, self.cursor = {}, {"since": 0, "epoch": "", "at": ""}
                self.rebuilt += 1
                continue
            assert answer.status_code == 200, answer.text
            page = answer.json()
            self.base |= {row["id"]: row for row in page["records"]}
            self.cursor = {"since": page["to"], "epoch": page["epoch"], "at": page["at"]}
            if not page["more"]:
                break
        earlier = [commit for ident, commit in self.held.items() if self.settled[ident][0] != page["epoch"]]
        if earlier:
            self.send(sorted(earlier, key=lambda commit: commit["n"]))
            self.pull()
            return
        self._let_go(page["epoch"], page["backed_up_seq"])

    def _let_go(self, epoch: str, backed_up: int | None) -> None:
        for ident in list(self.held):
            if self.settled[ident][0] == epoch and self.settled[ident][1] <= (backed_up or 0):
                del self.held[ident]

    def lost(self) -> list[str]:
        """Records that were acknowledged and that the server does not have."""
        wanted = {change["record"] for commit in self.made.values() for change in commit["changes"]}
        return sorted(wanted - self.base.keys())
