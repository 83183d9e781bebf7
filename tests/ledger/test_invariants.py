"""Each invariant finds the fault that it is there for."""

import pytest

from esimctl.ledger import postings
from esimctl.ledger.invariants import ENTRY_CHECKS, LEDGER_CHECKS, audited_fold, examine
from esimctl.values.money import Money
from tests.ledger.samples import START, life, numbered, prepared, step


def names(entries):
    """The names of the findings."""
    return {finding.name for finding in audited_fold(entries)[1]}


def test_every_check_has_a_name_of_its_own():
    every = [check.name for check in (*ENTRY_CHECKS, *LEDGER_CHECKS)]
    assert len(set(every)) == len(every)


def test_a_right_journal_has_no_finding():
    assert audited_fold(numbered(*life("o1"), *life("o2")))[1] == []


def test_a_gap_in_the_sequence():
    entries = numbered(*life())
    assert names([entries[0], *entries[2:]]) >= {"dense_sequence", "legal_transition"}


def test_postings_that_do_not_sum_to_zero():
    entries = numbered(*life())
    entries[2]["postings"][1]["minor"] += 1
    assert names(entries) >= {"balanced_entry", "derived_postings"}


def test_postings_that_balance_but_say_something_else():
    """Moving the reservation to another account would pass a mere sum."""
    entries = numbered(*life())
    entries[2]["postings"][1]["account"] = "spend:elsewhere"
    assert names(entries) == {"derived_postings"}


def test_the_same_key_or_request_id_twice():
    entries = numbered(*life("o1"), prepared("o2", key="k-o1"))
    assert "unique_key" in names(entries)
    entries = numbered(*life("o1"), prepared("o2", request_id="r-o1"))
    assert "unique_key" in names(entries)


def test_the_same_provider_order_twice_is_said_but_does_not_stop_spending():
    """Otherwise a provider could lock its customer's journal."""
    entries = numbered(*life("o1"), *life("o2"))
    entries[5]["provider_order"] = "p-o1"
    (finding,) = audited_fold(entries)[1]
    assert (finding.name, finding.blocking) == ("unique_provider_order", False)


def test_a_state_that_cannot_follow():
    entries = numbered(*life())
    entries.append({"seq": 4, "at": START, "kind": "order.unknown", "order": "o1", "reason": "late"})
    assert names(entries) == {"legal_transition"}


def test_an_order_that_begins_twice():
    entries = numbered(prepared())
    assert names([*entries, {**entries[0], "seq": 2}]) >= {"legal_transition", "unique_key"}


def test_two_open_orders_on_a_line():
    assert names(numbered(prepared("o1"), prepared("o2"))) == {"one_open_order"}


def test_a_clock_far_behind():
    from datetime import timedelta

    entries = numbered(prepared("o1"), prepared("o2", line="other", at=START - timedelta(minutes=6)))
    assert names(entries) == {"clock"}


def test_a_reservation_that_outlives_its_order():
    ledger = audited_fold(numbered(*life()))[0]
    ledger.balances["reserved:o1", "USD"] = 500
    assert {finding.name for finding in examine(ledger)} == {"reservation_released"}


def test_books_that_say_other_than_the_orders():
    ledger = audited_fold(numbered(*life()))[0]
    ledger.balances["spend:phone", "USD"] += 1
    assert {finding.name for finding in examine(ledger)} == {"spend_is_settled"}


@pytest.mark.parametrize("entry", [{"kind": "order.settled"}, {"kind": 7, "seq": 1}, {}])
def test_what_is_malformed_is_found_and_not_applied(entry):
    ledger, findings = audited_fold([entry])
    assert {finding.name for finding in findings} == {"well_formed"}
    assert ledger.orders == {}


def test_an_entry_of_an_unknown_kind_is_of_a_newer_version_and_not_damage():
    ledger, findings = audited_fold([{"kind": "nonsense", "seq": 1}])
    assert [(finding.name, finding.seq) for finding in findings] == [("newer", 1)]
    assert ledger.orders == {}


USD, KHR = Money(500, "USD"), Money(20_000, "KHR")


@pytest.mark.parametrize(
    "made",
    [
        postings.prepared("o", "p", "m", USD), postings.void("o", "p", "m", USD), postings.refunded("p", "m", KHR),
        postings.settled("o", "l", "p", "m", USD, None), postings.settled("o", "l", "p", "m", USD, Money(450, "USD")),
        postings.settled("o", "l", "p", "m", USD, KHR, Money(30, "USD")), postings.corrected("l", "p", "m", USD, KHR),
        postings.differing("p", "m", Money(-3, "USD")),
    ],
)  # fmt: skip
def test_every_way_of_booking_sums_to_zero(made):
    assert made
    assert postings.imbalance(made) == {}


def test_an_order_that_went_through_leaves_wallet_and_line_alone():
    ledger, _ = audited_fold(numbered(*life(paid=450), step("refunding", reason="x")))
    assert ledger.balances == {("wallet:sandbox:card", "USD"): -450, ("spend:phone", "USD"): 450}
