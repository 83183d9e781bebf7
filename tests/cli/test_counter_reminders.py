"""Lines bought at a counter are looked after: reminders, rules that remind, checks, and who goes through the rules."""

from pathlib import Path

import pytest

from tests.conftest import Outcome, Runner, day, standing

PLAN = "smart-laor-30d"
LIMITS = ("--max-price", "20USD", "--max-per-month", "40USD")
BOOKS = "worked out from what you bought, not read"


@pytest.fixture
def sim(run: Runner) -> Runner:
    """A pack for thirty days, bought on 1 November at nine."""
    words = ("--provider", "manual", "--carrier", "smart", "--plan", PLAN, "--price", "6USD")
    done = run("lines", "add", "sim", *words, now=day("11-01"))
    assert done.code == 0, done.err

    return standing(run, day("11-20"))


def alerts(run: Runner, now: str, *, code: int = 0) -> list[tuple[str, str]]:
    """(alert, text) of one run."""
    done = run("autotopup", "run", "--json", now=now)
    assert done.code == code, done.err
    return [(each["alert"], each["text"]) for each in done.json["alerts"]]


def ends(run: Runner, now: str) -> list[str]:
    return [text for alert, text in alerts(run, now) if alert == "expiring"]


def test_the_end_is_told_seven_three_and_one_days_before_it(sim: Runner) -> None:
    assert ends(sim, day("11-20")) == []
    for date, days in (("11-24", 7), ("11-28", 3), ("11-30", 1)):
        (text,) = ends(sim, day(date))
        assert f"in less than {days} days" in text
        assert text.endswith(f"({BOOKS})")
        assert ends(sim, day(date)) == [], "once"


def test_an_end_that_was_read_is_not_said_to_be_worked_out(sim: Runner) -> None:
    sim("usage", "record", "sim", "--remaining", "9GB", "--expires", "2026-12-01T09:00:00+07:00", now=day("11-24"))
    (text,) = ends(sim, day("11-24"))
    assert BOOKS not in text


@pytest.mark.parametrize(
    ("days", "told"),
    [(7, {"11-05": 3, "11-07": 1}), (14, {"11-08": 7, "11-12": 3, "11-14": 1}), (10, {"11-08": 3, "11-10": 1})],
)
def test_reminders_fall_only_into_the_second_half_of_a_term(run: Runner, days: int, told: dict[str, int]) -> None:
    """A weekly pack is not warned about when it is an hour old."""
    words = ("--provider", "manual", "--carrier", "smart", "--data", "5GB", "--days", str(days))
    assert run("lines", "add", "sim", *words, now=day("11-01")).code == 0
    found = {}
    for number in range(1, days + 1):
        for text in ends(run, f"2026-11-{number:02d}T10:00:00+07:00"):
            found[f"11-{number:02d}"] = int(text.partition("less than ")[2].split()[0])
    assert found == told


def test_a_pack_for_a_day_is_told_of_at_its_half(run: Runner) -> None:
    words = ("--provider", "manual", "--carrier", "smart", "--data", "1GB", "--days", "1")
    assert run("lines", "add", "sim", *words, now=day("11-01")).code == 0
    assert ends(run, "2026-11-01T20:00:00+07:00") == []
    assert len(ends(run, "2026-11-01T21:30:00+07:00")) == 1


def test_low_data_is_told_by_what_was_read(sim: Runner) -> None:
    sim("usage", "record", "sim", "--remaining", "3GB", now=day("11-15"))
    told = dict(alerts(sim, day("11-15")))
    assert "90 % of the 60 GB granted is used, 3 GB is left" in told["low_data"]
    assert BOOKS not in told["low_data"]


def test_the_end_itself_and_an_old_reading_are_told_once(sim: Runner) -> None:
    sim("usage", "record", "sim", "--remaining", "30GB", now=day("11-10"))
    assert alerts(sim, day("11-11")) == [], "a day and a half is nothing"
    ((alert, text),) = alerts(sim, day("11-12"))
    assert (alert, "nobody has looked since 2026-11-10 09:00" in text) == ("stale_reading", True)
    assert alerts(sim, day("11-13")) == []
    sim("usage", "record", "sim", "--remaining", "29GB", now=day("11-13"))
    assert alerts(sim, day("11-13")) == [], "read again: over, without a word"
    told = alerts(sim, day("12-02"))
    assert [alert for alert, _ in told].count("expired") == 1
    assert "expired" not in [alert for alert, _ in alerts(sim, day("12-03"))]


