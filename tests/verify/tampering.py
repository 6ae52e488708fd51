"""What the tests of tampering share: finding the one line, and writing past the engine."""

from __future__ import annotations

import json
from typing import Any

from tests.verify.house import Evidence


def named(lines: list[str], *words: str) -> str:
    """The one line that says all of this."""
    found = [line for line in lines if all(word in line for word in words)]
    assert len(found) == 1, (words, lines)
    return found[0]


def data_of(evidence: Evidence, record: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(evidence.one("SELECT data FROM records WHERE id = ?", record))
    return found


def set_data(evidence: Evidence, record: str, **fields: Any) -> None:
    """Write values into a record, past the engine."""
    text = json.dumps({**data_of(evidence, record), **fields}, ensure_ascii=False)
    evidence.run("UPDATE records SET data = ? WHERE id = ?", text, record)


def shown_by(evidence: Evidence, signature: str | None = None) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(data_of(evidence, signature or evidence.built.signature)["snapshot"])
    return found


def seq_of(evidence: Evidence, change: str) -> int:
    return int(
        evidence.one("SELECT seq FROM log WHERE change = ?", evidence.built.changes.get(change, change))
    )
