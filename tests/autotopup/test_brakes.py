"""The brakes before a rule spends, seen from the command line: other people's orders, the account, the clock, us."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from esimctl.autotopup.clock import is_sane
from esimctl.errors import CredentialsError, EsimctlError, Unreachable
from esimctl.ledger.fold import Ledger
from esimctl.providers.sandbox.provider import SandboxProvider
from esimctl.purchase.opening import open_profile
from esimctl.store.kept_by import BUILT
from esimctl.values.money import Money
from esimctl.values.record import replace
from tests.autotopup.conftest import World


def settings(world: World, old: str, new: str) -> None:
    """Edit profile.toml as a person would."""
    path = Path(world.ok("profile", "path").out.strip()) / "profile.toml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def with_credit(world: World, credit: str) -> None:
    """The sandbox account holds so much, and the rules pay from it."""
    settings(
        world, '[provider.sandbox]\nkind = "sandbox"\n', f'[provider.sandbox]\nkind = "sandbox"\nbalance = "{credit}"\n'
    )
    world.ok("payments", "add", "credit", "--kind", "provider-balance")


CREDIT = ("--below", "500MB", "--plan", "demo-topup-2gb", "--pay", "credit")


# ------------------------------------------------------------------------------------ a second machine, one account


def test_an_order_of_another_machine_on_the_same_account_is_seen_before_a_rule_spends(low: World) -> None:
    low.ok("profile", "create", "other")
    low.ok("buy", "demo-monthly-5gb", "--profile", "other", "--yes")
    found = low.decision()
    assert (found["reason"], found["code"]) == ("foreign_order", 5)
    assert low.orders() == []
    assert low.alerts().count("foreign_order") == 1
    low.ok("reconcile", "--acknowledge", "all")
    assert low.decision()["decision"] == "topup"


def test_the_order_list_is_asked_for_once_a_run_and_only_when_something_is_due(
    low: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    low.buy("smart-5g-30d", "second")
    low.rule(line="second")
    low.use("89600MB", "second")
    real, asked = SandboxProvider.orders, []
    monkeypatch.setattr(SandboxProvider, "orders", lambda *a, **k: asked.append(1) or real(*a, **k))
    assert [row["decision"] for row in low.sweep()["decisions"]] == ["topup", "topup"]
    assert len(asked) == 1
    low.sweep()
    assert len(asked) == 1, "nothing is due"


@pytest.mark.parametrize(
    ("error", "reason", "code"),
    [
        (Unreachable("nobody there"), "unreachable", 69),
        (CredentialsError("the key was withdrawn"), "credentials", 77),
    ],
)
def test_an_order_list_that_cannot_be_seen_lets_nothing_through(
    low: World, monkeypatch: pytest.MonkeyPatch, error: EsimctlError, reason: str, code: int
) -> None:
    def fails(*_a: object, **_k: object) -> None:
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(SandboxProvider, "orders", fails)
        found = low.decision()
        assert (found["reason"], found["code"]) == (reason, code)
    assert low.orders() == []
    assert low.decision()["decision"] == "topup"


def test_a_charge_that_was_taken_twice_holds_the_rule_until_somebody_looked(low: World) -> None:
    low.fault("duplicate-charge")
    assert low.decision()["decision"] == "topup"
    low.use("2000MB")
    low.at(hours=2)
    assert low.decision()["reason"] == "foreign_order"
    low.ok("reconcile", "--acknowledge", "all")
    assert low.decision()["decision"] == "topup"


# -------------------------------------------------------------------------------------------------------- the account


def test_an_account_that_holds_less_than_its_orders_explain_holds_the_rule(world: World) -> None:
    with_credit(world, "20.00 USD")
    world.rule(*CREDIT)
    world.use("89600MB")
    assert world.decision()["decision"] == "topup"
    world.use("2000MB")
    world.at(hours=2)
    drained = pytest.MonkeyPatch()
    try:
        real = SandboxProvider.account_balance
        drained.setattr(SandboxProvider, "account_balance", lambda *a, **k: real(*a, **k) - Money(300, "USD"))
        found = world.decision()
        assert (found["reason"], found["code"]) == ("balance_differs", 5)
        assert "3.00 USD" in found["explanation"]
        assert world.alerts().count("balance_differs") == 1
    finally:
        drained.undo()
    assert len(world.orders()) == 1
    assert world.decision()["decision"] == "topup", "the money is there again"


def test_money_that_a_person_paid_in_holds_nothing_back(world: World) -> None:
    with_credit(world, "20.00 USD")
    world.rule(*CREDIT)
    world.use("89600MB")
    assert world.decision()["decision"] == "topup"
    world.use("2000MB")
    world.at(hours=2)
    more = pytest.MonkeyPatch()
    try:
        real = SandboxProvider.account_balance
        more.setattr(SandboxProvider, "account_balance", lambda *a, **k: real(*a, **k) + Money(5000, "USD"))
        assert world.decision()["decision"] == "topup"
    finally:
        more.undo()


def test_row_12a_an_account_below_the_price_is_told_and_not_tried(world: World) -> None:
    with_credit(world, "0.50 USD")
    world.rule(*CREDIT)
    world.use("89600MB")
    found = world.decision()
    assert found["reason"] == "insufficient_funds"
    assert world.orders() == []
    assert world.alerts().count("insufficient_funds") == 1


def test_row_12b_a_floor_stays_in_the_account(world: World) -> None:
    with_credit(world, "6.50 USD")
    world.rule(*CREDIT, "--floor", "5USD")
    world.use("89600MB")
    assert world.decision()["decision"] == "topup", "5.50 USD stay"
    world.use("2000MB")
    world.at(hours=2)
    found = world.decision()
    assert (found["reason"], found["code"]) == ("balance_floor", 5)
    assert "5.00 USD" in found["explanation"]
    assert len(world.orders()) == 1
    assert world.alerts().count("balance_floor") == 1


def test_an_order_that_did_not_come_as_ordered_holds_the_line_until_somebody_looked(low: World) -> None:
    from esimctl.profile.books import open_books

    low.ok("topup", "phone", "--plan", "demo-topup-2gb", "--yes")
    order = low.orders()[-1]["id"]
    with open_books(open_profile(None, {**os.environ, "ESIMCTL_NOW": low.now.isoformat()}), "test") as books:
        books.write({"kind": "order.paid", "order": order, "paid_minor": 300, "paid_currency": "USD",
                     "discrepancy": "charged 3.00 USD instead of 1.00 USD"})  # fmt: skip
    low.use("2000MB")
    low.at(hours=2)
    found = low.decision()
    assert (found["reason"], found["code"]) == ("discrepancy", 5)
    low.esimctl("reconcile", "--acknowledge", order)
    assert low.decision()["decision"] == "topup"


# ---------------------------------------------------------------------------------------------------- nobody was here


def test_after_ten_orders_without_a_person_rules_stop_and_say_so(world: World) -> None:
    world.rule(price="2USD", month="100USD")
    for _ in range(10):
        world.use("89600MB" if not world.orders() else "2000MB")
        assert world.decision()["decision"] == "topup"
        world.at(hours=3)
    world.use("2000MB")
    found = world.decision()
    assert (found["reason"], found["code"]) == ("unattended_limit", 5)
    assert len(world.orders()) == 10
    assert world.alerts().count("unattended_limit") == 1
    world.ok("autotopup", "resume")
    assert world.decision()["decision"] == "topup"


def test_a_persons_own_order_begins_the_count_anew(world: World) -> None:
    world.rule("--below", "500MB", "--plan", "demo-topup-2gb", "--max-unattended", "1", month="100USD")
    world.use("89600MB")
    assert world.decision()["decision"] == "topup"
    world.use("2000MB")
    world.at(hours=3)
    assert world.decision()["reason"] == "unattended_limit"
    world.ok("topup", "phone", "--amount", "1USD", "--yes")
    world.at(hours=3)
    assert world.decision()["decision"] == "topup"


def test_a_topup_that_no_reading_shows_waits_six_hours_for_the_figures(
    low: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = open_profile(None, {**os.environ, "ESIMCTL_NOW": low.now.isoformat()})
    from esimctl.profile.naming import line_ref

    frozen = session.provider("sandbox").reading(line_ref("phone", dict(session.lines["phone"])), low.now)
    with monkeypatch.context() as patch:
        patch.setattr(
            SandboxProvider, "reading", lambda _self, _line, now, **_k: replace(frozen, at=now, next_change=None)
        )
        assert low.decision()["decision"] == "topup"
        low.at(hours=2)
        found = low.decision()
        assert (found["reason"], found["code"]) == ("effect_unseen", 5)
        low.at(hours=3)
        assert low.decision()["reason"] == "effect_unseen"
    low.at(minutes=30)
    assert low.decision()["reason"] == "not_due", "the figures came after all"
    low.use("2000MB")
    low.at(minutes=30)
    assert low.decision()["decision"] == "topup", "a top-up that was seen late is no top-up without effect"


# ---------------------------------------------------------------------------------------------------------- the clock


class Standing:
    """A clock of the machine's own, which stands still."""

    rehearsal = False

    def __init__(self, now: datetime) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now