def test_a_line_whose_pack_nobody_knows_is_asked_about_and_nothing_is_made_up(run: Runner) -> None:
    assert run("lines", "add", "sim", "--provider", "manual", "--carrier", "smart", now=day("11-01")).code == 0
    assert alerts(run, day("11-01")) == []
    assert [alert for alert, _ in alerts(run, day("11-03"))] == ["stale_reading"]


def test_check_says_the_same_and_that_it_is_worked_out(sim: Runner) -> None:
    done = sim("check", "--json", now=day("11-26"))
    (row,) = done.json["lines"]
    assert done.code == 20
    assert (row["source"], set(row["attention"])) == ("modelled", {"expiring", "stale_reading"})
    assert "60 GB left, worked out" in sim("check", now=day("11-26")).out
    sim("usage", "record", "sim", "--remaining", "9GB", now=day("11-26"))
    assert "worked out" not in sim("check", now=day("11-26")).out


def test_the_calendar_has_the_end_and_says_that_it_is_worked_out(sim: Runner) -> None:
    written = sim("transactions", "export", "--format", "ics", now=day("11-01")).out.replace("\r\n ", "")
    end = next(part for part in written.split("BEGIN:VEVENT") if "SUMMARY:sim ends" in part)
    assert "DTSTART:20261201T020000Z" in end
    assert "worked out from what you bought" in end
    sim("usage", "record", "sim", "--remaining", "9GB", "--expires", "2026-12-01T09:00:00+07:00", now=day("11-24"))
    assert "worked out" not in sim("transactions", "export", "--format", "ics", now=day("11-24")).out


def rule(run: Runner, *words: str, now: str = day("11-01")) -> Outcome:
    done = run("autotopup", "set", "sim", *words, *LIMITS, now=now)
    assert done.code == 0, done.err
    assert run("autotopup", "enable", "sim", "--confirm", "40USD", now=now).code == 0
    return done


def test_a_rule_on_such_a_line_says_that_it_reminds_when_it_is_set(sim: Runner) -> None:
    done = rule(sim, "--below", "5GB", "--plan", PLAN)
    assert "nobody can order for sim from here: the rule reminds you, with the way to pay" in done.err
    assert "*1203*PIN#" in done.err
    (shown,) = sim("autotopup", "show", "--json").json["rules"]
    assert (shown["does"], shown["status"], shown["pay"]) == ("reminds", "active", ["cash"])


def test_a_due_rule_reminds_with_the_way_to_pay_and_orders_nothing(sim: Runner) -> None:
    rule(sim, "--below", "5GB", "--plan", PLAN)
    sim("usage", "record", "sim", "--remaining", "4GB", now=day("11-12"))
    done = sim("autotopup", "run", "--json", now=day("11-12"))
    (decision,) = done.json["decisions"]
    assert (done.code, decision["decision"], decision["reason"], decision["order"]) == (0, "remind", "by_hand", None)
    assert decision["would_charge"] == {"amount": "6.00", "currency": "USD"}
    assert decision["command"] == f"esimctl renew sim --plan {PLAN} --paid REFERENCE"
    assert "*1203*PIN#" in [step["value"] for step in decision["way"]]
    (text,) = [each["text"] for each in done.json["alerts"] if each["alert"] == "remind"]
    for part in ("sim: 4 GB is left, at or below 5 GB", "6.00 USD", "dial *1203*PIN#", decision["command"]):
        assert part in text
    assert text.count("*1203*PIN#") == 1, "one way of each kind"
    assert "dial *1710*600*1#" in text
    assert done.json["orders"] == []
    again = sim("autotopup", "run", "--json", now=day("11-12"))
    assert again.json["alerts"] == []
    assert len(sim("transactions", "list", "--json").json["transactions"]) == 1


