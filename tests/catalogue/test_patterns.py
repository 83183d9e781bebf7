"""Messages: a corpus with what each states, and proof that nothing else ever gives a figure."""

import random
import re
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from esimctl.catalogue.figures import Unreadable, moment, money, number, volume
from esimctl.catalogue.patterns import (
    Figures,
    Pattern,
    PatternError,
    compiled,
    patterns,
    plain,
    readings,
    understand,
)
from esimctl.catalogue.suggesting import suggestion
from esimctl.values.moments import zone
from esimctl.values.money import Money

WHERE = zone("Asia/Phnom_Penh")
CORPUS: list[dict[str, Any]] = tomllib.loads(
    (Path(__file__).parent.parent / "corpus" / "messages.toml").read_text("utf-8")
)["message"]
EVENTS = {"bought", "failed"}


def instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def test_the_corpus_is_large_and_in_two_languages() -> None:
    assert len(CORPUS) >= 60
    assert sum(bool(re.search("[\u1780-\u17ff]", row["text"])) for row in CORPUS) >= 15
    assert sum(bool(row.get("unknown")) for row in CORPUS) >= 15
    assert {row.get("carrier") for row in CORPUS} >= {"smart", "metfone", "cellcard", "cootel", "seatel"}


@pytest.mark.parametrize("row", CORPUS, ids=[row["text"][:40].replace("\n", " ") for row in CORPUS])
def test_every_message_gives_exactly_what_it_states(row: dict[str, Any]) -> None:
    reading = understand(row["text"], row.get("carrier"), row["kind"], WHERE)
    if row.get("unknown"):
        assert reading is None
        return
    assert reading is not None
    if row.get("event"):
        assert reading.pattern.tells in EVENTS
        return
    figures = reading.figures
    assert figures.remaining == row.get("remaining")
    assert figures.used == row.get("used")
    assert figures.balance == (None if "balance" not in row else Money.parse(row["balance"]))
    assert figures.expires == instant(row.get("expires"))
    assert figures.expires_day == row.get("day", False)
    assert figures.percent_used == row.get("percent")
    assert figures.minutes == row.get("minutes")
    assert figures.read == instant(row.get("read"))
    assert figures.bonus == (None if "bonus" not in row else Money.parse(row["bonus"]))
    assert figures.bonus_expires == instant(row.get("bonus_expires"))


def test_every_shipped_pattern_is_proven_by_the_corpus() -> None:
    """A pattern that no message of the corpus uses would be untested data; two carriers' twins count once."""
    used = {
        reading.pattern.id
        for row in CORPUS
        if (reading := understand(row["text"], row.get("carrier"), row["kind"], WHERE)) is not None
    }
    missing = {pattern.id for pattern in patterns()} - used
    assert missing <= {"any-percent", "any-balance", "any-km-left-only"}
    for name, text in (
        ("any-percent", "You have used 75% of your data."),
        ("any-balance", "Main balance: $2."),
        ("any-km-left-only", "ទិន្នន័យនៅសល់៖ ២GB។"),
    ):
        reading = understand(text, None, "sms", WHERE)
        assert reading is not None
        assert reading.pattern.id == name


def test_every_pattern_has_a_source_and_a_date() -> None:
    for pattern in patterns():
        assert pattern.source
        assert re.fullmatch(r"\d{4}-\d\d-\d\d", pattern.as_of)
        assert pattern.grade == "example", "none of them was seen on a carrier's own page"


@settings(max_examples=400, deadline=None)
@given(st.text(max_size=300))
def test_random_text_never_yields_a_number(text: str) -> None:
    assert understand(text, None, None, WHERE) is None


LETTERS = "abcdefghij klmnop0123456789 .,:;/$៛%GBMBទិន្នន័យនៅសល់៤២ \n"


def test_ten_thousand_noisy_texts_yield_no_number() -> None:
    """Letters, units and digits that occur in real messages, in random order."""
    chance = random.Random(20261120)
    for _ in range(10_000):
        text = "".join(chance.choices(LETTERS, k=chance.randint(0, 120)))
        assert understand(text, None, None, WHERE) is None


@settings(max_examples=300, deadline=None)
@given(st.sampled_from([row for row in CORPUS if not row.get("unknown")]), st.data())
def test_a_message_that_lost_a_word_gives_no_other_number(row: dict[str, Any], data: st.DataObject) -> None:
    """Cut anywhere, a word left out: nothing, or a figure that the text still states in full."""
    words = row["text"].split()
    gone = data.draw(st.integers(0, len(words) - 1))
    cut = " ".join(words[:gone] + words[gone + 1 :])
    reading = understand(cut, row.get("carrier"), row["kind"], WHERE)
    if reading is not None:
        whole = understand(row["text"], row.get("carrier"), row["kind"], WHERE)
        assert whole is not None
        assert reading.figures.remaining in (None, whole.figures.remaining)
        assert reading.figures.balance in (None, whole.figures.balance)


@pytest.mark.parametrize("text", ["a" * 5000, "You have " + "1" * 900, "You have 1" + ",111" * 300 + " GB"])
def test_long_texts_are_no_messages(text: str) -> None:
    assert understand(text, "smart", None, WHERE) is None


def test_patterns_that_disagree_give_nothing() -> None:
    """Two of a person's own patterns that read one text differently cancel each other."""
    from esimctl.catalogue.patterns import read_pattern
    from esimctl.values.tables import Table

    row = {"source": "me", "as_of": datetime(2026, 11, 20, tzinfo=UTC).date(), "grade": "own"}
    one = read_pattern("one", Table({**row, "template": "Hello there {remaining} and {used}"}))
    two = read_pattern("two", Table({**row, "template": "Hello there {used} and {remaining}"}))
    assert understand("Hello there 1GB and 2GB", None, None, WHERE, (one,)) is not None
    assert understand("Hello there 1GB and 2GB", None, None, WHERE, (one, two)) is None


