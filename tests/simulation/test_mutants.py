"""The oracle bites: every mutant is caught, and by the check of the invariant that it breaks."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from server.config import ROOT
from tests.postgres import ON_POSTGRES
from tests.simulation.mutants import MUTANTS, catch
from tests.simulation.mutants.hunting import catch_waiter
from tests.simulation.mutants.waiters import WAITERS

INVARIANTS = {f"I{number}" for number in range(1, 18)}
DECIDING = {"merge", "policies", "claims", "judgement", "landing", "decide", "draft", "base", "checks"}


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: f"{mutant.invariant} {mutant.name}")
def test_mutant_is_caught(mutant) -> None:
    assert catch(mutant) is not None, f"{mutant.name} got away: {mutant.says}"


@pytest.mark.parametrize(
    ("mutant", "store"),
    [
        pytest.param(m, s, id=f"{m.invariant} {m.name}", marks=ON_POSTGRES.marks if s == "postgresql" else ())
        for m, s in WAITERS
    ],
)
def test_who_makes_others_wait_is_caught(mutant, store: str) -> None:
    assert catch_waiter(mutant, store) is not None, f"{mutant.name} got away: {mutant.says}"


def test_every_invariant_has_a_mutant() -> None:
    caught = {mutant.invariant for mutant in MUTANTS} | {mutant.invariant for mutant, _ in WAITERS}
    assert caught == INVARIANTS
    names = [mutant.name for mutant in MUTANTS] + [mutant.name for mutant, _ in WAITERS]
    assert len(names) == len(set(names))


def test_the_oracle_does_not_ask_the_engine() -> None:
    """What decides is not imported by what judges the decision."""
    for file in (Path(__file__).parent / "oracle").glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sync."):
                assert (node.module or "").split(".")[1] not in DECIDING, (file.name, node.module)


def test_every_mutant_stands_in_the_docs() -> None:
    text = (ROOT / "docs" / "reliability.md").read_text("utf-8")
    for mutant in (*MUTANTS, *(mutant for mutant, _ in WAITERS)):
        assert f"| {mutant.invariant} | `{mutant.name}` |" in text
        assert mutant.says in text
