"""The fold: one walk or many, whole or compacted, in memory or through its plain form, it comes to the same."""

import json
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from esimctl.ledger.fold import Ledger, fold
from esimctl.ledger.invariants import audited_fold, examine
from esimctl.ledger.kept import compact, ledger_from_plain, ledger_to_plain
from esimctl.ledger.state import SPEND_WINDOW
from tests.ledger.samples import START, History, InMemory, histories, life, numbered, prepared, step

MODEST = settings(max_examples=150, deadline=None)


@MODEST
@given(histories())
def test_random_histories_break_no_invariant(history):
    """The generator writes legal histories and the checks agree: neither is vacuous without the other."""
    ledger, findings = audited_fold(history.entries)
    assert [finding for finding in findings if finding.blocking] == []
    assert ledger == history.ledger


@MODEST
@given(histories(), st.integers(0, 60))
def test_the_plain_form_gives_the_same_ledger_back(history, cut):
    """Through JSON and back at any point, then on: equal to the fold that never stopped."""
    start = fold(history.entries[:cut])
    again = ledger_from_plain(json.loads(json.dumps(ledger_to_plain(start))))
    assert again == start
    assert fold(history.entries[cut:], again) == history.ledger


def test_the_same_file_with_an_order_is_one():
    """The first word on it counts; what belongs to no order is a finding that stops nobody."""
    file = {"kind": "attached", "at": START, "file": "a.pdf", "sha256": "aa", "size": 1}
    entries = numbered(*life("o1"), {**file, "order": "o1"}, {**file, "order": "o1", "file": "b.pdf"},
                       {**file, "order": "nobody"})  # fmt: skip
    ledger, findings = audited_fold(entries)
    assert [fact.file for fact in ledger.attached("o1")] == ["a.pdf"]
    assert [(finding.name, finding.blocking) for finding in findings] == [("attached_to_an_order", False)]


@MODEST
@given(histories(), st.lists(st.integers(0, 60), max_size=4), st.integers(0, 3))
def test_a_compacted_ledger_answers_like_the_whole_one(history, cuts, kept):
    """Compacting at any points changes no sum, no limit's figure, no order that can be found, and no invariant."""
    ledger, done = Ledger(), 0
    ledger.archive = InMemory()
    for cut in [*sorted(cuts), len(history.entries)]:
        fold(history.entries[done:cut], ledger)
        done = max(done, min(cut, len(history.entries)))
        if ledger.high_water:
            ledger.archive.compact(ledger, ledger.high_water, kept_orders=kept, kept_readings=kept)
    whole = history.ledger
    assert (ledger.balances, ledger.rules, ledger.lines) == (whole.balances, whole.rules, whole.lines)
    assert [o.id for o in ledger.all_orders()] == [o.id for o in whole.all_orders()]
    assert {o.id: o for o in ledger.all_orders()} == {o.id: o for o in whole.all_orders()}
    for line in ("phone", "tablet", "router", "old"):
        assert ledger.all_readings(line) == whole.all_readings(line)
    for currency in ("USD", "KHR", "THB"):
        assert ledger.spent(currency) == whole.spent(currency)
        for line in (None, "phone", "old"):
            for source in (None, "person", "rule", "rule:a", "foreign"):
                assert ledger.spent(currency, line=line, source=source) == whole.spent(
                    currency, line=line, source=source
                )
    assert [finding for finding in examine(ledger) if finding.blocking] == []


@MODEST
@given(histories(), st.integers(0, SPEND_WINDOW.days - 1))
def test_a_window_never_counts_less_after_compaction(history, days):
    """A row may be counted a quarter of an hour longer, never shorter, and calendar quarters are exact."""
    whole = history.ledger
    if whole.high_water is None:
        return
    ledger = fold(history.entries)
    compact(ledger, whole.high_water, kept_orders=0)
    since = whole.high_water - timedelta(days=days)
    quarter = since.replace(minute=since.minute - since.minute % 15, second=0, microsecond=0)
    for currency in ("USD", "KHR"):
        assert ledger.purchases(since) >= whole.purchases(since)
        assert ledger.spent(currency, quarter) == whole.spent(currency, quarter)