def test_buying_ends_the_reminder_and_the_next_time_is_told_again(sim: Runner) -> None:
    rule(sim, "--below", "5GB", "--amount", "5USD")
    sim("usage", "record", "sim", "--remaining", "4GB", now=day("11-12"))
    assert "remind" in dict(alerts(sim, day("11-12")))
    sim("usage", "record", "sim", "--remaining", "50GB", "--force", now=day("11-13"))
    assert "remind" not in dict(alerts(sim, day("11-13")))
    sim("usage", "record", "sim", "--remaining", "2GB", now=day("11-14"))
    told = dict(alerts(sim, day("11-14")))
    assert "esimctl topup sim --amount 5.00USD --paid REFERENCE" in told["remind"]


def test_before_the_end_and_by_the_calendar_a_purchase_of_the_owner_counts(sim: Runner) -> None:
    rule(sim, "--before-expiry", "5d", "--plan", PLAN)
    assert "remind" not in dict(alerts(sim, day("11-25")))
    assert "remind" in dict(alerts(sim, day("11-27")))
    assert sim("renew", "sim", "--paid", "R-8", now=day("11-27")).code == 0
    document = sim("autotopup", "run", "--json", now=day("11-28")).json
    assert [row["reason"] for row in document["decisions"]] == ["not_due"]


def test_by_the_calendar_the_owners_purchase_is_the_months(sim: Runner) -> None:
    rule(sim, "--every", "monthly", "--from", "2026-11-10", "--plan", PLAN)
    assert "remind" in dict(alerts(sim, day("11-10")))
    assert sim("renew", "sim", "--paid", "R-9", now=day("11-11")).code == 0
    document = sim("autotopup", "run", "--json", now=day("11-12")).json
    assert [row["reason"] for row in document["decisions"]] == ["not_due"]
    assert "remind" in dict(alerts(sim, day("12-10")))


def test_a_limit_keeps_nobody_from_being_reminded(sim: Runner) -> None:
    words = ("--below", "5GB", "--plan", PLAN, "--max-price", "1USD", "--max-per-month", "1USD")
    assert sim("autotopup", "set", "sim", *words).code == 0
    assert sim("autotopup", "enable", "sim", "--confirm", "1USD").code == 0
    sim("usage", "record", "sim", "--remaining", "4GB")
    assert "remind" in dict(alerts(sim, day("11-20")))


def test_a_rehearsal_of_the_run_says_it_too_and_writes_nothing(sim: Runner) -> None:
    rule(sim, "--below", "5GB", "--plan", PLAN)
    sim("usage", "record", "sim", "--remaining", "4GB", now=day("11-12"))
    (decision,) = sim("autotopup", "run", "--dry-run", "--json", now=day("11-12")).json["decisions"]
    assert decision["decision"] == "remind"
    assert "remind" in dict(alerts(sim, day("11-12"))), "the rehearsal told nobody"


CRONTAB = '#!/bin/sh\ncase "$1" in -l) cat "{table}";; *) cat > "{table}";; esac\n'


@pytest.fixture
def crontab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A crontab of the test's own, empty."""
    table = tmp_path / "table"
    table.write_text("")
    program = tmp_path / "bin" / "crontab"
    program.parent.mkdir()
    program.write_text(CRONTAB.format(table=table))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    return table


@pytest.mark.usefixtures("crontab")
def test_enable_and_show_say_what_goes_through_the_rules(run: Runner) -> None:
    assert run("buy", "demo-monthly-5gb", "--provider", "sandbox", "--name", "phone", "--yes").code == 0
    words = ("--below", "1GB", "--plan", "demo-topup-2gb", "--max-price", "2USD", "--max-per-month", "6USD")
    assert run("autotopup", "set", "phone", *words).code == 0
    enabled = run("autotopup", "enable", "phone", "--confirm", "6USD", "--json")
    assert enabled.json["run_by"] == {
        "kinds": [], "machine": None, "last_run": None, "command": "esimctl schedule install",
    }  # fmt: skip
    nothing = "nothing goes through the rules on this machine: esimctl schedule install"
    assert nothing in enabled.err
    assert nothing in run("autotopup", "show").err
    assert nothing in run("autotopup", "show", "phone", "--why").err
    assert run("autotopup", "run").code == 0
    assert "the last run was at 2026-11-20" in run("autotopup", "show").err
    assert run("schedule", "install", "--using", "cron").code == 0
    shown = run("autotopup", "show", "--json")
    assert shown.json["run_by"]["kinds"] == ["cron"]
    assert "cron goes through the rules" in shown.err
    assert "nothing goes" not in shown.err
