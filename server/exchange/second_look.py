"""Parked commits are judged anew by themselves when the rights that they lacked may have come (protocol 3.4).

The engine knows what a commit waits for when that is a record or another commit. Rights are not its business:
they come with a role, a scope, a deputy's appointment, or with the day on which one of these begins.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Collection, Iterable, Iterator
from itertools import groupby, islice
from operator import itemgetter
from typing import Protocol

from server.exchange.exchange import Exchange
from server.exchange.notices import Notice

log = logging.getLogger("rounds")

# So many hold the lock of their space at a time, and so many are looked at on one occasion.
AT_ONCE, AT_MOST = 50, 1000


class RefusedSource(Protocol):
    """What is parked for lack of rights, and what this version may be the first to read."""

    def refused_of(self, people: Collection[str] | None, space: str | None) -> list[tuple[str, str]]: ...
    def unreadable(self) -> list[tuple[str, str]]: ...


class SecondLook:
    """Listens to an exchange. Runs after the transaction that gave the rights, one space after the other, so
    that no space waits for another; nothing that goes wrong here reaches whoever gave them."""

    def __init__(self, exchange: Exchange, parked: RefusedSource) -> None:
        self._exchange, self._parked = exchange, parked
        self._day = exchange.clock.today()
        self._busy = threading.local()

    def hear(self, notice: Notice) -> None:
        """Look again at what the change told of may have made possible."""
        waiting: list[Notice] | None = getattr(self._busy, "waiting", None)
        if waiting is not None:  # what is taken in below may give rights itself
            waiting.append(notice)
            return
        self._busy.waiting = waiting = [notice]
        try:
            for told in waiting:
                self._look(told)
        except Exception:
            log.exception("parked commits could not be judged anew")
        finally:
            self._busy.waiting = None

    def begin(self) -> None:
        """Look at everything when the server starts: whoever was to look may have been killed over it, a day
        may have begun meanwhile, and a newer version reads what an older one could not (I13)."""
        try:
            found = [*self._parked.refused_of(None, None), *self._parked.unreadable()]
            self._judge(sorted(found, key=itemgetter(0)))
        except Exception:
            log.exception("parked commits could not be judged anew")

    def _look(self, notice: Notice) -> None:
        self._judge(self._concerned(notice))

    def _judge(self, concerned: Iterable[tuple[str, str]]) -> None:
        found = list(islice(concerned, AT_MOST + 1))
        if len(found) > AT_MOST:
            log.warning("more than %d parked commits to look at; the rest waits for a person", AT_MOST)
        for space, of_space in groupby(found[:AT_MOST], key=lambda one: one[0]):
            idents = [ident for _, ident in of_space]
            for start in range(0, len(idents), AT_ONCE):
                self._exchange.judge_again(space, idents[start : start + AT_ONCE])

    def _concerned(self, notice: Notice) -> Iterator[tuple[str, str]]:
        today = self._exchange.clock.today()
        turned, self._day = today != self._day, today
        if notice.everybody or turned:
            yield from self._parked.refused_of(None, None)
            return
        if notice.people:
            yield from self._parked.refused_of(notice.people, None)
        if notice.charge:
            yield from self._parked.refused_of(None, notice.space)
