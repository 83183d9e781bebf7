"""The figures of a report against what is counted again from the raw journal, and against what really happened."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from esimctl.documents.document import as_json
from esimctl.purchase.opening import open_profile
from esimctl.records.report import counted, takers_of_play
from esimctl.records.report_flows import Lost, UsedSpan, shares
from esimctl.records.report_money import PurchasedData, Purchases
from esimctl.records.report_rows import Months, ReportRow, ReportRows, figures, months_until, together
from esimctl.values.moments import zone
from esimctl.values.money import Money
from tests import recount
from tests.ledger.samples import life, numbered, prepared, step
from tests.year import Year, year

PLACE = zone("Asia/Phnom_Penh")
NOW = datetime(2027, 2, 10, tzinfo=UTC)
YEAR = months_until("2027-01", 13, NOW, PLACE)  #: the last term begins in the twelfth month and ends after it


class Given:
    """A session as far as a report asks: the profile's tables, the clock, the zone; nothing else is there."""

    def __init__(self, lines: dict[str, Any]) -> None:
        self.lines, self.zone, self.clock = lines, "Asia/Phnom_Penh", Clock()

    def section(self, name: str) -> dict[str, Any]:
        return {"provider": {"sandbox": {"kind": "sandbox"}}}.get(name, {})


class Clock:
    """After the year."""

    def now(self) -> datetime:
        return NOW


def told(row: ReportRow) -> dict[str, Any]:
    """The figures of a row as the document has them."""
    document: dict[str, Any] = as_json(figures(row, play_money=True))
    return document


def rows_of(lines: dict[str, Any], ledger: Any, span: Months, by: str | None) -> ReportRows:
    return rows(Given(lines), ledger, by, span)


def rows(session: Any, ledger: Any, by: str | None, span: Months | None = None) -> ReportRows:
    """Every figure of the year, or of a span within it."""
    records = list(ledger.records())
    return counted(session, ledger, span or YEAR, by, records, takers_of_play(session, ledger))


def minor(amounts: Iterable[dict[str, str]]) -> dict[str, int]:
    """Money of a document as minor units, by its own reading."""
    return {each["currency"]: int(each["amount"].replace(".", "")) for each in amounts}


def local_month(at: datetime) -> str:
    """The month of an instant, by the offset of Phnom Penh, which knows no summer time."""
    return (at + timedelta(hours=7)).strftime("%Y-%m")


@pytest.fixture(scope="module", params=[200, pytest.param(1000, marks=pytest.mark.slow)])
def many(request: pytest.FixtureRequest) -> tuple[Year, list[dict[str, Any]], Any, ReportRows]:
    """A year of many lines, its journal, its ledger, and its report by line."""
    made = year(request.param, looks=1)
    entries, ledger = made.folded()
    return made, entries, ledger, rows_of(made.lines, ledger, YEAR, "line")


def test_many_lines_agree_with_the_journal_to_the_cent(many) -> None:
    """Spend by month and line and by month alone, counted again from the entries by code that shares nothing."""
    made, entries, _, rows = many
    paid = recount.sums_by(recount.paid(entries), lambda row: (local_month(row.at), row.line))
    found = {
        ((YEAR.names[month], line), currency): amount
        for (month, _, line), row in rows.groups.items()
        for currency, amount in minor(told(row)["spend"]).items()
    }
    assert found == {place: amount for place, amount in paid.items() if amount}
    assert len(found) > 10 * len(made.lines)
    whole = told(together(rows.of(True)))
    assert minor(whole["spend"]) == recount.posted(entries, "spend:")
    assert whole["purchases"] == len(recount.paid(entries))
    by_rules = sum(each["topups"] for each in whole["triggers"] if each["by"] == "rule")
    assert by_rules == whole["topups"] > len(made.lines)


def test_many_lines_agree_with_what_happened_to_the_octet(many) -> None:
    """Bought, used, carried and lost: the generator knows, the report only reads."""
    made, entries, _, rows = many
    assert recount.bought_octets(entries) == {
        line: sum(rows.groups[month, True, line].octets.get("bought", 0) for month in range(len(YEAR.names))
                  if (month, True, line) in rows.groups)
        for line in made.lines
    }  # fmt: skip
    whole = told(together(rows.of(True)))
    assert whole["bought_bytes"] == sum(octets for _, _, octets in made.truth.bought)
    assert whole["carried_bytes"] == sum(octets for _, _, octets in made.truth.carried) > 0
    assert whole["wasted_bytes"] == sum(octets for _, _, octets in made.truth.lost) > 0
    inside = [each for each in made.truth.used if each[2] <= YEAR.end]
    assert whole["used_bytes"] >= sum(each[3] for each in inside) > 0
    for month, (start, end) in enumerate(pairwise(YEAR.edges)):
        row = told(rows.totals[month, True])
        assert row["wasted_bytes"] == sum(octets for _, at, octets in made.truth.lost if start <= at < end)
        assert (row["unknown"]["wasted"] > 0.9 * len(made.lines)) is (month == 12), "after the last look nobody knows"
        assert row["carried_bytes"] == sum(octets for _, at, octets in made.truth.carried if start <= at < end)
        assert row["used_bytes"] == sum(part(each, start, end) for each in made.truth.used)


