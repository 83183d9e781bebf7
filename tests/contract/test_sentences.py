"""No finished English within another sentence: what is wrong is said whole in a reader's language.

A language is played in which no letter of a template stays ASCII. What is ASCII then is a name, a command, a figure or
the words of another program; two plain words in a row are English that was finished before it was said.
"""

import re
from pathlib import Path

import pytest

from esimctl.show import words
from tests.conftest import Runner

#: what the system and parsers say stays in their words
THEIR_WORDS = ("No such file", "Invalid value", "unexpected end of data", "truncated header")

PLAN = "demo-monthly-20gb"
_PARAMETER = re.compile(r"(\{[^{}]*\})")
_FINISHED = re.compile(r"[A-Za-z]{2,} [a-z]{2,}")
_COMMAND = re.compile(r"esimctl( [a-z-]+)+|--[a-z-]+( [A-Z]+)?")


class Played:
    """A catalogue in which every letter of a template is a wide one."""

    def gettext(self, message: str) -> str:
        parts = _PARAMETER.split(message)
        return "".join(part if part.startswith("{") else part.translate(_WIDE) for part in parts)


_WIDE = {code: code + 0xFEE0 for code in range(0x21, 0x7F) if chr(code).isalpha()}


@pytest.fixture
def played(monkeypatch: pytest.MonkeyPatch) -> None:
    """The language, in place of Chinese."""
    monkeypatch.setattr(words, "_catalogue", lambda tag: None if tag == "en" else Played())
    monkeypatch.setenv("ESIMCTL_LANG", "zh-CN")


def finished(text: str) -> list[str]:
    """English in what a person reads; commands that can be typed are none, nor is what others say in their words."""
    for theirs in THEIR_WORDS:
        text = text.replace(theirs, "")
    return _FINISHED.findall(_COMMAND.sub("", text))


def test_the_played_language_shows_what_was_finished() -> None:
    """The measure itself: words of a template do not count, words that were finished before do."""
    wide = Played().gettext("unknown key {key}, did you mean {near}?")
    assert finished(wide.format(key="line.fone", near="phone")) == []
    assert finished(wide.format(key="it is missing", near="phone")) == ["it is"]


#: command lines that are refused, each for another room's reason
REFUSED = (
    "balance phoen",
    "check --below 1XB",
    "check --expires-within 3x",
    "renew phone --max-price 5",
    "renew phone --max-price 5XXX",
    "plans list --country Kampuchea",
    "plans list --min-data 0B --limit x",
    "plans recommend --days x",
    "lines add second --provider manual --data none --days 30",
    "lines add second --provider manual --data 5GB --days 0",
    "lines add second --provider nobody",
    "lines tag phone much",
    "autotopup set phone --below much --plan demo-topup-2gb --max-price 10USD --max-per-month 20USD",
    "autotopup set phone --below 1GB --plan demo-topup-2gb --max-price 0USD --max-per-month 20USD",
    "autotopup set phone --below 1GB --plan demo-topup-2gb --max-price 10KHR --max-per-month 20USD",
    "autotopup set phone --every year --plan demo-topup-2gb --max-price 10USD --max-per-month 20USD",
    "autotopup reminders --used 300",
    "autotopup reminders --morning late",
    "autotopup reminders --quiet late",
    "transactions import rows.csv",
    "plans import broken.toml",
    "plans import octets.toml",
    "plans import rows.toml",
    "plans import nothing.toml",
    "simulate broken.toml",
    "simulate octets.toml",
    "simulate scenario.toml",
    "usage patterns which",
    "usage patterns show",
    "policy set smart rollover mode=perhaps",
    "payments khqr show text",
    "profile create a/b",
    "report --rate 1USD --in USD",
    "balance --columns much",
)  # fmt: skip
FILES = {
    "broken.toml": b"a = = 3\n",
    "octets.toml": b"\xff\xfe\xff",
    "nothing.toml": b"",
    "rows.csv": b'a,b\n"x\n',
    "rows.toml": b"""[plan.smart-x]
carrier = "smart"
prise = 3
[plan.other-x]
carrier = "smart"
[carrier.Smart_]
name = "x"
[promotion.x]
grade = "best"
[device.x]
as_of = "soon"
[nothing.x]
""",
    "scenario.toml": b"""schema = "esimctl.scenario/1"
name = "one"
start = 2026-11-01
[plan.m]
data = "much"
term = "30 days"
""",
}


