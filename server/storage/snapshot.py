"""One consistent view of a space for one reader."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from hashlib import sha256
from operator import xor
from typing import Any

from server.failures import Failure
from server.storage.database import Database
from sync.chain import GENESIS
from sync.ports import Reader
from sync.records import Head

STORED_FORM = 1
"""Changes when devices must build their copy anew because what pull returns has another form."""


def epoch(generation: str, reader: Reader) -> str:
    """Opaque; another one after a restore, with other read rights, and with another stored form."""
    kinds = "*" if reader.kinds is None else " ".join(sorted(reader.kinds))
    text = "\n".join((str(STORED_FORM), generation, " ".join(sorted(reader.audiences)), kinds))
    return "e" + sha256(text.encode()).hexdigest()[:16]


class SqlSnapshot:
    """A `ReadSnapshot` over a database whose read transaction is open. Rows are JSON text."""

    def __init__(self, tx: Database, space: str, reader: Reader) -> None:
        self._tx = tx
        self._space = space
        self._reader = reader
        self._readable: tuple[str, list[Any]] | None = None
        self.backed_up_seq: int | None = None
        """Filled in by `head`."""

    def head(self) -> Head:
        row = self._tx.row(
            "SELECT head, at, generation, backed_up_seq FROM spaces WHERE id = ?", (self._space,)
        )
        if row is None:
            raise Failure("not_found")
        self.backed_up_seq = row[3]
        return Head(row[0], row[1], epoch(row[2], self._reader))

    def chain_at(self, seq: int) -> str | None:
        if seq == 0:
            return GENESIS
        row = self._tx.row("SELECT chain FROM log WHERE space = ? AND seq = ?", (self._space, seq))
        return row[0] if row else None

    def rows(self, since: int, limit: int) -> Sequence[tuple[int, str]]:
        condition, values = self._condition()
        sql = f"{_WIRE} WHERE space = ? AND seq > ?{condition} ORDER BY seq LIMIT ?"
        return [(row[0], _wire(row)) for row in self._tx.rows(sql, (self._space, since, *values, limit))]

    def checksum(self) -> str:
        condition, values = self._condition()
        sql = f"SELECT mark FROM records WHERE space = ? AND deleted = 0{condition}"
        total = reduce(xor, (row[0] for row in self._tx.rows(sql, (self._space, *values))), 0)
        return f"{total & (1 << 64) - 1:016x}"

    def _condition(self) -> tuple[str, list[Any]]:
        """What narrows rows to the readable ones; empty where that is all of them."""
        if self._readable is None:
            reader, among = self._reader, self._tx.dialect.among
            used = self._tx.rows("SELECT audience FROM audiences WHERE space = ?", (self._space,))
            mine = [text for (text,) in used if not reader.audiences.isdisjoint(text.split(" "))]
            parts = [] if len(mine) == len(used) else [among("audience", mine)]
            if reader.kinds is not None:
                parts.append(among("kind", sorted(reader.kinds)))
            self._readable = (
                "".join(f" AND {part}" for part, _ in parts),
                [value for _, values in parts for value in values],
            )
        return self._readable


_WIRE = (
    "SELECT seq, id, kind, deleted, created_by_change, last_change, contested, versions, "
    "CASE WHEN deleted = 1 THEN '{}' ELSE data END FROM records"
)


def _wire(row: tuple[Any, ...]) -> str:
    """A record as it is sent, joined from stored JSON without parsing it.

    Ids, kinds and change ids were checked to be plain when they came in, so they need no escaping.
    """
    seq, ident, kind, deleted, created, last, contested, versions, data = row
    return (
        f'{{"kind":"{kind}","id":"{ident}","seq":{seq},"deleted":{"true" if deleted else "false"},'
        f'"data":{data},"created_by_change":"{created}","last_change":"{last}",'
        f'"versions":{versions},"contested":{contested}}}'
    )
