"""Rules and reports as a person reads them: the answer first, each limit in a sentence, play money apart."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from esimctl.documents.autotopup import RuleRow, RulesDocument, RunByPart
from esimctl.documents.reading import read
from esimctl.show.cards.autotopup import describe, rules, run_by
from esimctl.show.page import cells
from esimctl.show.reader import Reader, read_by
from esimctl.show.styles import unstyled
from esimctl.values.money import Money
from esimctl.values.record import replace
from tests.conftest import Runner, day
from tests.show.fakes import shown, terminal

NOW = datetime(2026, 11, 20, 2, tzinfo=UTC)
LIMITS = ("--max-price", "2USD", "--max-per-month", "6USD")


@pytest.fixture
def document(run: Runner) -> RulesDocument:
    """One rule that is on, of play money."""
    run("buy", "demo-monthly-20gb", "--name", "phone", "--yes")
    run("autotopup", "set", "phone", "--below", "9GB", "--plan", "demo-topup-2gb", *LIMITS)
    run("autotopup", "enable", "phone", "--confirm", "6USD")
    found = read(RulesDocument, run("autotopup", "show", "--json").json)
    read_by(Reader(NOW, ZoneInfo("Asia/Phnom_Penh")))
    return found


def ten(document: RulesDocument) -> list[RuleRow]:
    """Ten rules with long names, one of them suspended, one of money."""
    [rule] = document.rules
    every = [replace(rule, rule=f"router-in-the-old-warehouse-{at:02}") for at in range(10)]
    every[7] = replace(every[7], status="suspended")
    every[4] = replace(every[4], play_money=False)
    return every


@pytest.mark.parametrize(("width", "heads"), [
    (50, ["RULE", "STATE"]),
    (80, ["RULE", "STATE", "WHEN", "LIMIT", "SPENT"]),
    (120, ["RULE", "STATE", "WHEN", "BUYS", "LIMIT", "SPENT"]),
])  # fmt: skip
def test_ten_rules_the_worst_first(document: RulesDocument, width: int, heads: list[str]) -> None:
    """A table with whole names, what needs attention on top, and one line of what runs them."""
    one = terminal(width, colour="never")
    rules(replace(document, rules=ten(document)), one)
    lines = shown(one).splitlines()
    assert lines[0].split() == heads
    assert lines[1].startswith("router-in-the-old-warehouse-07")
    assert "suspended" in lines[1]
    assert [line.split()[0] for line in lines[2:11]] == [
        f"router-in-the-old-warehouse-{at:02}" for at in (0, 1, 2, 3, 4, 5, 6, 8, 9)
    ]
    assert " ".join(" ".join(lines[11:]).split()) == "! nothing runs these rules: esimctl schedule install"
    assert all(cells(line) <= width for line in lines)


def test_play_money_is_said_once_where_there_is_no_other(document: RulesDocument) -> None:
    """In the head; in a column where there are both sorts."""
    one = terminal(80, colour="never")
    rules(replace(document, rules=[replace(each, play_money=True) for each in ten(document)]), one)
    assert shown(one).startswith("SANDBOX\nRULE ")
    assert shown(one).count("SANDBOX") == 1
    mixed = terminal(80, colour="never")
    rules(replace(document, rules=ten(document)), mixed)
    assert shown(mixed).count("SANDBOX") == 9


@pytest.mark.parametrize(("given", "said"), [
    ({"kinds": []}, "! nothing runs these rules: esimctl schedule install"),
    ({"kinds": ["cron"], "every_minutes": 15, "last_run": NOW - timedelta(minutes=5)},
     "run every 15 min by cron, last 5 minutes ago"),
    ({"kinds": ["cron"], "every_minutes": 15, "last_run": NOW - timedelta(days=3)},
     "! run every 15 min by cron, but last 3 days ago: esimctl schedule show --check"),
    ({"kinds": ["systemd"], "last_run": NOW - timedelta(hours=2)}, "run by systemd, last 2 hours ago"),
    ({"kinds": ["cron"], "every_minutes": 60}, "! cron has not run these rules yet"),
    ({"kinds": [], "unknown": ["cron"]}, "! cron does not say whether it runs these rules: esimctl schedule show"),
    ({"kinds": [], "last_run": NOW - timedelta(days=3)},
     "! nothing runs these rules (last run: 3 days ago): esimctl schedule install"),
    ({"kinds": [], "machine": "another"},
     "! another machine runs these rules; to run them here: esimctl autotopup takeover"),
])  # fmt: skip
def test_what_runs_the_rules(given: dict[str, object], said: str) -> None:
    """One sentence, with the command that mends it."""
    read_by(Reader(NOW, ZoneInfo("Asia/Phnom_Penh")))
    part = replace(RunByPart(kinds=[], last_run=None, command="", machine=None), **given)
    assert unstyled(run_by(part)) == said


def test_a_rule_in_at_most_eight_sentences(document: RulesDocument) -> None:
    """What is read before it is confirmed: each limit by itself."""
    [rule] = document.rules
    whole = replace(
        rule, pay=["sandbox-card", "cash"], max_per_day=Money(400, "USD"), max_count=3, floor=Money(100, "USD")
    )
    assert [unstyled(line) for line in describe(whole)] == [
        "phone: buys demo-topup-2gb for phone, at 9 GB or less  SANDBOX",
        "It pays with sandbox-card; only if that is declined, with cash.",
        "One order costs at most 2.00 USD.",
        "In one day it spends at most 4.00 USD.",
        "In one month it spends at most 6.00 USD.",
        "In one month it orders at most 3 times.",
        "It leaves at least 1.00 USD in the account.",
        "All rules pause after 10 orders in a row without you.",
    ]


def test_the_note_of_programs_is_not_said_beside_the_table(run: Runner) -> None:
    """Who runs the rules stands in the answer of a person, and on stderr for a pipe."""
    run("buy", "demo-monthly-20gb", "--name", "phone", "--yes")
    run("autotopup", "set", "phone", "--below", "9GB", "--plan", "demo-topup-2gb", *LIMITS)
    run("autotopup", "enable", "phone", "--confirm", "6USD")
    assert "goes through the rules" in run("autotopup", "show").err
    told = run("autotopup", "show", "-o", "table")
    assert "goes through the rules" not in told.err
    assert "! nothing runs these rules: esimctl schedule install" in told.out


def test_reminders_and_the_second_factor_in_words(run: Runner) -> None:
    """No key of a document is on the screen; what is not set is off."""
    told = run("autotopup", "reminders", "--quiet-hours", "22:00-07:00", "--low-balance", "1USD", "-o", "table").out
    assert told.splitlines()[:6] == [
        "REMINDER              WHEN",
        "data used             90%, 100%",
        "before a plan ends    7, 3, 1 days",
        "money left            at 1.00 USD or less",
        "reading older than    1 day",
        "quiet hours           22:00-07:00",
    ]
    assert "_" not in told
    factor = run("profile", "second-factor", "show", "-o", "table").out
    assert factor.startswith("off: enabling a rule asks for no code (esimctl profile second-factor enroll)")


def test_a_month_of_money_and_of_play_money(run: Runner) -> None:
    """The answer, then the figures; two blocks, and no sum of both."""
    run("lines", "add", "sim", "--provider", "manual", "--carrier", "metfone", "--data", "10GB", "--days", "20",
        "--price", "5USD", now=day("11-02"))  # fmt: skip
    run("usage", "record", "sim", "--remaining", "4GB", now=day("11-10"))
    run("buy", "demo-monthly-20gb", "--name", "phone", "--yes", now=day("11-10"))
    told = run("report", "-o", "table", now=day("11-10")).out
    assert told.splitlines()[:7] == [
        "Nov 2026: 5.00 USD spent, 6 GB used, nothing lost",
        "Bought  10 GB in 1 purchase",
        "Used    ██████░░░░  6 GB",
        "",
        "SANDBOX · Nov 2026: 9.00 USD spent, 0 B used, nothing lost",
        "Bought  20 GB in 1 purchase",
        "Used    ░░░░░░░░░░  0 B",
    ]
    assert told.count("SANDBOX") == 1
    assert "14.00" not in told
    year = run("report", "--months", "12", "-o", "table", now=day("11-10")).out
    assert year.count("nothing before Nov 2026") == 2
    assert not any("- " in line[:9] for line in year.splitlines()), "no month of nothing"
