"""Everything that goes in and out of spaces: one way for tablets, office, jobs and imports."""

from server.exchange.exchange import Exchange
from server.exchange.notices import Notice
from server.exchange.ports import Knowledge
from server.exchange.rights import Identity, Rights, Standing
from server.exchange.second_look import SecondLook

__all__ = ["Exchange", "Identity", "Knowledge", "Notice", "Rights", "SecondLook", "Standing"]