@pytest.mark.usefixtures("played")
@pytest.mark.parametrize("line", REFUSED)
def test_a_refusal_holds_no_finished_english(
    run: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    """Whatever is wrong is a sentence down to its last part."""
    monkeypatch.chdir(tmp_path)
    for name, data in FILES.items():
        Path(name).write_bytes(data)
    assert run("buy", PLAN, "--name", "phone", "--yes").code == 0
    answer = run(*line.split(), "-o", "table")
    assert answer.code not in (0, 1), answer
    assert finished(answer.err) == [], answer.err


#: what may be wrong in a profile: (what stands there, what stands instead); the whole of it where nothing stood there
PROFILES = {
    "not TOML": ("", "schema = = 1\n"),
    "too new": ("", "schema = 3\n"),
    "empty": ("", ""),
    "no provider": ("[settings]", '[line.x]\nowner = "a"\n\n[settings]'),
    "a shape": ("[settings]", "[settings.limits]\nper_day = 3\n\n[settings]"),
    "a rule": ("[settings]", "[rule.phone]\nbelow = 3\n\n[settings]"),
    "half a rule": ("[settings]", '[rule.phone]\nbelow = "1GB"\n\n[settings]'),
    "a section": ("[settings]", "[setings]\na = 1\n\n[settings]"),
    "hours": ("[settings]", '[settings.reminders]\nquiet = "late"\n\n[settings]'),
    "budgets": ("[settings]", '[settings]\nbudget = ["5 USD", "6 USD"]'),
    "rates": ("[settings]", '[settings]\nrates = ["x"]'),
}


@pytest.mark.usefixtures("played")
@pytest.mark.parametrize("what", PROFILES)
def test_a_profile_that_is_wrong_is_told_whole(run: Runner, home: Path, what: str) -> None:
    """By whatever reads it, and by the doctor, whose rows are sentences as well."""
    assert run("buy", PLAN, "--name", "phone", "--yes").code == 0
    profile = home / "profiles" / "default" / "profile.toml"
    there, instead = PROFILES[what]
    profile.write_text(profile.read_text().replace(there, instead, 1) if there else instead)
    for words_given in (("balance",), ("doctor",), ("autotopup", "run"), ("report", "--in", "USD")):
        answer = run(*words_given, "-o", "table")
        assert finished(answer.err) == [], answer.err
        if words_given[0] == "doctor":
            assert finished(answer.out) == [], answer.out


@pytest.mark.usefixtures("played")
@pytest.mark.parametrize("at", [200, 900])
def test_a_journal_that_is_damaged_is_told_whole(run: Runner, home: Path, at: int) -> None:
    """The place, what does not hold there, and what is not done any more."""
    assert run("buy", PLAN, "--name", "phone", "--yes").code == 0
    journal = home / "profiles" / "default" / "journal" / "000001.toml"
    data = journal.read_bytes()
    journal.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
    told = run("doctor", "-o", "table")
    assert told.code == 20
    assert finished(told.out) == [], told.out
    refused = run("buy", PLAN, "--name", "tablet", "--yes", "-o", "table")
    assert refused.code == 6
    assert finished(refused.err) == [], refused.err


@pytest.mark.usefixtures("played")
def test_a_journal_holds_sentences_within_sentences(run: Runner, home: Path) -> None:
    """Why a rule did not buy: the reason that was found is said in the reader's language, in the journal in English."""
    assert run("buy", PLAN, "--name", "phone", "--yes").code == 0
    rule = "--below 100GB --plan demo-topup-2gb --max-price 10USD --max-per-month 20USD --cooldown 1h"
    assert run("autotopup", "set", "phone", *rule.split()).code == 0
    assert run("autotopup", "enable", "phone", "--confirm", "20USD").code == 0
    assert run("sandbox", "fault", "decline").code == 0
    answer = run("autotopup", "run", "-o", "table")
    told = run("autotopup", "log", "-o", "table")
    assert finished(told.out.replace("the payment was declined", "")) == [], told.out
    assert finished(answer.err.replace("the payment was declined", "")) == [], answer.err
