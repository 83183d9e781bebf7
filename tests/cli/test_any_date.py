"""No date of the years 1 to 9999 ends in an unexpected error: as an option, in a file, or as what the clock says."""

from datetime import datetime
from pathlib import Path

import pytest

from esimctl.profile.opened import Clock
from tests.conftest import Runner

BUY = ("buy", "demo-monthly-20gb", "--provider", "sandbox", "--name", "phone", "--yes")
ADD = ("lines", "add", "sim", "--provider", "manual", "--carrier", "smart", "--data", "2GB", "--days", "30",
       "--price", "3USD")  # fmt: skip
PACK = ("--plan", "demo-topup-2gb", "--max-price", "2USD", "--max-per-month", "6USD")

#: every option that takes a date; `{}` is the date
OPTIONS = (
    ("usage", "record", "sim", "--remaining", "1GB", "--at", "{}"),
    ("usage", "record", "sim", "--remaining", "1GB", "--expires", "{}"),
    ("lines", "add", "old", *ADD[3:], "--started", "{}"),
    ("report", "--month", "{:.7}"),
    ("report", "--months", "12", "--month", "{:.7}"),
    ("transactions", "list", "--since", "{}"),
    ("transactions", "list", "--until", "{}"),
    ("transactions", "audit", "--since", "{}"),
    ("transactions", "export", "--format", "ics", "--since", "{}"),
    ("transactions", "export", "--format", "hledger", "--until", "{}"),
    ("autotopup", "set", "phone", "--rule", "a", "--every", "monthly", "--from", "{}", *PACK),
    ("autotopup", "set", "phone", "--rule", "b", "--below", "1GB", "--until", "{}", *PACK),
    ("policy", "set", "smart", "rollover", "mode=carry", "validity=3 months", "--source", "shop", "--as-of", "{}"),
    ("policy", "set", "smart", "rollover", "mode=carry", "validity=3 months", "--source", "shop", "--from", "{}"),
    ("plans", "recommend", "--days", "30", "--data", "20GB", "--from", "{}"),
    ("simulate", "--plan", "demo-monthly-20gb", "--from", "{}"),
    ("sandbox", "use", "phone", "1GB", "--at", "{}"),
    ("doctor", "--clock", "{}"),
)
#: files with a date in them: name, text, and the command that reads it
FILES = (
    ("t.csv", "created_at,line,provider,paid,paid_currency\n{},phone,shop,3.00,USD\n", ("transactions", "import")),
    ("u.csv", "at,remaining,expires\n{},1GB,{}\n", ("usage", "import", "sim", "--kind", "csv")),
    ("l.csv", "name,provider,carrier,data,days,price,started\nq,manual,smart,2GB,30,3USD,{}\n", ("lines", "import")),
    ("s.txt", "You have 1.2GB left, valid until {:.10}.\n", ("usage", "import", "sim", "--kind", "sms")),
)
#: what looks at everything that was taken
LOOKS = (
    ("balance",),
    ("report",),
    ("check",),
    ("autotopup", "run", "--dry-run"),
    ("transactions", "export", "--format", "ics"),
)
DATES = ("0001-01-01", "1970-01-01", "2262-04-12T03:14:08Z", "9999-12-31T23:59:59-12:00")

#: commands by a clock that says anything
COMMANDS = (
    *LOOKS,
    BUY,
    ("balance", "--refresh"),
    ("plans", "recommend", "--days", "30", "--data", "20GB"),
    ("renew", "phone", "--dry-run"),
    ("usage", "history", "phone"),
    ("usage", "forecast", "phone"),
    ("check", "--plugin"),
    ("autotopup", "run"),
    ("transactions", "export", "--format", "prometheus"),
    ("transactions", "audit", "--bundle", "case.tar.gz"),
    ("profile", "backup", "b.tar"),
    ("profile", "create", "other"),
    ("reconcile",),
    ("doctor",),
)
CLOCKS = (
    "0001-01-01T00:00:00",
    "1970-01-01T00:00:05",
    pytest.param("2199-12-01T00:00:00", marks=pytest.mark.slow),  # two centuries of terms are worked out
    "9999-12-31T23:59:59",
)


@pytest.fixture(autouse=True)
def known(run: Runner, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A profile of the real clock with a line from the operator and one from a counter."""
    monkeypatch.chdir(tmp_path)
    says(monkeypatch, "2026-12-02T10:00:00")
    for words in (BUY, ADD, ("profile", "budget", "set", "20USD/month")):
        assert run(*words, now=None).code == 0


def says(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """The clock of this machine says so."""
    now = datetime.fromisoformat(f"{text}+00:00")
    monkeypatch.setattr(Clock, "now", lambda _self: now)


@pytest.mark.parametrize("day", DATES)
def test_a_date_that_is_given_is_taken_or_refused(run: Runner, day: str, tmp_path: Path) -> None:
    ends = {words: run(*(word.format(day) for word in words), now=None) for words in OPTIONS}
    for name, text, words in FILES:
        (tmp_path / name).write_text(text.format(day, day))
        ends[words] = run(*words, name, now=None)
    ends |= {words: run(*words, now=None) for words in LOOKS}
    assert {words: found.err for words, found in ends.items() if found.code == 1} == {}
    assert [words for words, found in ends.items() if found.code == 2 and not found.err.strip()] == []


@pytest.mark.parametrize("clock", CLOCKS)
def test_a_clock_may_say_anything(run: Runner, monkeypatch: pytest.MonkeyPatch, clock: str) -> None:
    """Beyond the years that are counted it is refused in one sentence, the doctor and monitors answer all the same."""
    says(monkeypatch, clock)
    ends = {words: run(*words, now=None) for words in COMMANDS}
    assert {words: found.err for words, found in ends.items() if found.code == 1} == {}
    beyond = int(clock[:4]) not in range(1970, 2200)
    assert (ends["balance",].code == 5) is beyond
    if beyond:
        assert ends["balance",].err.endswith("\n  set the clock, then: esimctl doctor --clock\n")
        assert (ends["check", "--plugin"].code, ends["doctor",].code) == (3, 20)
        assert "clock" in ends["doctor",].out
