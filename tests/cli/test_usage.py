"""Readings by hand and from pasted messages: counted once, never guessed, never above what was granted in silence."""

from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Runner, standing, tree

GB = 10**9
SMS = "You have 9.5 GB of data left, valid until 27/11/2026 23:59."
LATER = "2026-11-22T09:00:00+07:00"


@pytest.fixture
def sim(run: Runner) -> Runner:
    """A weekly pack of 15 GB, bought on 20 November; the clock stands two days later."""
    done = run("lines", "add", "sim", "--provider", "manual", "--carrier", "smart", "--plan", "smart-laor-7d")
    assert done.code == 0, done.err

    return standing(run, LATER)


def left(run: Runner) -> Any:
    return run("balance", "sim", "--json").json["lines"][0]["data"]["remaining_bytes"]


def journal(home: Path) -> str:
    return "".join(
        path.read_text("utf-8") for path in sorted((home / "home" / "profiles" / "default" / "journal").iterdir())
    )


def test_a_difference_is_an_adjustment_with_a_reason(sim: Runner, tmp_path: Path) -> None:
    reading = sim("usage", "record", "sim", "--remaining", "12GB", "--json").json["reading"]
    assert (reading["modelled_bytes"], reading["adjusted_bytes"], reading["findings"]) == (15 * GB, -3 * GB, [])
    assert 'reason = "manual of 2026-11-22T02:00:00Z: 12 GB left, the model had 15 GB"' in journal(tmp_path)
    figures = sim("balance", "sim", "--json").json["lines"][0]["figures"]["data"]
    assert (figures["kind"], figures["observed_bytes"], figures["modelled_bytes"]) == ("observed", 12 * GB, 15 * GB)


def test_a_reading_that_agrees_adjusts_nothing(sim: Runner, tmp_path: Path) -> None:
    assert sim("usage", "record", "sim", "--remaining", "15GB", "--json").json["reading"]["adjusted_bytes"] == 0
    assert 'kind = "adjust"' not in journal(tmp_path)


def test_the_same_message_twice_is_one_reading(sim: Runner, tmp_path: Path) -> None:
    """Also written in other digits, in capitals, with other spaces, or twice in one paste."""
    first = sim("usage", "import", "sim", "-", "--json", given=SMS).json
    assert (first["recorded"], first["duplicates"]) == (1, 0)
    before = journal(tmp_path).count('kind = "reading"')
    for text in (SMS, SMS.upper(), SMS.replace(" ", "  "), SMS.replace("9.5", "៩.៥"), f"{SMS}\n\n{SMS}"):
        again = sim("usage", "import", "sim", "-", "--json", given=text, now="2026-11-23T09:00:00+07:00")
        assert (again.code, again.json["recorded"]) == (0, 0)
        assert {reading["state"] for reading in again.json["readings"]} == {"duplicate"}
    assert journal(tmp_path).count('kind = "reading"') == before
    assert left(sim) == 9_500_000_000


def test_more_than_was_granted_is_said_aloud(sim: Runner) -> None:
    done = sim("usage", "record", "sim", "--remaining", "20GB", "--force", "--json")
    assert done.json["reading"]["findings"] == ["above_granted"]
    assert "20 GB is more than the 15 GB that were granted" in done.err


def test_more_than_was_known_is_said_aloud(sim: Runner) -> None:
    sim("usage", "record", "sim", "--remaining", "5GB", "--at", "2026-11-21")
    done = sim("usage", "record", "sim", "--remaining", "7GB", "--json")
    assert done.json["reading"]["findings"] == ["raised"]
    assert "more than the 5 GB known before" in done.err


def test_a_threshold_never_raises_a_balance(sim: Runner) -> None:
    """«90 % used» comes late: less is known to be left already."""
    sim("usage", "record", "sim", "--remaining", "1GB")
    done = sim("usage", "import", "sim", "-", "--json", given="You have used 90% of your 15GB data package.")
    assert done.json["readings"][0]["findings"] == ["derived"]
    assert left(sim) == GB


