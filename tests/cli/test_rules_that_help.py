"""An automatic purchase must be able to help, and is judged by what it did."""

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from esimctl.profile.opened import Session
from esimctl.providers.protocol import Reading
from esimctl.providers.sandbox.provider import SandboxProvider
from esimctl.purchase.opening import open_profile
from esimctl.values.record import replace
from tests.autotopup.conftest import World
from tests.conftest import Outcome, Runner
from tests.purchase import shop as shop_module
from tests.purchase.shop import furnish

GB = 10**9


def at(text: str) -> datetime:
    """An instant in Phnom Penh."""
    return datetime.fromisoformat(f"{text}+07:00").astimezone(UTC)


@pytest.fixture
def december(run: Callable[..., Outcome]) -> World:
    """A machine on the first of December, 08:00."""
    world = World(run)
    world.now = at("2026-12-01T08:00")
    return world


def rule_of_old(world: World, name: str, line: str, **keys: str) -> None:
    """A rule as an earlier version wrote it, when nothing refused it; confirmed by a person."""
    path = Path(world.ok("profile", "path").out.strip()) / "profile.toml"
    rows = "".join(f'{key} = "{value}"\n' for key, value in keys.items())
    path.write_text(
        path.read_text() + f'\n[rule.{name}]\nline = "{line}"\n{rows}pay = ["sandbox-card"]\nmax_price = "10.00 USD"\n'
        'max_per_month = "60.00 USD"\nenabled = false\n'
    )
    world.ok("autotopup", "enable", name, "--confirm", "60USD")


def left(world: World, line: str = "a") -> Any:
    (row,) = world.ok("balance", line, "--refresh", "--json").json["lines"]
    return row


# ------------------------------------------------------------------------------------------- eight orders for nothing


RUNS = ("02T08", "03T08", "04T08", "04T10", "04T12", "04T14", "04T16", "04T18")


def test_a_pack_that_would_wait_behind_the_term_is_refused_when_the_rule_is_set(december: World) -> None:
    december.buy("demo-monthly-20gb", "a")
    words = ("--below", "8GB", "--plan", "demo-weekly-2gb", "--max-price", "2USD", "--max-per-month", "60USD")
    for more in ((), ("--dry-run",)):
        refused = december.esimctl("autotopup", "set", "a", *words, "--json", *more)
        assert refused.code == 2
        assert refused.json["error"]["code"] == "would_wait"
        assert "2027-01-01" in refused.json["error"]["message"]
        assert "set a --rule a --before-expiry 7d --plan demo-weekly-2gb --max-price 2.00USD" in str(refused.json)
    assert december.ok("autotopup", "show", "--json").json["rules"] == []
    hint = refused.json["error"]["hint"].split()[1:]
    december.ok(*hint)
    december.ok("autotopup", "set", "a", "--below", "8GB", "--plan", "demo-topup-2gb", *words[4:], "--rule", "more")


def test_eight_runs_buy_nothing_that_would_wait_and_say_so_once(december: World) -> None:
    december.buy("demo-monthly-20gb", "a")
    rule_of_old(december, "a", "a", below="8GB", plan="demo-weekly-2gb")
    december.now = at("2026-12-01T09:00")
    december.use("13GB", "a")
    for run in RUNS:
        december.now = at(f"2026-12-{run}:00")
        found = december.decision(rule="a")
        assert (found["decision"], found["reason"], found["code"]) == ("skip", "would_wait", 0)
        assert "--before-expiry" in found["explanation"]
    assert december.orders() == []
    assert december.alerts().count("would_wait") == 1
    assert left(december)["data"]["remaining_bytes"] == 7 * GB
    rows = december.ok("autotopup", "log", "--json").json["log"]
    assert [row["reason"] for row in rows if row["kind"] == "decision"] == ["would_wait"]


def test_enabling_a_rule_of_old_says_that_its_pack_would_wait(december: World) -> None:
    december.buy("demo-monthly-20gb", "a")
    december.use("13GB", "a")
    rule_of_old(december, "a", "a", below="8GB", plan="demo-weekly-2gb")
    said = december.ok("autotopup", "enable", "a", "--confirm", "60USD").err
    assert "would wait behind the present term of a until 2027-01-01" in said
    dry = december.sweep("--dry-run")["decisions"]
    assert [row["reason"] for row in dry] == ["would_wait"]