def session_at(now: datetime) -> Any:
    session = open_profile(None, {**os.environ, "ESIMCTL_NOW": ""})
    session.clock = Standing(now)  # type: ignore[assignment]
    return session


@pytest.mark.parametrize(
    ("now", "sane"),
    [
        (BUILT - timedelta(days=1), False),
        (BUILT + timedelta(days=1), True),
        (datetime(2040, 1, 1, tzinfo=UTC), True),
    ],
)
def test_a_machine_whose_clock_is_before_this_program_was_built_has_lost_its_time(now: datetime, sane: bool) -> None:
    assert is_sane(session_at(now), Ledger(), now) is sane


def test_a_run_every_quarter_of_an_hour_keeps_the_clock_believed_though_nothing_is_journalled(
    world: World, tmp_path: Path
) -> None:
    """Four hundred days are counted from the last run, not only from the last entry."""
    world.rule("--every", "monthly", "--from", "2030-12-01", "--amount", "1USD")
    path = tmp_path / "home" / "profiles" / "default" / "last-run.toml"
    world.sweep()
    path.write_text(f"believed_at = {(world.now + timedelta(days=300)).isoformat()}\n")
    world.at(days=500)
    assert world.decision()["reason"] == "not_due"
    world.at(days=500)
    assert world.decision()["reason"] == "clock"


