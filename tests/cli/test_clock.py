"""Clocks that are wrong: taken back by a person, refused where they cannot be right, no trouble on an honest day."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from esimctl.profile.opened import Clock
from esimctl.show.terminal import Terminal
from tests.conftest import Outcome, Runner, tree

BEGUN = datetime(2026, 12, 1, 3, tzinfo=UTC)
WRONG = datetime(2038, 1, 19, 3, tzinfo=UTC)
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
TOPUP = ("topup", "phone", "--plan", "demo-topup-2gb", "--yes", "--max-price", "2USD")


class Machine:
    """A machine with a clock of its own; ESIMCTL_NOW is not set."""

    def __init__(self, run: Runner, patch: pytest.MonkeyPatch, folder: Path) -> None:
        self._run, self._patch, self.folder = run, patch, folder / "home/profiles/default"

    def at(self, now: datetime, *words: str, code: int | None = 0, given: str = "") -> Outcome:
        """A command by a clock that says `now`; it has to end with `code`, where that is given."""
        self._patch.setattr(Clock, "now", lambda _self: now)
        found = self._run(*words, now=None, given=given)
        assert code in (None, found.code), found
        return found

    def bought(self, now: datetime = BEGUN) -> "Machine":
        """With a line of 20 GB."""
        self.at(now, "buy", "demo-monthly-20gb", "--provider", "sandbox", "--name", "phone", "--yes")
        return self

    def ruled(self) -> "Machine":
        """With a rule that is always due."""
        rule = ("--below", "30GB", "--plan", "demo-topup-2gb", "--max-price", "2USD", "--max-per-month", "6USD")
        self.at(BEGUN, "autotopup", "set", "phone", *rule)
        self.at(BEGUN, "autotopup", "enable", "phone", "--confirm", "6USD")
        return self

    def months(self, now: datetime, *words: str) -> dict[str, tuple[Any, int]]:
        """Month → (spent, purchases) of the report."""
        rows = self.at(now, "report", *words, "--json").json["report"]
        return {row["month"]: (row["spend"][0]["amount"] if row["spend"] else "0", row["purchases"]) for row in rows}

    def orders(self, now: datetime, *words: str) -> list[dict[str, Any]]:
        """What `transactions list` has."""
        return list(self.at(now, "transactions", "list", *words, "--json").json["transactions"])

    def journal(self) -> dict[str, bytes]:
        """What stands in the journal."""
        return tree(self.folder / "journal")

    def check(self, now: datetime, code: int | None = 20) -> dict[str, Any]:
        """The doctor's row about the clock."""
        rows = self.at(now, "doctor", "--json", code=code).json["checks"]
        return next(row for row in rows if row["name"] == "clock")


