"""An order that was closed and exists after all: its price is held again, and it ends like any other."""

from esimctl.ledger.fold import fold
from esimctl.ledger.invariants import audited_fold
from tests.ledger.samples import numbered, prepared, step


def reopened(reason="exists_after_all", **more):
    """The entry."""
    return step("reopened", reason=reason, **more)


def test_it_holds_its_price_again_and_is_settled():
    """Rejected, reopened, settled: the sums are those of one purchase, and no check objects."""
    entries = numbered(
        prepared(),
        step("attempted", n=1),
        step("rejected", reason="absent"),
        reopened(charged=True),
        step("settled", confirmed_by="provider"),
    )
    ledger, findings = audited_fold(entries)
    assert [finding for finding in findings if finding.blocking] == []
    assert ledger.orders["o1"].state == "settled"
    assert ledger.reserved("USD") == 0
    middle = fold(entries[:4])
    assert (middle.orders["o1"].state, middle.orders["o1"].charged, middle.orders["o1"].open) == (
        "accepted",
        True,
        True,
    )
    assert middle.reserved("USD") == middle.orders["o1"].price.minor


def test_only_what_was_closed_can_be_reopened():
    """An open or a settled order cannot, and a closed one is led on by nothing else."""
    for before in ((), (step("attempted", n=1),), (step("attempted", n=1), step("settled", confirmed_by="provider"))):
        _, findings = audited_fold(numbered(prepared(), *before, reopened()))
        assert "legal_transition" in {finding.name for finding in findings}
    _, findings = audited_fold(numbered(prepared(), step("attempted", n=1), step("rejected", reason="absent"),
                                        step("accepted", charged=True)))  # fmt: skip
    assert "legal_transition" in {finding.name for finding in findings}
