"""Lending connections, whatever they lead to."""

from __future__ import annotations

import pytest

from server.failures import Failure
from server.storage.pool import Pool


class Line:
    """A connection that only remembers what was done to it."""

    def __init__(self) -> None:
        self.closed = self.in_the_middle = False

    def close(self) -> None:
        self.closed = True


def pool_of(most: int, opened: list[Line]) -> Pool:
    def open_one() -> Line:
        if len(opened) == 9:
            raise OSError("no more lines")
        opened.append(Line())
        return opened[-1]

    return Pool(open_one, lambda line: not line.closed and not line.in_the_middle, most, 0.01)


def test_what_is_given_back_is_lent_again():
    opened: list[Line] = []
    pool = pool_of(2, opened)
    first = pool.take()
    pool.give_back(first)
    assert pool.take() is first
    assert pool.take() is not first
    assert len(opened) == 2


def test_there_are_never_more_than_allowed():
    pool = pool_of(1, [])
    line = pool.take()
    with pytest.raises(Failure, match="busy"):
        pool.take()
    pool.give_back(line)
    assert pool.take() is line


@pytest.mark.parametrize("state", ["closed", "in_the_middle"])
def test_what_cannot_be_used_again_is_thrown_away(state: str):
    pool = pool_of(1, [])
    line = pool.take()
    setattr(line, state, True)
    pool.give_back(line)
    assert line.closed
    assert pool.take() is not line


def test_when_one_is_broken_no_idle_one_is_trusted():
    opened: list[Line] = []
    pool = pool_of(3, opened)
    idle, broken = pool.take(), pool.take()
    pool.give_back(idle)
    fresh = pool.renew(broken)
    assert (idle.closed, broken.closed, fresh.closed) == (True, True, False)
    pool.give_back(fresh)
    assert pool.take() is fresh


def test_one_that_cannot_be_opened_takes_nobodys_place():
    opened: list[Line] = [Line()] * 9
    pool = pool_of(1, opened)
    for _ in range(3):
        with pytest.raises(OSError, match="no more"):
            pool.take()
    opened.clear()
    broken = pool.take()
    opened.extend([Line()] * 8)
    with pytest.raises(OSError, match="no more"):
        pool.renew(broken)
    pool.give_back(broken)
    opened.clear()
    assert not pool.take().closed