@pytest.fixture
def machine(run: Callable[..., Outcome], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Machine:
    return Machine(run, monkeypatch, tmp_path)


def test_one_look_by_a_wrong_clock_stops_the_rules_until_a_person_says_the_date(machine: Machine) -> None:
    """The books were dead for good after it; now the doctor names the way out, and they are right again."""
    machine.bought().ruled()
    machine.at(WRONG, "balance", "--refresh")
    found = machine.at(BEGUN + DAY, "autotopup", "run", code=5)
    assert "esimctl doctor --clock" in found.err
    row = machine.check(BEGUN + DAY)
    assert (row["status"], row["fix"]) == ("fail", "esimctl doctor --clock")
    told = machine.at(BEGUN + DAY, "doctor", "--clock", "2026-12-02", code=None)
    assert "entries stood in the future, up to 2038-01-19 03:00 UTC" in told.err
    assert machine.check(BEGUN + DAY, code=None)["status"] == "ok"
    machine.at(BEGUN + DAY, *TOPUP)
    assert machine.months(BEGUN + DAY) == {"2026-12": ("10.00", 2)}
    ordered = machine.at(BEGUN + DAY + 121 * MINUTE, "autotopup", "run", "--json").json["orders"]
    assert [order["created_at"][:10] for order in ordered] == ["2026-12-02"]
    for words in (("balance", "--json"), ("check", "--json"), ("transactions", "audit"), ("reconcile",)):
        machine.at(BEGUN + 2 * DAY, *words)


def test_an_order_of_the_wrong_clock_says_so_and_counts_in_both_months(machine: Machine) -> None:
    machine.bought()
    machine.at(WRONG, *TOPUP)
    machine.at(BEGUN + DAY, *TOPUP)  # by the right clock: it could not stand before what was written
    machine.at(BEGUN + 2 * DAY, "doctor", "--clock", "2026-12-03", code=None)
    machine.at(BEGUN + 3 * DAY, *TOPUP)
    now = BEGUN + 3 * DAY
    orders = machine.orders(now)
    assert [order["created_at"][:10] for order in orders] == ["2026-12-01", "2026-12-03", "2026-12-03", "2026-12-04"]
    assert [order.get("stated_at", "")[:10] for order in orders] == ["", "2038-01-19", "2038-01-19", ""]
    assert [order["id"] for order in machine.orders(now, "--since", "2038-01-01")] == [o["id"] for o in orders[1:3]]
    assert len(machine.orders(now, "--until", "2027-01-01")) == 4
    assert f"a wrong clock dated order {orders[1]['id']} 2038-01-19" in machine.at(now, "transactions", "list").err
    shown = machine.at(now, "transactions", "show", orders[1]["id"], "--json").json
    assert shown["order"]["stated_at"] == "2038-01-19T03:00:00Z"
    assert machine.months(now) == {"2026-12": ("12.00", 4)}
    assert machine.months(now, "--month", "2038-01") == {"2038-01": ("2.00", 2)}
    steps = machine.at(now, "transactions", "receipt", orders[1]["id"], "--json").json["receipt"]["steps"]
    assert {step["at"][:10] for step in steps} == {"2026-12-03"}


def test_a_report_over_both_months_has_the_money_once_in_its_total(machine: Machine) -> None:
    machine.bought()
    machine.at(datetime(2027, 1, 10, tzinfo=UTC), *TOPUP)
    machine.at(BEGUN + DAY, "doctor", "--clock", "2026-12-02", code=None)
    data = machine.at(BEGUN + DAY, "report", "--month", "2027-01", "--months", "2", "--json").json
    assert [row["spend"][0]["amount"] for row in data["report"]] == ["10.00", "1.00"]
    assert data["totals"][0]["spend"][0]["amount"] == "10.00"


def test_limits_count_it_now_and_in_the_month_that_it_stated(machine: Machine) -> None:
    """A clock a month ahead opens neither this month's budget nor the next one's."""
    machine.bought()
    machine.at(BEGUN, "profile", "budget", "set", "11USD/month")
    machine.at(datetime(2027, 1, 10, tzinfo=UTC), *TOPUP)
    machine.at(BEGUN + DAY, "doctor", "--clock", "2026-12-02", code=None)
    spent = {}
    for now in (BEGUN + DAY, datetime(2027, 1, 3, tzinfo=UTC), datetime(2027, 2, 3, tzinfo=UTC)):
        spent[f"{now:%m}"] = machine.at(now, "profile", "budget", "--json").json["budgets"][0]["spent"]["amount"]
    assert spent == {"12": "10.00", "01": "1.00", "02": "0.00"}


def test_a_cool_down_and_a_pause_begin_when_the_clock_is_taken_back(machine: Machine) -> None:
    machine.bought().ruled()
    machine.at(BEGUN + 200 * DAY, "autotopup", "run", "--json")
    assert len(machine.orders(BEGUN + DAY)) == 2, "the rule bought by a clock that was months ahead"
    machine.at(BEGUN + DAY, "doctor", "--clock", "2026-12-02", code=None)
    soon = machine.at(BEGUN + DAY + 10 * MINUTE, "autotopup", "run", "--json", code=None).json
    assert soon["orders"] == []
    later = machine.at(BEGUN + 2 * DAY, "autotopup", "run", "--json").json
    assert len(later["orders"]) == 1


def test_the_date_is_typed_by_a_person(machine: Machine) -> None:
    """Without a terminal it is an option, and what contradicts it is said."""
    machine.bought()
    machine.at(WRONG, "balance", "--refresh")
    before = machine.journal()
    found = machine.at(BEGUN, "doctor", "--clock", code=2)
    assert "esimctl doctor --clock YYYY-MM-DD" in found.err
    for typed, code, word in (
        ("tomorrow", 2, "not a date"),
        ("2026-13-01", 2, "not a date"),
        ("20261201", 2, "not a date"),
        ("2025-12-01", 5, "this program was made on"),
        ("2026-12-04", 5, "the clock of this machine says 2026-12-01"),
        ("2038-01-19", 5, "the clock of this machine says 2026-12-01"),
    ):
        assert word in machine.at(BEGUN, "doctor", "--clock", typed, code=code).err
    assert "--clock" in machine.at(BEGUN, "doctor", "2026-12-01", code=2).err
    assert machine.journal() == before


def test_on_a_terminal_the_date_is_asked_for(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.bought()
    machine.at(WRONG, "balance", "--refresh")
    monkeypatch.setattr(Terminal, "can_prompt", property(lambda _self: True))
    found = machine.at(BEGUN + DAY, "doctor", "--clock", code=None, given="2026-12-02\n")
    assert found.err.startswith("What day is it today (like 2026-11-29)? ")
    assert "entries stood in the future" in found.err
    assert machine.check(BEGUN + DAY, code=None)["status"] == "ok"


def test_a_date_that_a_provider_has_contradicted_is_refused(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was heard last is kept with the orders; the time of a provider never runs back."""
    machine.bought()
    monkeypatch.setattr("esimctl.purchase.sending.their_clock", lambda _books, _provider: BEGUN + 40 * DAY)
    machine.at(BEGUN, *TOPUP)
    machine.at(WRONG, "balance", "--refresh")
    found = machine.at(BEGUN + DAY, "doctor", "--clock", "2026-12-02", code=5)
    assert "sandbox said 2027-01-10 before" in found.err
    machine.at(BEGUN + 40 * DAY, "doctor", "--clock", "2027-01-10", code=None)
    assert machine.check(BEGUN + 40 * DAY, code=None)["status"] == "ok"


def test_where_nothing_stands_in_the_future_nothing_is_written(machine: Machine) -> None:
    machine.bought()
    before = machine.journal()
    assert "nothing was written" in machine.at(BEGUN + MINUTE, "doctor", "--clock", "2026-12-01", code=None).err
    assert machine.journal() == before


def test_a_jump_of_more_than_a_year_waits_for_a_person(machine: Machine) -> None:
    machine.bought().ruled()
    late = BEGUN + 380 * DAY
    before = machine.journal()
    assert "esimctl doctor --clock" in machine.at(late, "autotopup", "run", code=5).err
    assert machine.at(late + MINUTE, "autotopup", "run", code=5).err == "", "told once a day"
    assert machine.journal() == before
    assert machine.check(late)["fix"] == "esimctl doctor --clock"
    machine.at(late, "doctor", "--clock", f"{late:%Y-%m-%d}", code=None)
    assert machine.at(late, "autotopup", "run", "--json", code=None).json["decisions"][0]["reason"] != "clock"


def test_books_that_began_by_a_wrong_clock_are_taken_back_whole(machine: Machine) -> None:
    machine.bought(WRONG)
    found = machine.at(BEGUN, *TOPUP, code=5)
    assert "before the first entry of the journal, 2038-01-19 03:00 UTC" in found.err
    assert "esimctl doctor --clock" in found.err
    machine.at(BEGUN, "payments", "add", "purse", "--kind", "cash", code=5)
    machine.at(BEGUN, "doctor", "--clock", "2026-12-01", code=None)
    machine.at(BEGUN + MINUTE, *TOPUP)
    assert machine.months(BEGUN + DAY) == {"2026-12": ("10.00", 2)}


def test_a_pi_without_a_clock_says_so_once_and_goes_on_by_itself(machine: Machine) -> None:
    """It starts in 1970, and the network tells it the time after a while. Looking is free, and nothing is written."""
    machine.bought().ruled()
    before = machine.journal()
    boot = datetime(1970, 1, 1, 0, 0, 5, tzinfo=UTC)
    told = machine.at(boot, "autotopup", "run", code=5).err
    assert (
        told
        == "the clock of this machine says 1970-01-01 00:00 UTC, before this program was made: nothing is written\n"
    )
    assert machine.at(boot + 15 * MINUTE, "autotopup", "run", code=5).err == ""
    assert machine.at(boot + DAY, "autotopup", "run", code=5).err == told.replace("01-01", "01-02"), "said again"
    for words, code in ((("balance",), 0), (("transactions", "list"), 0), (TOPUP, 5), (("payments", "add", "x"), 5)):
        machine.at(boot, *words, *(("--kind", "cash") if "add" in words else ()), code=code)
    assert machine.check(boot)["status"] == "fail"
    assert machine.journal() == before
    assert len(machine.at(BEGUN + DAY, "autotopup", "run", "--json").json["orders"]) == 1


def test_a_new_machine_without_a_clock_leaves_nothing_behind(machine: Machine, tmp_path: Path) -> None:
    words = ("buy", "demo-monthly-20gb", "--provider", "sandbox", "--name", "phone", "--yes")
    machine.at(datetime(1970, 1, 1, tzinfo=UTC), *words, code=5)
    machine.at(datetime(1970, 1, 1, tzinfo=UTC), "profile", "create", "mine", code=5)
    assert not (tmp_path / "home" / "profiles").exists()


def test_a_clock_that_is_five_minutes_off_is_no_trouble(machine: Machine) -> None:
    """Neither ahead nor behind; times stay in order, and nobody is asked anything."""
    machine.bought().ruled()
    machine.at(BEGUN + 5 * MINUTE, "balance", "--refresh")
    found = machine.at(BEGUN + 2 * MINUTE, "autotopup", "run", "--json")
    assert len(found.json["orders"]) == 1
    assert machine.check(BEGUN + 2 * MINUTE, code=None)["status"] == "ok"
    machine.at(BEGUN - 4 * MINUTE, "balance", "--refresh")
    before = machine.journal()
    assert "nothing was written" in machine.at(BEGUN + MINUTE, "doctor", "--clock", "2026-12-01", code=None).err
    assert machine.journal() == before
    assert [order["created_at"] for order in machine.orders(BEGUN + DAY)] == sorted(
        order["created_at"] for order in machine.orders(BEGUN + DAY)
    )


@pytest.mark.parametrize("typed", ["2026-12-01", "2026-12-02", "2026-11-30"])
def test_a_journey_across_the_date_line_is_no_contradiction(machine: Machine, typed: str) -> None:
    """At 11:00 by UTC it is the second in Kiritimati, and was the thirtieth an hour ago on Baker Island."""
    hour = {"2026-12-02": 11, "2026-12-01": 11, "2026-11-30": 11}[typed]
    now = BEGUN.replace(hour=hour)
    machine.bought()
    profile = machine.folder / "profile.toml"
    for zone in ("Pacific/Kiritimati", "Etc/GMT+12"):
        profile.write_text(profile.read_text().replace("Asia/Phnom_Penh", zone))
        machine.at(now, "balance", "--refresh")
        machine.at(now, "report")
    machine.at(now, "doctor", "--clock", typed, code=None)
    machine.at(now, *TOPUP)


def test_a_rehearsal_goes_where_it_likes(run: Runner) -> None:
    """Its clock is the person's own: no release and no first entry stand in its way, and it is taken back alike."""
    buy = ("buy", "demo-monthly-20gb", "--provider", "sandbox", "--name", "phone", "--yes")
    assert run(*buy, now="2020-05-01T09:00:00+07:00").code == 0
    assert run(*TOPUP, now="2019-05-01T09:00:00+07:00").code == 0
    assert run(*TOPUP, now="2038-05-01T09:00:00+07:00").code == 0
    assert run("doctor", "--clock", "2021-05-01", now="2021-05-01T09:00:00+07:00").code in (0, 20)
    assert run(*TOPUP, now="2021-06-01T09:00:00+07:00").code == 0
    rows = run("transactions", "list", "--json", now="2021-06-01T09:00:00+07:00").json["transactions"]
    assert [row["created_at"][:4] for row in rows] == ["2020", "2020", "2021", "2021"]
    for now in (
        "9999-12-31T23:59:59-12:00",
        "0001-01-01T00:00:00+14:00",
        "1969-12-31T00:00:00Z",
        "2200-01-01T00:00:00Z",
    ):
        assert run("balance", now=now).code == 2


def test_a_brake_takes_by_any_clock(machine: Machine) -> None:
    machine.bought().ruled()
    machine.at(datetime(1970, 1, 1, 1, tzinfo=UTC), "autotopup", "pause")
    assert machine.at(BEGUN + DAY, "autotopup", "run", code=5).err != ""