@pytest.mark.parametrize(
    "text",
    [
        "Main balance: $1.50.",
        "Your main balance is $1.20, valid until 30/12/2026.",
        "You have topped up $5.00. Your main balance is $6.20.",
    ],
)
def test_silence_is_not_zero(sim: Runner, text: str) -> None:
    """A message about money says nothing of data."""
    sim("usage", "record", "sim", "--remaining", "9GB")
    assert sim("usage", "import", "sim", "-", given=text).code == 0
    line = sim("balance", "sim", "--json").json["lines"][0]
    assert line["data"]["remaining_bytes"] == 9 * GB
    assert line["main_balance"]["currency"] == "USD"


def test_an_unknown_text_is_kept_and_its_value_stays_unknown(sim: Runner, tmp_path: Path) -> None:
    text = "Hello friend: 5.25 GB here, bye 27/11/2026!"
    before = sim("balance", "sim", "--json").json["lines"][0]["data"]
    done = sim("usage", "import", "sim", "-", "--json", given=text)
    assert (done.code, done.json["unknown"]) == (20, 1)
    assert done.json["readings"][0]["remaining_bytes"] is None
    assert text in journal(tmp_path)
    assert sim("balance", "sim", "--json").json["lines"][0]["data"] == before
    assert "esimctl usage learn sim --template TEXT, the message with {remaining} where its figure stands" in done.err
    sim("usage", "import", "sim", "-", given=text)
    assert journal(tmp_path).count(text) == 1


def test_a_pattern_is_taught_and_then_understood(sim: Runner) -> None:
    text = "Hello friend: 5.25 GB here, bye 27/11/2026!"
    sim("usage", "import", "sim", "-", given=text)
    template = "Hello friend: {remaining} here, bye {expires}!"
    taught = sim("usage", "learn", "sim", "-", "--template", template, "--name", "hello", "--json", given=text)
    assert taught.json["pattern"]["figures"]["remaining_bytes"] == 5_250_000_000
    assert left(sim) == 5_250_000_000, "the kept text was read with it"
    assert sim("usage", "import", "sim", "-", "--json", given=text).json["duplicates"] == 1
    other = "Hello friend: 4 GB here, bye 27/11/2026!"
    assert sim("usage", "import", "sim", "-", "--json", given=other).json["recorded"] == 1


@pytest.mark.parametrize("template", ["", "{remaining}", "Hello {what} there, my friend", "no places at all here"])
def test_a_pattern_that_cannot_be_is_not_kept(sim: Runner, tmp_path: Path, template: str) -> None:
    before = tree(tmp_path)
    done = sim("usage", "learn", "sim", "--template", template)
    assert done.code == 2
    assert done.err.startswith("esimctl: ")
    assert tree(tmp_path) == before


def test_a_pattern_that_does_not_fit_its_example_is_not_kept(sim: Runner) -> None:
    done = sim("usage", "learn", "sim", "-", "--template", "You have {remaining} here", given="You had 5GB here")
    assert (done.code, sim("usage", "import", "sim", "-", given="You have 5GB here").code) == (2, 20)


def test_old_and_future_messages_give_nothing(sim: Runner) -> None:
    old = sim("usage", "import", "sim", "-", "--json", given="You have 9.5 GB of data left, valid until 01/10/2026.")
    assert (old.code, old.json["readings"][0]["state"]) == (20, "outdated")
    ahead = "As of 30/11/2026 08:00: remaining data 9GB, valid until 07/12/2026 09:00."
    assert sim("usage", "import", "sim", "-", "--json", given=ahead).json["readings"][0]["state"] == "future"
    assert sim("usage", "record", "sim", "--remaining", "1GB", "--at", "2026-12-01").code == 2
    assert left(sim) == 15 * GB


