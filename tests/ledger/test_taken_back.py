"""A clock that was taken back: nothing stands in the future any more, no money is lost, and both months have it."""

from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from esimctl.ledger.caps import Limits, breach
from esimctl.ledger.fold import Ledger, fold
from esimctl.ledger.invariants import audited_fold
from esimctl.ledger.kept import ledger_from_plain, ledger_to_plain
from esimctl.ledger.taken_back import dated
from esimctl.store import journal as journal_module
from esimctl.store.folder import Store
from esimctl.values.money import Money
from tests.ledger.samples import START, History, life, numbered
from tests.store.conftest import CONTENT

DAY = timedelta(days=1)
ZONE = ZoneInfo("Asia/Phnom_Penh")


def mark(at: datetime, since: datetime = START, n: int = 1) -> dict[str, object]:
    """A person's word, without `seq`."""
    return {"kind": "clock.set", "at": at, "since": since, "n": n, "stood": at}


def wronged(seed: int, ahead: timedelta = 4000 * DAY) -> tuple[History, datetime]:
    """A random history that is right, wrong, taken back and right again; and when it was taken back."""
    history = History(Random(seed)).grow(40)
    right = history.now
    history.now += ahead
    history.grow(40)
    history.now = right + DAY
    history.add(mark(history.now, right))
    return history.grow(30), right + DAY


@settings(max_examples=12, deadline=None, report_multiple_bugs=False)
@given(st.integers(0, 2**32))
def test_nothing_stands_in_the_future_and_no_money_is_lost(seed: int) -> None:
    history, _ = wronged(seed)
    ledger, now = history.ledger, history.now
    assert ledger.high_water is not None
    assert ledger.high_water <= now
    whole, findings = audited_fold(history.entries)
    assert [finding for finding in findings if finding.name in ("clock", "spend_is_settled")] == []
    assert whole == ledger == ledger_from_plain(ledger_to_plain(ledger))
    for order in ledger.all_orders():
        times = (order.created_at, order.changed_at, order.attempted_at, order.last_attempt_at, order.settled_at)
        assert all(at is None or at <= now for at in times)
        assert order.since <= order.created_at
    facts = [fact for facts in ledger.readings.values() for fact in facts]
    assert all(fact.at <= now and fact.read_at <= now for fact in facts)
    assert all(spend.at <= now for spend in ledger.spends.values())
    unmarked = fold([entry for entry in history.entries if entry["kind"] != "clock.set"], Ledger())
    assert ledger.balances == unmarked.balances
    for currency in ("USD", "KHR", "THB"):
        assert ledger.spent(currency) == unmarked.spent(currency)


@settings(max_examples=5, deadline=None, report_multiple_bugs=False)
@given(st.integers(0, 2**32), st.integers(8, 60))
def test_with_a_snapshot_and_an_archive_it_is_the_same_ledger(seed: int, run: int) -> None:
    """What was archived by the wrong clock is dated anew, too; and what it made too old for limits counts again."""
    history, at = wronged(seed)
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(journal_module, "SEGMENT_RECORDS", 40)
        patch.setattr("esimctl.ledger.kept.compact.__kwdefaults__", {"kept_orders": 2, "kept_readings": 3})
        Store(Path(folder) / "home", "default").create(CONTENT)
        for start in range(0, len(history.entries), run):
            store = Store(Path(folder) / "home", "default")
            with store.locked(0.0, "run"):
                store.append(store.ledger_for_writing(), history.entries[start : start + run])
        ledger = Store(Path(folder) / "home", "default").ledger_for_reading()
        assert ledger.all_orders() == history.ledger.all_orders()
        for line in ("phone", "tablet", "router", "old"):
            assert ledger.all_readings(line) == history.ledger.all_readings(line)
        for since in (at - 2 * DAY, at - 20 * DAY):
            for currency in ("USD", "KHR"):
                spans = {(since, None), (since, since + 31 * DAY)}
                assert all(ledger.spent(currency, *span) >= history.ledger.spent(currency, *span) for span in spans)
        assert ledger.spent("USD") == history.ledger.spent("USD")


def test_limits_have_it_in_both_months_and_once_where_they_are_one() -> None:
    stated, true = datetime(2026, 5, 10, tzinfo=START.tzinfo), START + DAY
    ledger = Ledger()
    numbered(*life("o1", at=stated), mark(true), ledger=ledger)
    limits = Limits(per_month=(Money(900, "USD"),), count_per_month=1)
    for now, full in (
        (true + DAY, True),
        (datetime(2026, 4, 20, tzinfo=START.tzinfo), False),
        (datetime(2026, 5, 2, tzinfo=START.tzinfo), True),
        (datetime(2026, 6, 20, tzinfo=START.tzinfo), False),
    ):
        assert (breach(ledger, now, ZONE, limits, Money(500, "USD")) is not None) is full, now
    both = Ledger()
    numbered(*life("o1", at=true + 5 * DAY), mark(true), ledger=both)
    assert both.spent("USD", true - DAY, true + 30 * DAY) == 500
    assert both.purchases(true - DAY, true + 30 * DAY) == 1


def test_a_pause_lasts_as_long_as_it_was_to() -> None:
    wrong, true = START + 4000 * DAY, START + DAY
    paused = {"kind": "rule.paused", "at": wrong, "until": wrong + 2 * DAY}
    ledger = Ledger()
    numbered(paused, {**paused, "rule": "a"}, {"kind": "restored", "at": wrong, "from": "x"}, mark(true), ledger=ledger)
    assert (ledger.paused_at, ledger.paused_until, ledger.restored_at) == (true, true + 2 * DAY, true)
    assert (ledger.rule("a").paused_at, ledger.rule("a").paused_until) == (true, true + 2 * DAY)


def test_a_raised_limit_is_held_back_as_long_as_it_was_to_be() -> None:
    wrong, true = START + 4000 * DAY, START + DAY
    raised = {"kind": "rule.confirmed", "at": wrong, "rule": "a", "digest": "x", "held": {"max_price": "2.00 USD"},
              "held_until": wrong + DAY, "base_at": wrong}  # fmt: skip
    ledger = Ledger()
    numbered(raised, mark(true), ledger=ledger)
    confirmed = ledger.rule("a").confirmed or {}
    assert (confirmed["at"], confirmed["base_at"], confirmed["held_until"]) == (true, true, true + DAY)
    assert raised["held_until"] == wrong + DAY, "the entry itself is as it was written"


def test_times_of_a_journal_are_corrected_by_every_word_that_follows() -> None:
    """Also by a second one: a person may have confirmed a clock that was wrong."""
    times = [START, START + 9000 * DAY, START + 5000 * DAY, START + 6000 * DAY, START + DAY, START + 2 * DAY]
    kinds = ["note", "note", "clock.set", "note", "clock.set", "note"]
    entries = [{"kind": kind, "at": at} for kind, at in zip(kinds, times, strict=True)]
    corrected = [at for _, at in dated(entries)][::-1]
    assert corrected == [START, *[START + DAY] * 4, START + 2 * DAY]


def test_books_before_the_first_word_have_a_first_time() -> None:
    ledger = Ledger()
    numbered(*life("o1", at=START + 4000 * DAY), ledger=ledger)
    assert ledger.first_at == START + 4000 * DAY
    numbered(mark(START), ledger=ledger)
    assert (ledger.first_at, ledger.high_water) == (START, START)