def test_where_nobody_says_that_it_waits_two_orders_without_the_data_end_it(
    december: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A later end, and data that waits, are no effect of data: 2.50 USD are lost where it was 10.00."""
    december.buy("demo-monthly-20gb", "a")
    rule_of_old(december, "a", "a", below="8GB", plan="demo-weekly-2gb")
    december.use("13GB", "a")
    real = SandboxProvider.quote
    monkeypatch.setattr(
        SandboxProvider, "quote", lambda *a, **k: replace(real(*a, **k), effect="add", begins_at=None, renewal=None)
    )
    reasons = []
    for run in RUNS:
        december.now = at(f"2026-12-{run}:00")
        reasons.append(december.decision(rule="a")["reason"])
    assert reasons == ["topped_up", "topped_up", "no_effect", *["suspended"] * 5]
    assert sum(float(order["price"]["amount"]) for order in december.orders()) == 2.5


def test_a_pack_that_comes_beside_the_plan_is_bought_while_another_waits(december: World) -> None:
    """Queued data only forbids what would queue: due is what can be used now."""
    december.buy("demo-monthly-20gb", "a")
    december.ok("renew", "a", "--yes")
    december.rule("--below", "8GB", "--plan", "demo-topup-2gb", line="a")
    december.use("13GB", "a")
    december.at(hours=1)
    found = december.decision(rule="a")
    assert found["decision"] == "topup"
    assert "7 GB is left" in found["explanation"]
    assert left(december)["data"]["remaining_bytes"] == 9 * GB


# ---------------------------------------------------------------------------------------------------------- schedules


def test_a_schedule_may_buy_what_begins_before_its_next_day_and_nothing_that_would_not(december: World) -> None:
    december.buy("demo-monthly-20gb", "a")
    month = ("--plan", "demo-monthly-20gb", "--max-price", "9USD", "--max-per-month", "20USD", "--rule", "month")
    week = ("--plan", "demo-weekly-2gb", "--max-price", "2USD", "--max-per-month", "20USD", "--rule", "week")
    refused = december.esimctl("autotopup", "set", "a", "--every", "weekly", "--from", "2026-12-05", *week, "--json")
    assert (refused.code, refused.json["error"]["code"]) == (2, "would_wait")
    december.ok("autotopup", "set", "a", "--every", "monthly", "--from", "2026-12-30", *month)
    december.ok("autotopup", "enable", "month", "--confirm", "20USD")
    december.now = at("2026-12-30T08:00")
    assert december.decision(rule="month")["decision"] == "topup"
    december.now = at("2027-01-30T08:00")
    december.ok("renew", "a", "--yes")
    december.at(hours=1)
    assert december.decision(rule="month")["reason"] == "would_wait", "the next term is paid for already"
    assert len(december.orders()) == 2


def test_a_renewal_that_waits_is_never_followed_by_a_second_one(december: World) -> None:
    december.buy("demo-monthly-20gb", "a")
    december.rule("--before-expiry", "40d", "--plan", "demo-monthly-20gb", line="a", price="9USD", month="90USD")
    decisions = []
    for _ in range(8):
        december.at(days=3)
        decisions.append(december.decision(rule="a")["decision"])
    assert decisions == ["topup", *["skip"] * 7]
    december.now = at("2027-01-02T08:00")
    assert december.decision(rule="a")["decision"] == "topup", "the term that waited has begun"


# --------------------------------------------------------------------------- what ends is renewed before anything else


def pair(world: World, weekly: str) -> None:
    """A weekly pack and a renewal a day before the end, on a plan that is bought at 08:04."""
    world.now = at("2026-12-01T08:04")
    world.buy("demo-monthly-20gb", "a")
    world.rule("--every", "weekly", "--from", weekly, "--plan", "demo-topup-2gb", "--rule", "weekly",
               line="a", month="60USD")  # fmt: skip
    world.rule("--before-expiry", "1d", "--plan", "demo-monthly-20gb", "--rule", "renewal",
               line="a", price="9USD", month="60USD")  # fmt: skip
    world.ok("sandbox", "use", "a", "8GB")


def test_four_minutes_before_its_end_the_plan_is_renewed_before_the_weekly_pack(december: World) -> None:
    """Run daily at 08:00, the plan ends at 08:04: 12 GB are carried, and the weekly pack comes a day later."""
    pair(december, "2027-01-01")
    december.now = at("2026-12-31T08:00")
    assert {row["reason"] for row in december.sweep()["decisions"]} == {"not_due"}
    december.now = at("2027-01-01T08:00")
    dry = {row["rule"]: row["decision"] for row in december.sweep("--dry-run")["decisions"]}
    assert dry == {"renewal": "would_topup", "weekly": "skip"}
    rows = {row["rule"]: row for row in december.sweep()["decisions"]}
    assert (rows["renewal"]["decision"], rows["weekly"]["reason"]) == ("topup", "pending")
    assert "the next run takes this one" in rows["weekly"]["explanation"]
    december.now = at("2027-01-01T09:00")
    row = left(december)
    assert row["data"]["remaining_bytes"] == 32 * GB
    assert row["rollover"]["lost_if_not_bytes"] in (20 * GB, 32 * GB)
    assert december.alerts().count("expiring") == 1, "a plan that was renewed just now is not told to end"
    december.now = at("2027-01-02T08:00")
    rows = {row["rule"]: row["decision"] for row in december.sweep()["decisions"]}
    assert rows == {"renewal": "skip", "weekly": "topup"}
    assert left(december)["data"]["remaining_bytes"] == 34 * GB


def test_a_weekly_pack_whose_effect_is_looked_for_a_week_later_is_not_without_effect(december: World) -> None:
    pair(december, "2026-12-04")
    december.now = at("2026-12-04T08:04")
    reasons: list[str] = []
    for _ in range(6):
        rows = {row["rule"]: row["reason"] for row in december.sweep()["decisions"]}
        reasons.append(rows["weekly"])
        december.at(days=7)
    assert set(reasons) <= {"topped_up", "pending"}, reasons
    assert reasons.count("topped_up") >= 5
    shown = {row["rule"]: row["status"] for row in december.ok("autotopup", "show", "--json").json["rules"]}
    assert shown == {"renewal": "active", "weekly": "active"}
    assert december.ok("transactions", "audit", "--json").json["findings"] == [], "nor is it one for support"


def test_the_end_of_a_pack_beside_the_plan_is_not_the_end_of_the_plan(december: World) -> None:
    """The plan has ended, a pack lives on: the renewal is due, and a reminder says that the plan is over."""
    pair(december, "2027-06-01")
    december.now = at("2026-12-31T07:00")
    december.ok("topup", "a", "--plan", "demo-topup-5gb", "--yes")
    december.now = at("2027-01-02T08:00")
    row = left(december)
    assert row["status"] == "active", "the pack"
    december.ok("autotopup", "pause", "renewal")
    december.sweep()
    assert "expired" in december.alerts()
    december.ok("autotopup", "resume", "renewal")
    found = december.decision(rule="renewal")
    assert (found["decision"], "the plan ended on 2027-01-01 08:04" in found["explanation"]) == ("topup", True)
    december.at(days=1)
    assert december.decision(rule="renewal")["reason"] == "not_due"
    assert december.alerts().count("expired") == 1


def test_a_renewal_that_must_wait_though_the_plan_ends_is_told_at_once_and_taken_by_the_next_run(
    december: World,
) -> None:
    pair(december, "2027-06-01")
    december.now = at("2026-12-31T08:00")
    december.sweep()
    december.now = at("2027-01-01T07:59")
    december.fault("slow-activation")
    december.esimctl("topup", "a", "--plan", "demo-topup-2gb", "--yes", "--no-wait")
    found = december.sweep()
    (row,) = (row for row in found["decisions"] if row["rule"] == "renewal")
    assert row["reason"] == "pending"
    (told,) = (alert for alert in found["alerts"] if alert["alert"] == "renewal_waits")
    assert "2027-01-01 01:04 UTC" in told["text"]
    assert "before the next usual run" in told["text"]
    december.now = at("2027-01-01T08:01")
    found = december.sweep()
    assert [row["reason"] for row in found["decisions"] if row["rule"] == "renewal"] == ["topped_up"], found
    assert [alert["alert"] for alert in found["resolved"]] == ["renewal_waits"]


def test_a_wait_that_costs_nothing_is_not_told(december: World) -> None:
    """Fifteen minutes to the next run, and a day to the end."""
    pair(december, "2027-06-01")
    december.now = at("2026-12-31T08:00")
    december.sweep()
    december.at(minutes=15)
    december.fault("slow-activation")
    december.esimctl("topup", "a", "--plan", "demo-topup-2gb", "--yes", "--no-wait")
    found = december.sweep()
    assert {row["reason"] for row in found["decisions"]} >= {"pending"}
    assert "renewal_waits" not in december.alerts()


# ---------------------------------------------------------------------------------------------- by hand, and at vendors


def test_a_person_hears_when_it_would_begin(december: World) -> None:
    december.buy("demo-monthly-20gb", "a")
    offer = december.ok("renew", "a", "--plan", "demo-weekly-2gb", "--dry-run", "--json").json["offer"]
    assert (offer["effect"], offer["begins_at"]) == ("queue", "2027-01-01T01:00:00Z")
    beside = december.ok("topup", "a", "--plan", "demo-topup-2gb", "--dry-run", "--json").json["offer"]
    assert (beside["effect"], beside["begins_at"]) == ("add", None)


def test_what_only_its_owner_can_buy_is_not_suggested_where_it_would_wait(december: World) -> None:
    """The person's own word on an early renewal holds for a line at a counter as well."""
    december.ok("lines", "add", "mum", "--provider", "manual", "--carrier", "smart", "--plan", "smart-laor-30d",
                "--price", "5USD")  # fmt: skip
    december.rule("--below", "8GB", "--plan", "smart-laor-7d", line="mum", price="9USD", month="20USD")
    december.ok("usage", "record", "mum", "--remaining", "1GB")
    december.at(hours=1)
    assert december.decision(rule="mum")["decision"] == "remind"
    december.ok("policy", "set", "smart", "early-renewal", "effect=queue", "--source", "the shop said so")
    december.at(hours=1)
    found = december.decision(rule="mum")
    assert (found["decision"], found["reason"]) == ("skip", "would_wait")
    offer = december.ok("renew", "mum", "--plan", "smart-laor-7d", "--dry-run", "--json").json["offer"]
    assert offer["effect"] == "queue"
    assert offer["begins_at"] is not None
    refused = december.esimctl("autotopup", "set", "mum", "--below", "8GB", "--plan", "smart-laor-7d", "--max-price",
                               "9USD", "--max-per-month", "20USD", "--json")  # fmt: skip
    assert (refused.code, refused.json["error"]["code"]) == (2, "would_wait")


def test_a_vendor_s_pack_waits_by_the_word_on_the_running_plan(
    run: Runner, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shop = furnish(monkeypatch, tmp_path / "home")
    terms = {**shop_module.PLAN.terms, "early_renewal": "queue"}
    monkeypatch.setattr(shop_module, "PLAN", replace(shop_module.PLAN, terms=terms))
    end = at("2026-11-27T09:00")
    shop.readings = [Reading(end, "active", granted_bytes=GB, remaining_bytes=5, expires_at=end)]
    assert run("buy", "shop/ten", "--name", "phone", "--yes").code == 0
    run("balance", "--refresh")
    words = ("autotopup", "set", "phone", "--plan", "shop/ten", "--max-price", "10USD", "--max-per-month", "90USD")
    refused = run(*words, "--below", "500MB", "--json")
    assert (refused.code, refused.json["error"]["code"]) == (2, "would_wait")
    assert run(*words, "--before-expiry", "2d").code == 0
    assert run(*words, "--below", "500MB", now="2026-11-27T10:00:00+07:00").code == 0, "the term is over"


# ---------------------------------------------------------------------------------------------- what passes for what


def session_at(now: datetime) -> Session:
    return open_profile(None, {**os.environ, "ESIMCTL_NOW": now.isoformat()})


def test_no_effect_of_one_kind_passes_for_another() -> None:
    from esimctl.autotopup.effect import more_data, more_money, more_time
    from esimctl.providers.protocol import ReadingBucket
    from esimctl.values.money import Money

    now = at("2026-12-01T08:00")
    pack = ReadingBucket("a", "base", "data", 20 * GB, 7 * GB, now, now + timedelta(days=30))
    before = Reading(now, "active", granted_bytes=20 * GB, remaining_bytes=7 * GB, main_balance=Money(100, "USD"),
                     expires_at=pack.end, plan_ends_at=pack.end, buckets=(pack,))  # fmt: skip
    assert pack.end is not None
    later = replace(before, expires_at=pack.end + timedelta(days=7), plan_ends_at=pack.end + timedelta(days=7))
    waits = replace(later, ahead=(replace(pack, id="queued-1", start=pack.end),))
    outlived = replace(before, expires_at=pack.end + timedelta(days=7))
    added = replace(before, granted_bytes=22 * GB, remaining_bytes=9 * GB, buckets=(pack, replace(pack, id="b")))
    richer = replace(before, main_balance=Money(200, "USD"))
    spent = replace(before, main_balance=Money(50, "USD"), charged=Money(150, "USD"))
    looks = (before, later, waits, outlived, added, richer, spent)
    assert [more_data(before, each) for each in looks] == [False, False, False, False, True, False, False]
    assert [more_time(before, each) for each in looks] == [False, True, True, False, False, False, False]
    assert [more_money(before, each) for each in looks] == [False, False, False, False, False, True, True]


def test_an_extension_in_the_middle_of_a_longer_term_waits_like_a_queue() -> None:
    from esimctl.charging.engine import Engine
    from esimctl.charging.events import Purchase
    from esimctl.charging.outlook import renewal
    from esimctl.charging.setup import LineSetup, Setup
    from esimctl.charging.terms import terms_from_table
    from esimctl.values.moments import zone

    terms = terms_from_table(
        "year", {"data": "10GB", "term": "1 year", "period": "1 month", "early_renewal": "extend"}
    )  # fmt: skip
    start = at("2026-12-01T08:00")
    engine = Engine(Setup(zone("Asia/Phnom_Penh"), start, {"a": LineSetup()}), journal=False)
    engine.apply(Purchase(start, "a", terms))
    engine.advance(start + timedelta(days=40))
    told = renewal(engine, "a", terms)
    assert (told.effect, told.begins_at) == ("queue", at("2027-12-01T08:00"))
    engine.advance(at("2027-11-10T08:00"))
    assert renewal(engine, "a", terms).effect == "extend"
