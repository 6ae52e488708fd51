"""Every history that once broke something is clean now, and shows the mistake when it is put back."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from tests.simulation.history import draw, shrink
from tests.simulation.mutants import MUTANTS
from tests.simulation.mutants.catching import catch, reported
from tests.simulation.mutants.past import PAST
from tests.simulation.play import check_clocks, play
from tests.simulation.regressions import pinned

BY_NAME = {mutant.name: mutant for mutant in MUTANTS}


@pytest.mark.parametrize("name", pinned())
def test_regression(name: str) -> None:
    history, mutant = pinned()[name], BY_NAME[name]
    played = play(history)
    check_clocks(history, played)
    assert played.broken == []
    with ExitStack() as stack:
        for one in mutant.patches():
            stack.enter_context(one)
        assert reported(mutant, history) is not None


def test_every_mistake_of_the_past_is_pinned() -> None:
    assert {mutant.name for mutant in PAST} <= set(pinned())


def test_a_history_is_cut_down_to_what_shows_the_failure() -> None:
    """Whatever step is taken out of the shortest history, the failure is gone."""
    mutant = BY_NAME["last_writer_wins"]
    caught = catch(mutant)
    assert caught is not None
    with ExitStack() as stack:
        for one in mutant.patches():
            stack.enter_context(one)
        short = shrink(caught.history, lambda history: reported(mutant, history) is not None)
        assert len(short.steps) <= 6 < len(caught.history.steps)
        for at in range(len(short.steps)):
            without = short.with_steps(short.steps[:at] + short.steps[at + 1 :])
            assert reported(mutant, without) is None


def test_a_seed_always_draws_the_same_history_and_plays_alike() -> None:
    assert draw(7) == draw(7) != draw(8)
    assert play(draw(7)).outcome == play(draw(7)).outcome
