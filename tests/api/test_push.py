"""What becomes of a push."""

from tests.factories import inspection
from tests.people import HE_GUILAN, QINGYANLI


def test_a_commit_is_taken_in_and_comes_down_again(sign_in):
    tablet = sign_in(HE_GUILAN)
    change = inspection(HE_GUILAN)
    result = tablet.save(QINGYANLI, change)
    assert (result["status"], result["replayed"], result["reason"]) == ("applied", False, None)
    record = tablet.pull(QINGYANLI)[change["record"]]
    assert record["seq"] == result["seqs"][change["id"]]
    assert record["data"]["inspector"] == HE_GUILAN.id