def part(used: tuple[str, datetime, datetime, int], start: datetime, end: datetime) -> int:
    """The share of a use that falls into a time, counted by whole seconds."""
    _, begin, stop, octets = used
    whole = int((stop - begin).total_seconds())
    low, high = max(begin, start), min(stop, end)
    if low >= high:
        return 0
    first, last = int((low - begin).total_seconds()), int((high - begin).total_seconds())
    return octets * last // whole - octets * first // whole


def test_groups_add_up_to_the_whole(many) -> None:
    """By line, carrier, person and method: every sum of the groups is the month's own."""
    made, _, ledger, by_line = many
    for by in ("person", "method"):
        rows = rows_of(made.lines, ledger, YEAR, by)
        for (month, game), total in rows.totals.items():
            groups = [row for (m, g, _), row in rows.groups.items() if (m, g) == (month, game)]
            assert told(together(groups)) == told(total) == told(by_line.totals[month, game])
        if by == "person":
            assert {name for _, _, name in rows.groups} == {"Sokha", "小李", "<b>Mia</b>", None}


def test_a_month_is_the_same_alone_and_within_the_year(many) -> None:
    """What is asked for beside it changes no figure: readings before the month are found."""
    made, _, ledger, rows = many
    for name in ("2026-01", "2026-07"):
        alone = rows_of(made.lines, ledger, months_until(name, 1, NOW, PLACE), "line")
        place = YEAR.names.index(name)
        assert told(alone.totals[0, True]) == told(rows.totals[place, True])


def test_lost_money_never_exceeds_what_was_paid(many) -> None:
    """Each line's lost data cost at most what the line had cost, in each currency."""
    made, entries, _, rows = many
    paid = recount.sums_by(recount.paid(entries), lambda row: row.line)
    lost: dict[tuple[str | None, str], int] = {}
    for (_, _, line), row in rows.groups.items():
        for currency, amount in row.money.get("wasted", {}).items():
            lost[line, currency] = lost.get((line, currency), 0) + amount
    assert len(lost) > len(made.lines) // 2
    assert all(0 <= amount <= paid[place] for place, amount in lost.items())


AT = datetime(2026, 3, 31, 16, 59, 59, tzinfo=UTC)  #: the last second of March in Phnom Penh


def test_money_that_is_not_simply_spent() -> None:
    """An open order is perhaps, a refund counts when it came back, strangers stand apart, a refusal nowhere."""
    entries = numbered(
        *life("a", at=AT, line="phone", order_kind="new", terms={"data": "1GB", "term": "1 month"}),
        *life("b", at=AT + timedelta(seconds=1), line="phone", currency="KHR", price_minor=20_000, paid=19_000),
        prepared("c", at=AT, line="tablet", price_minor=300),
        step("attempted", "c", at=AT, n=1),
        prepared("d", at=AT, line="router", price_minor=999),
        step("attempted", "d", at=AT, n=1),
        step("rejected", "d", at=AT, reason="declined"),
        step("refunding", "a", at=AT, reason="requested"),
        step("refunded", "a", at=AT + timedelta(days=40), amount_minor=500, currency="USD"),
        {"kind": "foreign", "at": AT, "provider": "sandbox", "provider_order": "x", "amount_minor": 77,
         "currency": "USD"},
        {"kind": "foreign", "at": AT, "provider": "sandbox", "provider_order": "y"},
    )  # fmt: skip
    from esimctl.ledger.fold import fold

    ledger = fold(entries)
    rows = rows_of({}, ledger, YEAR, None)
    march, april, may = (told(rows.totals[month, True]) for month in (2, 3, 4))
    assert minor(march["spend"]) == {"USD": 500}
    assert minor(march["perhaps"]) == {"USD": 300}
    assert minor(march["foreign"]) == {"USD": 77}
    assert march["unknown"]["foreign"] == 1
    assert minor(april["spend"]) == {"KHR": 19_000}, "one second later it is April"
    assert minor(may["spend"]) == {"USD": -500}
    assert minor(may["refunds"]) == {"USD": 500}
    whole = told(together(rows.of(True)))
    assert minor(whole["spend"]) == recount.net(
        recount.sums(recount.paid(entries)), less=recount.sums(recount.refunds(entries))
    )
    assert minor(whole["perhaps"]) == recount.sums(recount.reserved(entries))
    assert minor(whole["foreign"]) == recount.sums(recount.foreign(entries))