def test_an_entry_that_cannot_follow_changes_nothing_but_the_count():
    ledger = fold(numbered(*life()))
    before = dict(ledger.orders), dict(ledger.balances)
    ledger.apply({"seq": 4, "kind": "order.attempted", "at": START, "order": "o1", "n": 2})
    assert (dict(ledger.orders), dict(ledger.balances)) == before


def test_a_refund_comes_off_what_was_spent():
    ledger = Ledger()
    numbered(
        *life(), step("refunding", reason="broken"), step("refunded", amount_minor=200, currency="USD"), ledger=ledger
    )
    assert (ledger.spent("USD"), ledger.balance("refunds", "USD"), ledger.orders["o1"].state) == (300, -200, "refunded")


def test_rule_facts_count_failures_and_ends():
    """Three refusals in a row are three; a success starts again; the generation counts ends."""
    ledger = Ledger()
    for number in range(3):
        name = f"o{number}"
        numbered(
            prepared(name, source="rule:a"),
            step("attempted", name, n=1),
            step("rejected", name, reason="no"),
            ledger=ledger,
        )
    assert (ledger.rule("a").failures, ledger.rule("a").generation, ledger.unattended) == (3, 3, 3)
    numbered(*life("o9", source="rule:a"), ledger=ledger)
    assert (ledger.rule("a").failures, ledger.rule("a").generation) == (0, 4)
    numbered({"kind": "rule.resumed", "at": START, "rule": "a"}, ledger=ledger)
    assert ledger.unattended == 0


def test_after_a_restore_only_a_clean_reconcile_frees_spending():
    ledger = fold(
        numbered({"kind": "restored", "at": START, "from": "a"}, {"kind": "reconciled", "at": START, "ok": False})
    )
    assert ledger.must_reconcile
    numbered({"kind": "reconciled", "at": START, "ok": True}, ledger=ledger)
    assert not ledger.must_reconcile


def test_an_acceptance_names_the_ends_that_it_stands_for_and_a_snapshot_keeps_them():
    heads = [{"seq": 7, "hash": "a" * 32}, {"seq": 9, "hash": "b" * 32}]
    ledger = fold(numbered({"kind": "restored", "at": START, "from": "a", "heads": heads, "accepted": True}))
    assert ledger.heads == {(7, "a" * 32), (9, "b" * 32)}
    assert not ledger.must_reconcile, "a person's word is enough"
    assert ledger_from_plain(json.loads(json.dumps(ledger_to_plain(ledger)))) == ledger
    assert fold(numbered({"kind": "restored", "at": START, "from": "a", "heads": [{"seq": -1}]})).heads == set()
    ledger.astray = True
    assert ledger.must_reconcile, "what lies outside the journal may say so as well"


def test_foreign_orders_count_against_limits_until_and_after_acknowledgement():
    ledger = Ledger()
    entry = {
        "kind": "foreign",
        "at": START,
        "provider": "p",
        "provider_order": "7",
        "amount_minor": 90,
        "currency": "USD",
    }
    numbered(entry, ledger=ledger)
    assert (ledger.spent("USD"), len(ledger.unacknowledged())) == (90, 1)
    numbered({"kind": "acknowledged", "at": START, "what": "foreign:p:7"}, ledger=ledger)
    assert (ledger.spent("USD"), ledger.unacknowledged()) == (90, [])


def test_the_generator_reaches_every_state():
    """Otherwise the properties above would say little."""
    from random import Random

    seen = set()
    for seed in range(40):
        seen |= {order.state for order in History(Random(seed)).grow(80).ledger.orders.values()}
    assert seen == {"prepared", "attempted", "accepted", "unknown", "settled", "rejected", "cancelled", "manual",
                    "refunding", "refunded"}  # fmt: skip
