"""Pokes over Socket.IO: that a space has moved, and nothing else. Losing them costs only delay."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Any

import redis
from flask import Flask, request
from flask_socketio import SocketIO
from socketio import RedisManager

from server.api.identity import COOKIE, identify, identify_hash
from server.api.services import Services
from server.exchange import Identity, Notice
from server.failures import Failure

log = logging.getLogger("rounds")


CHANNEL = "rounds"
# Seconds. Whoever pushes must not wait for a Redis that is gone: losing a poke costs only delay (I16).
PATIENCE = 1


def _queue(redis_url: str) -> dict[str, Any]:
    if not redis_url:
        return {}
    options = {"socket_connect_timeout": PATIENCE}
    return {"client_manager": RedisManager(redis_url, channel=CHANNEL, redis_options=options)}


class Others:
    """The other servers of this house: told, through Redis, that rights may have changed."""

    def __init__(self, redis_url: str, judge: Callable[[], None]) -> None:
        self._redis = redis.Redis.from_url(redis_url, socket_connect_timeout=PATIENCE)
        self._channel, self._judge = f"{CHANNEL}-rights", judge
        threading.Thread(target=self._listen, name="rounds-rights", daemon=True).start()

    def tell(self) -> None:
        """Let all of them judge their rooms anew; this one hears it too. Never fails."""
        try:
            self._redis.publish(self._channel, b"")
        except redis.RedisError as error:
            log.warning("the other servers were not told of changed rights: %s", error)

    def _listen(self) -> None:
        """Also judges after each reconnection, for what was said meanwhile is lost."""
        heard_well = True
        while True:
            try:
                with self._redis.pubsub(ignore_subscribe_messages=False) as heard:
                    heard.subscribe(self._channel)
                    for _ in heard.listen():
                        heard_well = True
                        self._judge()
            except redis.RedisError as error:
                if heard_well:
                    log.warning("Redis cannot be heard: %s", error)
                heard_well = False
            except Exception:
                log.exception("rooms could not be judged")
            time.sleep(PATIENCE)


class Realtime:
    """The sockets of this process: one room per space, joined by whoever may read it."""

    def __init__(self, app: Flask, house: Services, redis_url: str = "") -> None:
        """``redis_url``: through which the servers of one house hear each other; empty: there is one."""
        self._house = house
        self._guard = threading.Lock()
        self._members: dict[str, tuple[str, frozenset[str]]] = {}
        """Token hash and rooms of each socket."""
        self._day = house.clock.today()
        # Foreign origins are refused by default.
        self.socketio = SocketIO(
            app, async_mode="threading", path="socket.io", serve_client=False, **_queue(redis_url)
        )
        self._others = Others(redis_url, self.judge_rooms) if redis_url else None
        self.socketio.on_event("connect", self._connect)
        self.socketio.on_event("disconnect", self._disconnect)
        # First: nobody's poke waits for what other listeners do.
        house.exchange.listeners.insert(0, self.tell)

    def tell(self, notice: Notice) -> None:
        """Poke the room of a space; changed rights, and the turn of the day, re-judge the rooms first."""
        today = self._house.clock.today()
        if notice.rights or today != self._day:
            self._day = today
            if self._others is not None:
                self._others.tell()
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