@pytest.mark.parametrize(
    ("seconds", "reason", "warned"),
    [(20.0, "due", 0), (600.0, "due", 1), (-90_000.0, "provider_clock", 0), (90_000.0, "provider_clock", 0)],
)
def test_a_provider_whose_clock_is_a_day_away_gets_no_order(
    low: World, monkeypatch: pytest.MonkeyPatch, seconds: float, reason: str, warned: int
) -> None:
    from esimctl.autotopup import situation, vetting

    for module in (situation, vetting):
        monkeypatch.setattr(module, "provider_skew", lambda *_a: timedelta(seconds=seconds))
    found = low.sweep()
    (row,) = found["decisions"]
    assert row["reason"] == (reason if reason != "due" else "topped_up")
    assert found["code"] == (5 if reason == "provider_clock" else 0)
    assert low.alerts().count("clock_skew") == warned


def test_what_a_provider_says_of_its_time_is_what_its_adapter_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    from esimctl.autotopup.clock import provider_skew

    class Telling:
        def clock_skew(self) -> float | None:
            return -7200.0

    session = session_at(datetime(2027, 1, 1, tzinfo=UTC))
    monkeypatch.setattr(session, "provider", lambda _name: Telling())
    assert provider_skew(session, "any") == timedelta(hours=-2)
    session.clock.rehearsal = True
    assert provider_skew(session, "any") is None, "a rehearsal's clock is nobody else's"
