"""Play money counts in no limit, budget, count or sum of money, and money in none of play money."""

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from esimctl.ledger.caps import Limits, breaches
from esimctl.ledger.fold import Ledger, fold
from esimctl.ledger.kept import compact
from esimctl.values.money import Money
from tests.conftest import Runner, usd
from tests.ledger.samples import History
from tests.purchase.shop import Shop, furnish

PLAYED = "demo-monthly-20gb"  #: 9 USD of play money


@pytest.fixture
def both(run: Runner, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Shop:
    """A profile with the embedded operator and a shop that takes money: 10 USD an order."""
    shop = furnish(monkeypatch, tmp_path / "home")
    assert run("providers", "add", "sandbox").code == 0
    assert run("payments", "add", "toy", "--kind", "credit-card", "--provider", "sandbox").code == 0
    return shop


def limited(tmp_path: Path, text: str) -> None:
    path = tmp_path / "home" / "profiles" / "default" / "profile.toml"
    path.write_text(f"{path.read_text()}\n{text}")


def play(run: Runner, name: str) -> int:
    return run("buy", PLAYED, "--provider", "sandbox", "--name", name, "--pay", "toy", "--yes").code


def pay(run: Runner, name: str) -> int:
    return run("buy", "shop/ten", "--name", name, "--yes").code


@pytest.mark.parametrize("limit", ['per_month = "15 USD"', 'per_day = "15 USD"', "count_per_month = 1"])
def test_a_limit_is_met_by_each_kind_alone(run: Runner, both: Shop, tmp_path: Path, limit: str) -> None:
    """A 9 USD demo purchase refused a real one."""
    limited(tmp_path, f"[settings.limits]\n{limit}\n")
    assert play(run, "toy") == 0
    assert pay(run, "real") == 0, "9 USD of play money take no room"
    assert pay(run, "more") == 5
    assert play(run, "toy2") == 5, "and the other way round each kind has the whole limit, not more"


def test_a_budget_has_figures_of_its_own_for_each(run: Runner, both: Shop) -> None:
    """Not "19.00 of 20.00 USD spent"."""
    assert run("profile", "budget", "set", "20USD/month").code == 0
    (row,) = run("profile", "budget", "--json").json["budgets"]
    assert (row["play_money"], row["spent"]) == (False, usd("0.00"))
    assert (play(run, "toy"), pay(run, "real")) == (0, 0)
    rows = run("profile", "budget", "--json").json["budgets"]
    assert [(each["play_money"], each["spent"], each["left"]) for each in rows] == [
        (False, usd("10.00"), usd("10.00")), (True, usd("9.00"), usd("11.00")),
    ]  # fmt: skip
    said = run("profile", "budget", "-o", "table").out.splitlines()
    assert ["SANDBOX" in line for line in said[:2]] == [False, True]
    report = run("report", "--json").json
    assert [(each["play_money"], each["spent"]) for each in report["budgets"]] == [
        (False, usd("10.00")), (True, usd("9.00")),
    ]  # fmt: skip
    assert [(each["play_money"], each["spend"]) for each in report["totals"]] == [
        (False, [usd("10.00")]), (True, [usd("9.00")]),
    ]  # fmt: skip


def test_orders_and_metrics_say_which(run: Runner, both: Shop) -> None:
    assert (play(run, "toy"), pay(run, "real")) == (0, 0)
    listed = run("transactions", "list", "--json").json["transactions"]
    assert [row["play_money"] for row in listed] == [True, False]
    table = run("transactions", "list", "-o", "table").out
    assert ["SANDBOX" in line for line in table.splitlines() if "USD" in line] == [True, False]
    told = run("transactions", "export", "--format", "prometheus").out
    assert 'esimctl_spend_total{profile="default",currency="USD"} 10.00' in told
    assert 'esimctl_spend_total{profile="default",currency="USD",play="true"} 9.00' in told


def test_several_lines_at_once_are_summed_apart(run: Runner, both: Shop) -> None:
    assert (play(run, "toy"), pay(run, "real")) == (0, 0)
    planned = run("renew", "toy", "real", "--dry-run", "--json", "--max-total", "12USD")
    assert planned.code == 0, planned.err
    assert (planned.json["play_money"], planned.json["total"]) == (False, [usd("10.00")])
    assert planned.json["play"]["total"] == [usd("9.00")]
    assert run("renew", "toy", "real", "--dry-run", "--max-total", "9.50USD").code == 5


@pytest.mark.parametrize("seed", range(3))
def test_a_profile_is_as_if_the_other_kind_were_not_there(run: Runner, both: Shop, tmp_path: Path, seed: int) -> None:
    """The same orders of one kind, with and without the other kind between them: the same codes, sums and budgets."""
    chance = random.Random(seed)
    limit = chance.choice((25, 35))
    limited(tmp_path, f'[settings.limits]\nper_month = "{limit} USD"\ncount_per_month = 3\n')
    assert run("profile", "budget", "set", "20USD/month").code == 0
    kinds = [chance.choice((True, False)) for _ in range(7)]
    mixed = [(kind, play(run, f"n{number}") if kind else pay(run, f"n{number}")) for number, kind in enumerate(kinds)]
    budgets = run("profile", "budget", "--json").json["budgets"]
    totals = run("report", "--json").json["totals"]
    for kind, price in ((True, 9), (False, 10)):
        codes = [code for each, code in mixed if each is kind]
        bought = min(len(codes), 3, limit // price)
        assert codes == [0] * bought + [5] * (len(codes) - bought)
        if bought:
            spent = usd(f"{bought * price}.00")
            assert [row["spent"] for row in budgets if row["play_money"] is kind] == [spent]
            assert [row["spend"] for row in totals if row["play_money"] is kind] == [[spent]]


def told(ledger: Ledger, play_money: bool, since: datetime) -> dict[str, Any]:
    """Every figure that a limit, a budget or a brake looks at."""
    zone, lines = UTC, (None, "phone", "tablet")
    figures: dict[str, Any] = {}
    for currency in ("USD", "KHR"):
        for line in lines:
            for source in (None, "person", "rule", "foreign"):
                place = (currency, line, source)
                figures["all", *place] = ledger.spent(currency, line=line, source=source, play=play_money)
                figures["since", *place] = ledger.spent(currency, since, line=line, source=source, play=play_money)
                figures["reserved", *place] = ledger.reserved(currency, line=line, source=source, play=play_money)
                figures["count", *place] = ledger.purchases(since, line=line, source=source, play=play_money)
        limits = Limits(per_day=(Money(900, currency),), count_per_month=3, play=play_money)
        figures["breaches", currency] = list(breaches(ledger, since, zone, limits, Money(500, currency)))
    figures["unattended"] = ledger.unattended_play if play_money else ledger.unattended
    return figures


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.booleans())
def test_every_figure_of_one_kind_is_unchanged_without_the_other(seed: int, play_money: bool) -> None:
    """Over random books: take all orders of the other kind away, and nothing that is counted of this kind moves."""
    chance = random.Random(seed)
    entries = list(History(chance).grow(40).entries)
    names = {entry["order"] for entry in entries if entry["kind"] == "order.prepared"}
    games = {name for name in sorted(names) if chance.random() < 0.5}
    marked = []
    for entry in entries:
        if entry["kind"] == "order.prepared" and entry["order"] in games:
            marked.append({**entry, "play": True})
        elif entry["kind"] == "foreign":
            marked.append({**entry, "play": int(entry["provider_order"]) % 2 == 0})
        else:
            marked.append(entry)
    others = {name for name in names if (name in games) is not play_money}

    def kept(entry: dict[str, Any]) -> bool:
        if entry["kind"] == "foreign":
            return bool(entry["play"]) is play_money
        return entry.get("order") not in others or not entry["kind"].startswith("order.")

    whole, alone = fold(marked), fold([entry for entry in marked if kept(entry)])
    since = max(entry["at"] for entry in entries) - timedelta(hours=chance.randrange(1, 72))
    assert told(whole, play_money, since) == told(alone, play_money, since)
    before = [ledger.spent("USD", play=play_money) for ledger in (whole, alone)]
    compact(whole, since, kept_orders=3)
    assert [whole.spent("USD", play=play_money)] * 2 == before, "archived orders keep their kind"
