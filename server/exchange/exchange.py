"""Push, pull and scope for one caller: shape checks, rules and storage put around the engine."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from schemas.version import PROTOCOL_VERSION
from server.clock import Clock
from server.exchange.catalogue import contract_authority, engine_catalogue
from server.exchange.judge import DomainRules
from server.exchange.notices import Notice, notice_of
from server.exchange.ports import ExchangeStore, ExchangeTransaction, Knowledge, SpaceSource
from server.exchange.rights import Identity, Rights
from server.exchange.shapes import Shapes, encode
from server.failures import Failure
from sync.change import SERVER, Author, BrokenCommit, Commit
from sync.parking import Outcome
from sync.parking import discard as engine_discard
from sync.parking import retry as engine_retry
from sync.ports import Context, SpaceTransaction
from sync.pull import Gone, Page
from sync.pull import pull as engine_pull
from sync.push import push as engine_push
from sync.resolve import Refused, Resolution, Stale
from sync.resolve import resolve as engine_resolve

OWN_FORMAT = 0
"""The format number of what the built-in device commits: without ``n``, without limits of size."""


class Exchange:
    """The one way in and out of spaces. Thread-safe; keeps nothing but compiled shapes and rights."""

    def __init__(
        self, store: ExchangeStore, spaces: SpaceSource, rights: Rights, knowledge: Knowledge, clock: Clock
    ) -> None:
        self.store, self.spaces, self.rights, self.clock = store, spaces, rights, clock
        self._knowledge = knowledge
        self.shapes = Shapes()
        self.listeners: list[Callable[[Notice], None]] = []
        self._catalogue = engine_catalogue()
        self._authority = contract_authority()

    def push(self, space: str, envelope: Mapping[str, Any], identity: Identity, now: str) -> dict[str, Any]:
        """Take in what a device sends; ``now``: arrival, RFC 3339. Answers a ``PushAnswer``.

        Raises:
            Failure: ``unreadable`` (no push at all), ``wrong_session`` (of another user or device than it
                names), ``not_found`` (a space that this user never could read, or none).
        """
        envelope = self.shapes.check_envelope(envelope)
        if (envelope["device"], envelope["user"]) != (identity.device, identity.user):
            raise Failure("wrong_session")
        if space not in identity.standing.once:
            raise Failure("not_found")
        protocol = min(int(envelope["protocol"]), PROTOCOL_VERSION)
        commits = [self.shapes.commit(raw, protocol) for raw in envelope["commits"]]
        author = Author(identity.user, identity.device)
        offset = _seconds_between(now, envelope["device_time"])
        context = self._context(space, author, now, quarantine=identity.quarantined)
        with self.store.transaction(space) as tx:
            outcome = engine_push(tx, context, commits)
            seen = tx.note_contact(author.device, author.user, now, int(envelope["unsent"]), offset)
            answer = self._push_answer(tx, outcome, identity, now)
            written, notice = tx.kinds_written, notice_of(tx, outcome.head.seq)
        parked = any(result.status == "parked" and not result.replayed for result in outcome.results)
        if written or seen or parked:
            self.tell(notice)
        if seen and not written:
            self._tell_of_contact(identity, space)
        return answer

    def bring(
        self, space: str, commits: Sequence[Mapping[str, Any]], *, user: str, now: str
    ) -> list[dict[str, Any]]:
        """Take in commits of the built-in device ``server`` in the name of ``user``: jobs, imports.

        They look like those of a device, but need no ``n`` and may be of any size. One result per commit.
        """
        read = [self.shapes.commit(raw, OWN_FORMAT, by_server=True) for raw in commits]
        context = self._context(space, Author(user, SERVER), now)
        with self.store.transaction(space) as tx:
            outcome = engine_push(tx, context, read)
            written, notice = tx.kinds_written, notice_of(tx, outcome.head.seq)
        if written:
            self.tell(notice)
        return [result.as_json() for result in outcome.results]

    def retry(self, parked: Mapping[str, Any], identity: Identity, now: str) -> dict[str, Any]:
        """Judge a parked commit anew, as its author; its result. What waited for it follows."""
        outcome = self._again(
            parked["space"],
            Author(identity.user, identity.device),
            now,
            lambda tx, context: engine_retry(tx, context, (parked["id"],)),
        )
        return outcome.results[0].as_json()

    def judge_again(self, space: str, idents: Collection[str]) -> None:
        """Judge parked commits of a space anew, in one transaction, each as its author. What has come to an
        end meanwhile stays as it is."""
        now = self.clock.text()
        self._again(space, Author(SERVER, SERVER), now, lambda tx, context: engine_retry(tx, context, idents))

    def discard(self, parked: Mapping[str, Any], identity: Identity, reason: str, now: str) -> dict[str, Any]:
        """Give a parked commit up for good; its result. What waited for it is judged anew.

        Nothing is written to the log, but its tablet and the other desks are to hear of it.
        """
        outcome = self._again(
            parked["space"],
            Author(identity.user, identity.device),
            now,
            lambda tx, context: engine_discard(tx, context, parked["id"], reason),
        )
        self.tell(Notice(parked["space"], outcome.head.seq))
        return outcome.results[0].as_json()

    def resolve(
        self, space: str, conflict: str, asked: Mapping[str, Any], identity: Identity, now: str
    ) -> dict[str, Any] | Stale | Refused:
        """Decide a conflict in the name of a reviewer, whose right to it was judged before.

        ``asked``: a ``ResolveRequest``. Answers the result of the decision's commit, or what kept it from
        standing; then nothing was written.
        """
        resolution = Resolution(
            commit=asked["commit"],
            conflict=conflict,
            seen=asked["seen"],
            value=asked["value"],
            reason=asked["reason"],
            made_at=now,
        )
        context = self._context(space, Author(identity.user, SERVER), now)
        with self.store.transaction(space) as tx:
            outcome = engine_resolve(tx, context, resolution)
            if not isinstance(outcome, Outcome):
                return outcome
            written, notice = tx.kinds_written, notice_of(tx, outcome.head.seq)
        if written:
            self.tell(notice)
        return outcome.results[0].as_json()

    def _again(
        self, space: str, author: Author, now: str, act: Callable[[SpaceTransaction, Context], Outcome]
    ) -> Outcome:
        context = self._context(space, author, now)
        with self.store.transaction(space) as tx:
            outcome = act(tx, context)
            written, notice = tx.kinds_written, notice_of(tx, outcome.head.seq)
        if written:
            self.tell(notice)
        return outcome

    def pull(
        self, space: str, identity: Identity, *, since: int, epoch: str, at: str, limit: int, checksum: bool
    ) -> bytes:
        """One page of the newest state, as the JSON text of a ``PullAnswer``.

        Raises:
            Failure: ``not_found`` (no space that this user reads), ``rebuild`` (the cursor means nothing).
        """
        if not identity.standing.may_read(space):
            raise Failure("not_found")
        reader = identity.standing.reader(space)
        with self.store.snapshot(space, reader) as snapshot:
            page = engine_pull(snapshot, since=since, epoch=epoch, at=at, limit=limit, checksum=checksum)
            backed_up_seq = snapshot.backed_up_seq
        if isinstance(page, Gone):
            raise Failure("rebuild", {"reason": page.reason})
        return _pull_answer(page, backed_up_seq)

    def scope(self, identity: Identity, now: str) -> dict[str, Any]:
        """What this user's device follows, as a ``ScopeAnswer``."""
        return {
            "spaces": self.readable_spaces(identity),
            "user": self.user(identity),
            "roles": {space: sorted(roles) for space, roles in sorted(identity.roles.items())},
            "server_time": now,
            "protocol": PROTOCOL_VERSION,
        }

    def readable_spaces(self, identity: Identity) -> list[dict[str, Any]]:
        """The spaces that this user may read, headquarters first, each a ``ScopeSpace``."""
        return [
            {
                "space": space.id,
                "type": space.type,
                "name": space.name,
                **({"name_en": space.name_en} if space.name_en else {}),
                "epoch": self.spaces.epoch(space.generation, identity.standing.reader(space.id)),
                "head": space.head,
            }
            for space in self.spaces.all()
            if identity.standing.may_read(space.id)
        ]

    def user(self, identity: Identity) -> dict[str, str]:
        """Who is signed in, as a ``ScopeUser``."""
        name = self.spaces.person_name(identity.user)
        return {"id": identity.user, "username": identity.username, "name": name or identity.username}

    def _context(self, space: str, author: Author, now: str, *, quarantine: bool = False) -> Context:
        types = {one.id: one.type for one in self.spaces.all()}
        return Context(
            catalogue=self._catalogue,
            rules=DomainRules(
                self._authority, self.rights, self._knowledge, space, types, self.clock.today()
            ),
            author=author,
            now=now,
            new_id=self.clock.new_id,
            new_salt=self.clock.new_salt,
            quarantine=quarantine,
            read=self._read_parked,
            encode=encode,
        )

    def _read_parked(self, raw: Any, format: int) -> Commit | BrokenCommit:
        return self.shapes.commit(raw, format, by_server=format == OWN_FORMAT)

    def _push_answer(
        self, tx: ExchangeTransaction, outcome: Outcome, identity: Identity, now: str
    ) -> dict[str, Any]:
        answer: dict[str, Any] = {
            "epoch": tx.epoch(identity.standing.reader(tx.space)),
            "head": outcome.head.seq,
            "server_time": now,
            "backed_up_seq": tx.backed_up_seq,
            "results": [result.as_json() for result in outcome.results],
        }
        return answer

    def tell(self, notice: Notice) -> None:
        """Let everybody who listens know; also for what moves a space's screens without a commit."""
        for listener in self.listeners:
            listener(notice)

    def _tell_of_contact(self, identity: Identity, space: str) -> None:
        """A device that was heard from changes what the boards of all its user's spaces show."""
        for other in self.spaces.all():
            if other.id != space and identity.standing.may_read(other.id):
                self.tell(Notice(other.id, other.head))


def _seconds_between(server: str, device: str) -> float:
    """Device clock minus server clock, in seconds."""
    return (datetime.fromisoformat(device) - datetime.fromisoformat(server)).total_seconds()


def _pull_answer(page: Page, backed_up_seq: int | None) -> bytes:
    """The answer put together from stored JSON text, which is not parsed on its way out."""
    head = encode(
        {
            "epoch": page.epoch,
            "since": page.since,
            "to": page.to,
            "head": page.head,
            "at": page.at,
            "backed_up_seq": backed_up_seq,
            "more": page.more,
            **({} if page.checksum is None else {"checksum": page.checksum}),
        }
    )
    return b"".join((head[:-1], b',"records":[', ",".join(page.rows).encode(), b"]}"))
