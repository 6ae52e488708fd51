"""A device: an outbox, replicas of spaces, and a sync that can be killed at every await.

The sync is a generator. It yields a request and is sent the answer (`None`: none came), and yields `PAUSE`
between two transactions on its disk. Whoever drives it may stop there for as long as he likes, or kill it:
then all that it had in memory is gone, and `Disk` is what the next start finds.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from typing import Any, Protocol

from sync.chain import checksum
from tests.simulation.cast import FORMAT
from tests.simulation.disk import DISCARDED, Disk, Followed

Asked = dict[str, Any]
Answer = Mapping[str, Any] | None
PAUSE: Asked = {"call": "pause"}
Run = Generator[Asked, Answer, bool]
MOST_COMMITS, PAGE, MOST_REBUILDS, VERIFY_EVERY = 4, 7, 3, 6


class Listener(Protocol):
    """Who stands beside the device and is told what it does: the oracle."""

    def saved(self, device: Device, entry: Any, sights: Mapping[str, Any]) -> None: ...
    def answered(self, device: Device, space: str, answer: Mapping[str, Any]) -> None: ...
    def pulled(self, device: Device, space: str, page: Mapping[str, Any], shadow: bool) -> None: ...
    def let_go(self, device: Device, blobs: Sequence[str]) -> None: ...
    def pruned(self, device: Device, entries: Sequence[Any]) -> None: ...
    def wiped(self, device: Device, lost: bool) -> None: ...
    def began(self, device: Device) -> None: ...
    def moved(self, device: Device) -> None: ...
    def synced(self, device: Device) -> None: ...


class Device:
    """One user on one device. `clock` is wrong as it pleases: it goes into commits as evidence only."""

    def __init__(self, user: str, name: str, listener: Listener) -> None:
        self.user, self.name, self.listener = user, name, listener
        self.disk = Disk()
        self.format = FORMAT
        self.clock, self.jumped = 0, False
        self.count = self.pulls = 0
        self.wiped = ""
        """`revoked` or `lost`, once it has emptied itself."""
        self.told_to_wipe = False

    def new_id(self, what: str) -> str:
        """An id; none is ever made twice."""
        self.count += 1
        return f"{what}-{self.name}-{self.count}"

    def restart(self) -> None:
        """Killed and started again: only the disk is left."""
        self.told_to_wipe = False

    # one run of the sync ----------------------------------------------------------------------------------

    def sync(self) -> Run:
        """Push, scope, pull, what is left open, photos; true if it came through to the end."""
        self.listener.began(self)
        for space in self._spaces_to_push():
            if not (yield from self.push(space)):
                return False
        scope = yield {"call": "scope"}
        if scope is None or scope["status"] != 200:
            return (yield from self._turned_away(scope))
        self.disk.forget_spaces(list(scope["spaces"]))
        yield PAUSE
        if not (yield from self._again(scope["spaces"])):
            return False
        for space in scope["spaces"]:
            if not (yield from self.pull(space)):
                return False
        if not (yield from self._ask_about_parked()):
            return False
        if not (yield from self.bring_photos()):
            return False
        self.listener.pruned(self, self.disk.prune())
        self.listener.synced(self)
        return True

    def _again(self, spaces: Mapping[str, str]) -> Run:
        """What was acknowledged in another epoch than a space's present one goes up again. A space that the
        user may no longer read says its epoch only in the answer to a push, be it an empty one."""
        epochs = dict(spaces)
        kept = [entry.space for entry in self.disk.outbox.values() if entry.ended]
        for space in dict.fromkeys(kept):
            if space not in epochs:
                answer = yield {"call": "push", "space": space, "commits": []}
                if answer is None or answer["status"] != 200:
                    return (yield from self._turned_away(answer))
                epochs[space] = answer["epoch"]
        for space, epoch in epochs.items():
            if self.disk.send_again(space, epoch) and not (yield from self.push(space)):
                return False
        return True

    def _spaces_to_push(self) -> list[str]:
        return list(dict.fromkeys(entry.space for entry in self.disk.unsent))

    def push(self, space: str) -> Run:
        """All pending commits of a space, oldest first."""
        after = 0
        while True:
            pending = [e for e in self.disk.unsent if e.space == space and e.n > after]
            batch = sorted(pending, key=lambda entry: entry.n)[:MOST_COMMITS]
            if not batch:
                return True
            after = batch[-1].n
            if not (yield from self.send(space, [entry.commit for entry in batch])):
                return False

    def send(self, space: str, commits: Sequence[Mapping[str, Any]]) -> Run:
        """One push; what was answered is written down."""
        answer = yield {"call": "push", "space": space, "commits": list(commits)}
        if answer is None or answer["status"] != 200:
            return (yield from self._turned_away(answer))
        self.listener.answered(self, space, answer)
        yield PAUSE
        self.disk.settle(space, answer["epoch"], answer["results"])
        yield PAUSE
        return True

    def _ask_about_parked(self) -> Run:
        for entry in list(self.disk.outbox.values()):
            known = entry.result["reason"] if entry.state == "parked" and entry.result else None
            if known is None or known["code"] == DISCARDED:
                continue
            if not (yield from self.send(entry.space, [entry.commit])):
                return False
        return True

    # pulling ----------------------------------------------------------------------------------------------

    def pull(self, space: str) -> Run:
        """Page by page until the state is consistent; anew where the server says that history moved."""
        for _ in range(MOST_REBUILDS):
            done = yield from self._follow(space)
            if done != "rebuild":
                return done == "done"
            if self.disk.send_again(space, None) and not (yield from self.push(space)):
                return False
            self.disk.begin_shadow(space)
            yield PAUSE
        return False

    def _follow(self, space: str) -> Generator[Asked, Answer, str]:
        while True:
            asked = self._next_question(space)
            shadow, mark = asked is self.disk.shadows.get(space), (asked.seq, asked.epoch)
            answer = yield {
                "call": "pull",
                "space": space,
                "since": asked.seq,
                "epoch": asked.epoch,
                "at": asked.at,
                "limit": PAGE,
                "checksum": shadow or self.verify_due(),
            }
            if answer is not None and answer["status"] == 410:
                self.listener.moved(self)
                return "rebuild"
            if answer is None or answer["status"] != 200:
                return "stopped" if not (yield from self._turned_away(answer)) else "done"
            if answer["since"] != asked.seq:
                return "stopped"
            applied = yield from self.take(space, asked, mark, answer)
            if not applied:
                continue
            self.listener.pulled(self, space, answer, shadow)
            if not answer["more"]:
                return "done" if self._same(space, answer) else "rebuild"

    def verify_due(self) -> bool:
        """The whole is compared with the server's checksum only now and then."""
        self.pulls += 1
        return self.pulls % VERIFY_EVERY == 0

    def take(self, space: str, asked: Followed, mark: tuple[int, str], page: Mapping[str, Any]) -> Run:
        """One page onto the disk."""
        applied = self.disk.apply_page(space, asked, mark, page)
        yield PAUSE
        return applied

    def _next_question(self, space: str) -> Followed:
        return self.disk.shadows.get(space) or self.disk.spaces.get(space) or self.disk.begin_shadow(space)

    def _same(self, space: str, page: Mapping[str, Any]) -> bool:
        followed = self.disk.spaces.get(space)
        if followed is None or followed.seq != page["to"]:
            return True
        live = ((r["id"], r["last_change"]) for r in followed.base.values() if not r["deleted"])
        return page["checksum"] in (None, checksum(live))

    # photos -----------------------------------------------------------------------------------------------

    def bring_photos(self) -> Run:
        """Upload what is missing, ask what is held, let go of what is verified."""
        for sha, blob in list(self.disk.blobs.items()):
            if blob.here and blob.commits and blob.state == "local":
                answer = yield {"call": "upload", "bytes": sha.removeprefix("sha-")}
                if answer is None or answer["status"] != 200:
                    return (yield from self._turned_away(answer))
                blob.state = "sent"
                yield PAUSE
        marks = self.disk.to_verify()
        asked = [sha for sha, blob in self.disk.blobs.items() if blob.here and blob.commits]
        if asked:
            answer = yield {"call": "have", "sha256": asked}
            if answer is None or answer["status"] != 200:
                return (yield from self._turned_away(answer))
            self.disk.note_held(asked, answer["held"], marks)
            yield PAUSE
            self.listener.let_go(self, self.disk.let_go())
        return True

    # being shut out ---------------------------------------------------------------------------------------

    def _turned_away(self, answer: Answer) -> Run:
        """No answer, or one that says: hand in what you have, and empty yourself."""
        if answer is None or not answer.get("wipe"):
            return False
        if answer["lost"]:
            self.wipe(lost=True)
        elif not self.told_to_wipe:
            self.told_to_wipe = True
            handed_in = yield from self.hand_in()
            self.told_to_wipe = False
            if handed_in:
                self.wipe(lost=False)
        return False

    def hand_in(self) -> Run:
        """Everything that is unsent goes up, photos with it; true if nothing is left to lose.

        What was acknowledged may have been lost by a restore since: that goes up again, too.
        """
        if not (yield from self._again({})) or not (yield from self._ask_about_parked()):
            return False
        for space in self._spaces_to_push():
            if not (yield from self.push(space)):
                return False
        if not (yield from self.bring_photos()):
            return False
        kept = [blob for blob in self.disk.blobs.values() if blob.here and blob.commits]
        return not self.disk.unsent and all(blob.state == "held" for blob in kept)

    def wipe(self, *, lost: bool) -> None:
        """Empty the disk."""
        self.listener.wiped(self, lost)
        self.disk.wipe()
        self.wiped = "lost" if lost else "revoked"
