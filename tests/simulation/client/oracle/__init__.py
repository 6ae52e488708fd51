"""What must be true when everything is over (`protocol.md` section 9), judged from dumps alone.

It shares nothing with the engine: it knows the log, what tablets saved, saw, sent and heard, and the contract
(which fields are one unit, with which policy; who reads which audience). Each check yields a sentence for
what is broken, beginning with the name of the invariant.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from tests.simulation.client.dump import Evidence
from tests.simulation.client.oracle import blobs, copies, durable, signed, values

CHECKS: Sequence[Callable[[Evidence], Iterator[str]]] = (
    durable.saved_is_there, durable.as_it_was_saved, durable.answers_hold, durable.resending_changes_nothing,
    durable.numbers_are_kept, values.nothing_is_lost_in_silence, values.bases_are_what_was_shown,
    copies.log_has_no_holes, copies.copies_are_equal, copies.cursors_keep_their_word,
    copies.nobody_sees_too_much, blobs.bytes_are_whole, blobs.none_was_let_go_too_early,
    signed.signed_is_as_it_was_signed, signed.nothing_signed_changes_in_silence,
)  # fmt: skip


def judge(evidence: Evidence) -> list[str]:
    """Everything that is broken."""
    return [problem for check in CHECKS for problem in check(evidence)]
