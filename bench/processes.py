"""What programs use of the machine, with everything that they started; from `/proc`."""

from __future__ import annotations

import os
from pathlib import Path

from tools.cluster.programs import Program

_TICKS = os.sysconf("SC_CLK_TCK")


def processor_seconds(program: Program) -> float:
    """Processor seconds of a program and its children, also of those that have ended."""
    total = 0.0
    for pid in _family(program):
        fields = _stat(pid)
        # Its own, and of the children that it has waited for.
        total += sum(map(int, fields[11:15])) / _TICKS
    return total


def resident(program: Program) -> int:
    """Bytes of memory that a program and its children keep; what they share counts once."""
    texts = (Path(f"/proc/{pid}/smaps_rollup").read_text() for pid in _family(program))
    lines = (line.split() for text in texts for line in text.splitlines())
    return sum(int(words[1]) * 1024 for words in lines if words[0] == "Pss:")


def _family(program: Program) -> list[int]:
    assert program.process is not None
    found = [program.process.pid]
    for pid in found:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
        found += [int(child) for child in text.split()]
    return found


def _stat(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
