"""Broken variants of engine, store, server and device: each is caught by the invariant that it breaks."""

from tests.simulation.mutants.catching import Caught, Mutant, catch
from tests.simulation.mutants.devices import DEVICES
from tests.simulation.mutants.engine import ENGINE
from tests.simulation.mutants.past import PAST
from tests.simulation.mutants.servers import SERVERS
from tests.simulation.mutants.stores import STORES

MUTANTS: tuple[Mutant, ...] = (*ENGINE, *STORES, *SERVERS, *DEVICES, *PAST)

__all__ = ["MUTANTS", "Caught", "Mutant", "catch"]