@pytest.mark.parametrize("day", ["26/11/30", "30/11/69", "30/11/2036"])
def test_an_end_years_away_was_read_in_the_wrong_order(sim: Runner, day: str) -> None:
    """`26/11/30` is no day of the year 2030: the text is kept, nothing is taken from it."""
    done = sim("usage", "import", "sim", "--json", given=f"You have 9 GB of data left, valid until {day}.")
    assert done.code == 20
    assert [each["state"] for each in done.json["readings"]] == ["unknown"]
    assert left(sim) == 15 * GB


def test_a_purchase_message_grants_nothing_by_itself(sim: Runner) -> None:
    text = "You have successfully subscribed to Laor weekly. You received 15GB, valid until 29/11/2026."
    done = sim("usage", "import", "sim", "-", "--json", given=text)
    assert (done.code, done.json["readings"][0]["state"]) == (0, "event")
    assert "esimctl renew sim --paid REFERENCE" in done.err
    assert left(sim) == 15 * GB


def test_csv_is_read_by_its_header_and_a_wrong_row_is_left_out(sim: Runner, tmp_path: Path) -> None:
    file = tmp_path / "log.csv"
    file.write_text("at,remaining,expires\n2026-11-21,13GB,\n2026-11-22T08:00,12.5GB,2026-11-27T09:00\n")
    done = sim("usage", "import", "sim", str(file), "--json").json
    assert (done["recorded"], [r["remaining_bytes"] for r in done["readings"]]) == (2, [13 * GB, 12_500_000_000])
    assert sim("usage", "import", "sim", str(file), "--json").json["duplicates"] == 2
    file.write_text("at,remaining\n2026-11-21,11GB\nnonsense,10GB\n")
    refused = sim("usage", "import", "sim", str(file))
    assert refused.code == 20
    assert "row 3 was not taken" in refused.err
    assert left(sim) == 12_500_000_000


def test_readings_arrive_in_any_order(sim: Runner) -> None:
    """An older one that comes late does not undo a newer one."""
    sim("usage", "record", "sim", "--remaining", "8GB")
    sim("usage", "record", "sim", "--remaining", "13GB", "--at", "2026-11-21T09:00:00+07:00")
    assert left(sim) == 8 * GB


@pytest.mark.parametrize(
    "words",
    [
        ("record", "sim"),
        ("record", "sim", "--remaining", "1GB", "--used", "1GB"),
        ("record", "sim", "--remaining", "-1GB"),
        ("record", "nobody", "--remaining", "1GB"),
        ("record", "sim", "--remaining", "1GB", "--at", "soon"),
        ("import", "sim", "/no/such/file"),
        ("import", "sim", "-"),
        ("import", "sim", "-", "--kind", "letter"),
        ("learn", "nobody", "--template", "You have {remaining} left"),
    ],
)
def test_wrong_input_is_one_line_and_changes_nothing(sim: Runner, tmp_path: Path, words: tuple[str, ...]) -> None:
    before = tree(tmp_path)
    done = sim("usage", *words)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("esimctl: ")
    assert tree(tmp_path) == before


def test_a_line_that_answers_for_itself_can_be_read_by_hand_too(run: Runner) -> None:
    """Until its provider is asked again."""
    run("buy", "demo-monthly-20gb", "--name", "phone", "--yes")
    assert run("usage", "record", "phone", "--remaining", "3GB").code == 0
    line = run("balance", "phone", "--json", "--cached").json["lines"][0]
    assert (line["data"]["remaining_bytes"], line["reading"]["source"]) == (3 * GB, "manual")
    asked = run("balance", "phone", "--json", "--refresh", now="2026-11-20T09:30:00+07:00").json["lines"][0]
    assert (asked["data"]["remaining_bytes"], asked["reading"]["source"]) == (20 * GB, "provider")


def test_control_characters_in_a_message_reach_no_terminal(sim: Runner) -> None:
    done = sim("usage", "import", "sim", "-", given="\x1b]0;owned\x07Hello \u202e5GB")
    assert "\x1b" not in done.out + done.err
    assert "\u202e" not in done.out + done.err