@pytest.mark.parametrize(
    "template",
    [
        "{remaining}",
        "x {remaining}",
        "Your data is {left} now",
        "You have {remaining} {used} left now",
        "You have {used} or {used} left",
    ],
)
def test_templates_that_cannot_be(template: str) -> None:
    with pytest.raises(PatternError):
        compiled(template)


def test_no_suggestion_reads_a_figure_that_a_person_would_not() -> None:
    """Of every message whose figures are known; the share that is suggested rightly may only rise."""
    stated = [row for row in CORPUS if not row.get("unknown") and not row.get("event")]
    right = 0
    for row in stated:
        made = suggestion(row["text"], WHERE)
        if made is None:
            continue
        tried = Pattern("tried", (), ("sms", "ussd"), made, "balance", "dmy", "en", "", "", "own")
        (reading,) = readings(row["text"], None, None, WHERE, (tried,))
        figures = reading.figures
        told = {"remaining": figures.remaining, "used": figures.used, "minutes": figures.minutes}
        told |= {"balance": None if figures.balance is None else str(figures.balance)}
        told |= {"percent": figures.percent_used}
        for name, value in told.items():
            assert value in (None, row.get(name)), (row["text"], made)
        assert figures.expires in (None, instant(row.get("expires"))), (row["text"], made)
        right += figures.remaining is not None and figures.remaining == row.get("remaining")
    share = right * 100 // sum("remaining" in row for row in stated)
    print(f"suggested rightly: {share} of 100")
    assert share >= 56


@pytest.mark.parametrize(
    ("text", "octets"),
    [
        ("1.5gb", 1_500_000_000),
        ("1,024 mb", 1_024_000_000),
        ("0.001kb", 1),
        ("1,5 gb", 1_500_000_000),
        ("2 ជីហ្គាបៃ", 2 * 10**9),
        ("1.250 gb", 1_250_000_000),
        ("0.512 mb", 512_000),
        ("1024.500 mb", 1_024_500_000),
    ],
)
def test_volumes(text: str, octets: int) -> None:
    assert volume(text) == octets


def test_a_gigabyte_of_1024_is_rounded_down_to_whole_octets() -> None:
    assert volume("1.33 gb", 1024) == 1428076625
    assert volume("2 gb", 1024) == 2 * 2**30


@pytest.mark.parametrize(
    "text", ["1,234 gb", "1.2.3 mb", "12,34,56 mb", "1,2345,6 mb", "1.024mb", "1.250 mb", "512.000 kb", "១.២៥០ mb"]
)
def test_ambiguous_numbers_are_none(text: str) -> None:
    """A point before three digits is a thousand to some carriers and a decimal point to others."""
    with pytest.raises(Unreadable):
        volume(plain(text))


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("$1.25", "1.25 USD"),
        ("1.999 usd", "1.99 USD"),
        ("5,000៛", "5000 KHR"),
        ("riel 700", "700 KHR"),
        ("12,345.60$", "12345.60 USD"),
    ],
)
def test_money_is_rounded_down(text: str, amount: str) -> None:
    assert money(text) == Money.parse(amount)


@pytest.mark.parametrize("text", ["$1,250", "5.000៛", "20.000 khr", "៛1.500", "5.000 រៀល"])
def test_an_amount_whose_mark_could_be_either_is_none(text: str) -> None:
    """Five thousand riel, or five: nobody pays parts of a riel."""
    with pytest.raises(Unreadable):
        money(text)


def test_more_left_than_there_was_is_no_message() -> None:
    """A sentence that contradicts itself gives nothing."""
    said = "You have {} left of 1GB, valid until 30/11/2026"
    assert understand(said.format("900MB"), "smart", "sms", WHERE) is not None
    assert understand(said.format("1.5GB"), "smart", "sms", WHERE) is None


@pytest.mark.parametrize(
    ("text", "order", "expected"),
    [
        ("03/04/2026", "dmy", "2026-04-02T17:00:00+00:00"),
        ("03/04/2026", "mdy", "2026-03-03T17:00:00+00:00"),
        ("2026-04-03", "dmy", "2026-04-02T17:00:00+00:00"),
        ("3 មេសា ឆ្នាំ 2026", "dmy", "2026-04-02T17:00:00+00:00"),
        ("27 nov 2026 11:30 pm", "dmy", "2026-11-27T16:30:00+00:00"),
        ("12:15 am on 27 nov 2026", "dmy", "2026-11-26T17:15:00+00:00"),
    ],
)
def test_dates_in_the_orders_of_the_carriers(text: str, order: str, expected: str) -> None:
    found, _day = moment(text, order, WHERE)
    assert found.isoformat() == expected


@pytest.mark.parametrize("text", ["31/02/2026", "00/01/2026", "1/1/126", "27/11/2026 25:61"])
def test_dates_that_are_none(text: str) -> None:
    with pytest.raises(Unreadable):
        moment(text, "dmy", WHERE)


@given(st.integers(0, 10**9), st.integers(0, 999_999))
def test_a_number_keeps_its_digits(whole: int, part: int) -> None:
    digits, places = number(f"{whole}.{part:06d}", thousands=False) if whole < 10**9 else (whole * 10**6 + part, 6)
    assert digits == whole * 10**6 + part
    assert places == 6


def test_nothing_is_stated_by_nothing() -> None:
    assert not Figures().any
    assert Figures(remaining=0).any
