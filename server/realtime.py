"""Pokes over Socket.IO: that a space has moved, and nothing else. Losing them costs only delay."""

from __future__ import annotations

import logging
import threading
from typing import Any

from flask import Flask, request
from flask_socketio import SocketIO

from server.api.identity import COOKIE, identify, identify_hash
from server.api.services import Services
from server.exchange import Identity, Notice
from server.failures import Failure

log = logging.getLogger("rounds")


class Realtime:
    """The sockets of this process: one room per space, joined by whoever may read it."""

    def __init__(self, app: Flask, house: Services) -> None:
        self._house = house
        self._guard = threading.Lock()
        self._members: dict[str, tuple[str, frozenset[str]]] = {}
        """Token hash and rooms of each socket."""
        self._day = house.clock.today()
        # Foreign origins are refused by default.
        self.socketio = SocketIO(app, async_mode="threading", path="socket.io", serve_client=False)
        self.socketio.on_event("connect", self._connect)
        self.socketio.on_event("disconnect", self._disconnect)
        # First: nobody's poke waits for what other listeners do.
        house.exchange.listeners.insert(0, self.tell)

    def tell(self, notice: Notice) -> None:
        """Poke the room of a space; changed rights, and the turn of the day, re-judge the rooms first."""
        today = self._house.clock.today()
        if notice.rights or today != self._day:
            self._day = today
            self.judge_rooms()
        if notice.space:
            self.socketio.emit("poke", {"space": notice.space, "head": notice.head}, to=notice.space)

    def judge_rooms(self) -> None:
        """Put every socket into exactly the rooms that its user may read now.

        Whoever leaves a room is poked once more, so that his device soon asks, and learns what it lost.
        """
        with self._guard:
            members = dict(self._members)
        for sid, (token_hash, rooms) in members.items():
            try:
                identity = identify_hash(self._house, token_hash)
                wanted = frozenset() if identity.quarantined else identity.spaces
            except Failure:
                wanted = frozenset()
            if wanted != rooms:
                self._move(sid, token_hash, rooms, wanted)

    def _connect(self, auth: Any = None) -> bool:
        """Let in whoever shows a token that is good; everybody else is turned away."""
        token = auth.get("token") if isinstance(auth, dict) else None
        try:
            identity = identify(self._house, token if isinstance(token, str) else request.cookies.get(COOKIE))
        except Failure:
            return False
        if identity.quarantined:
            return False
        self._join(identity)
        return True

    def _join(self, identity: Identity) -> None:
        sid: str = request.sid  # type: ignore[attr-defined]
        self._move(sid, identity.token_hash, frozenset(), identity.spaces)

    def _disconnect(self, *_: Any) -> None:
        with self._guard:
            self._members.pop(request.sid, None)  # type: ignore[attr-defined]

    def _move(self, sid: str, token_hash: str, rooms: frozenset[str], wanted: frozenset[str]) -> None:
        server = self.socketio.server
        try:
            for space in rooms - wanted:
                server.emit("poke", {"space": space, "head": 0}, to=sid)
                server.leave_room(sid, space)
            for space in wanted - rooms:
                server.enter_room(sid, space)
        except (KeyError, ValueError):  # it left meanwhile
            return
        if not wanted:
            server.disconnect(sid)
        with self._guard:
            self._members[sid] = (token_hash, wanted)