def test_real_money_and_play_money_are_never_in_one_sum() -> None:
    """A profile that has both has two rows."""
    entries = [*life("a", at=AT), *life("b", at=AT, line="trip", provider="esim-access", paid=700, price_minor=700)]
    from esimctl.ledger.fold import fold

    rows = rows_of({}, fold(numbered(*entries)), YEAR, None)
    assert {game: minor(told(row)["spend"]) for (_, game), row in rows.totals.items()} == {
        True: {"USD": 500},
        False: {"USD": 700},
    }


@given(
    st.integers(0, 10**13),
    st.integers(0, 400 * 86_400),
    st.integers(0, 90 * 86_400),
)
@settings(max_examples=300, deadline=None)
def test_a_use_is_divided_without_rest(octets: int, begin: int, length: int) -> None:
    """Whatever the months, the parts of a use within the year add up to it, each in its own month."""
    start = YEAR.start + timedelta(seconds=begin)
    used = UsedSpan(start, start + timedelta(seconds=length), octets)
    parts = list(shares(used, YEAR.edges))
    if used.end <= YEAR.end and start < YEAR.end:
        assert sum(octets for _, octets in parts) == octets
    assert len({month for month, _ in parts}) == len(parts)
    for month, amount in parts:
        assert 0 <= amount <= octets
        assert used.start <= YEAR.edges[month + 1]
        assert used.end >= YEAR.edges[month]


@given(
    st.lists(st.tuples(st.integers(1, 10**12), st.integers(0, 10**6)), min_size=1, max_size=5),
    st.integers(0, 5 * 10**12),
)
@settings(max_examples=300, deadline=None)
def test_the_share_of_a_price_is_rounded_down(packs: list[tuple[int, int]], lost: int) -> None:
    """Lost data costs at most what the packs cost, all of it when all is lost, and never more than its share."""
    purchases = Purchases()
    for place, (octets, price) in enumerate(packs):
        purchases.add("phone", PurchasedData(AT + timedelta(days=place), octets, Money(price, "USD")))
    cost, told = purchases.worth("phone", Lost(AT, AT + timedelta(days=9), lost))
    assert told
    whole = sum(price for _, price in packs)
    assert 0 <= cost.get("USD", 0) <= whole
    if lost >= sum(octets for octets, _ in packs):
        assert cost.get("USD", 0) == whole
    newest_octets, newest_price = packs[-1]
    if lost <= newest_octets:
        assert cost.get("USD", 0) == newest_price * lost // newest_octets
    assert purchases.worth("nobody", Lost(AT, AT, lost)) == ({}, False)


def test_the_index_is_read_as_the_whole_ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A small year through the store: with an index the report says the same as without them."""
    from tests.filled import fill

    made = year(7, seed=4)
    rename = {"kind": "line.renamed", "at": made.entries[-1]["at"], "line": "line-0001", "to": "renamed"}
    monkeypatch.setenv("ESIMCTL_NOW", NOW.isoformat())
    fill(made, [rename])
    session = open_profile(None, {"ESIMCTL_HOME": str(tmp_path / "home"), "ESIMCTL_NOW": NOW.isoformat()})
    folder = tmp_path / "home/profiles/default"
    entries = recount.journal(folder)
    ledger = session.store.ledger_for_reading()
    assert ledger.archived > 0
    assert sum(1 for _ in ledger.archive.readings()) > 100
    found = [told(rows(session, ledger, None).totals[month, True]) for month in range(len(YEAR.names))]
    (folder / "index.sqlite").unlink()
    again = rows(session, session.store.ledger_for_reading(), "line")
    assert [told(again.totals[month, True]) for month in range(len(YEAR.names))] == found
    assert {name for _, _, name in again.groups} == {*made.lines, "renamed"} - {"line-0001"}
    assert sum(minor(row["spend"]).get("USD", 0) for row in found) == recount.posted(entries, "spend:").get("USD", 0)
