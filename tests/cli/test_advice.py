"""What a line is told: what is left on it counts, its carrier is first, and advice says its arithmetic or nothing."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.cli.test_recommendation import CARRIER, pack
from tests.conftest import Runner

DEAR = pack("dear", "6.00 USD", "10GB", "30 days")
HALF = pack("half", "2.50 USD", "4GB", "15 days")
DAY = pack("day", "0.40 USD", "1GB", "1 day")
TOPUP = pack("extra", "1.00 USD", "3GB", "7 days", 'kind = "topup"', 'category = "topup"')
LATER = "2026-11-09T09:00:00+07:00"


@pytest.fixture
def line(run: Runner, tmp_path: Path) -> Any:
    """`line(rows …)`: a line from a counter, with the first of these rows, that used 200 MB on each of eight days."""

    def call(*rows: str, plan: str = "newtel-dear", price: str = "6USD", used: int = 200) -> None:
        file = tmp_path / "newtel.toml"
        file.write_text("".join((CARRIER, *rows)), encoding="utf-8")
        begun = "2026-11-01T09:00:00+07:00"
        assert run("plans", "import", str(file), now=begun).code == 0
        words = ("--carrier", "newtel", "--plan", plan, "--started", "2026-11-01", "--price", price)
        assert run("lines", "add", "sim", "--provider", "manual", *words, now=begun).code == 0
        for day in range(1, 9):
            at = f"2026-11-{day:02}T21:00:00+07:00"
            assert run("usage", "record", "sim", "--used", f"{day * used}MB", now=at).code == 0

    return call


def hints(run: Runner, now: str = LATER) -> list[dict[str, Any]]:
    """What `balance` advises, which is what `report` advises."""
    found = run("balance", "--json", now=now).json.get("hints", [])
    assert run("report", "--json", now=now).json["hints"] == found
    assert run("balance", "--json", now=now).json.get("hints", []) == found, "the kept balance says the same"
    return list(found)


def test_advice_says_its_arithmetic_and_its_command_gives_the_same_answer(run: Runner, line: Any) -> None:
    line(DEAR, HALF)
    [hint] = hints(run)
    said = "sim: for 30 days 2 × newtel-half would do, 5.00 instead of 6.00 USD (1 × newtel-dear): "
    assert hint["text"] == said + "esimctl plans recommend --days 30 --for sim --from 2026-12-01"
    assert hint["text"] in run("balance", now=LATER).err
    assert hint["text"] in run("report", "-o", "table", now=LATER).out
    assert run("balance", "other", now=LATER).code == 2
    command = hint["params"]["command"].split()[1:]
    answer = run(*command, "--json", now=LATER).json
    assert [row["plan"] for row in answer["purchases"]] == ["newtel-half"] * 2
    assert (answer["total"]["amount"], answer["carrier"]) == ("5.00", "newtel")


def test_advice_that_saves_nothing_is_not_given(run: Runner, line: Any) -> None:
    line(DEAR, pack("same", "3.00 USD", "4GB", "15 days"))
    assert hints(run) == []
    looked = run("balance", now=LATER)
    assert looked.err == ""
    assert "recommend" not in run("report", "-o", "table", now=LATER).out


def test_advice_rests_on_what_the_person_really_pays(run: Runner, line: Any) -> None:
    """The list says 6.00, he paid 4.50: 5.00 is dearer than what he has."""
    line(DEAR, HALF, price="4.50USD")
    assert hints(run) == []
    need = ("plans", "recommend", "--days", "30", "--for", "sim", "--from", "2026-12-01", "--json")
    assert run(*need, now=LATER).json["total"]["amount"] == "4.50"


def test_no_promotion_makes_advice(run: Runner, line: Any) -> None:
    """Half a price that holds for new lines only was advised for a line that is there."""
    line(
        DEAR,
        pack("other", "7.50 USD", "20GB", "30 days"),
        '\n[promotion.third]\nname = "A third"\ncarriers = ["newtel"]\nfrom = 2026-01-01\nuntil = 2028-01-01\n'
        'eligible = "all"\norders = ["new", "renew"]\neffect = { kind = "percent", percent = 66 }\n'
        'source = "poster"\nas_of = 2026-11-01\n',
    )
    assert hints(run) == []


def test_a_line_that_runs_out_early_is_told_what_would_do(run: Runner, line: Any) -> None:
    line(DEAR, pack("big", "8.00 USD", "30GB", "30 days"), used=800)
    [hint] = hints(run)
    assert hint["text"].startswith(
        "sim: at this pace it runs out before its end. For 30 days 1 × newtel-big would do, 8.00 instead of "
    )
    assert re.search(r"8\.00 instead of (12|18)\.00 USD \([23] × newtel-dear\): esimctl plans recommend", hint["text"])


def test_generic_tips_only_where_they_are_asked_for(run: Runner, line: Any) -> None:
    line(DEAR, pack("big", "8.00 USD", "30GB", "30 days"), used=1200)
    for words in (("balance",), ("report",), ("check",), ("usage", "forecast", "sim"), ("usage", "history", "sim")):
        looked = run(*words, now=LATER)
        assert "Wi-Fi" not in looked.out + looked.err
        assert "Wi-Fi" not in run(*words, "-o", "table", now=LATER).out
    assert "tips" not in run("usage", "forecast", "sim", "--json", now=LATER).json
    asked = run("usage", "forecast", "sim", "--tips", "--json", now=LATER).json
    assert any("Wi-Fi" in tip for tip in asked["tips"])
    told = run("usage", "forecast", "sim", "--tips", "-o", "table", now=LATER)
    assert "Use the Wi-Fi of hotels" in told.out
    assert "Wi-Fi" not in told.err


def test_what_is_left_on_the_line_counts(run: Runner, line: Any) -> None:
    line(DEAR, HALF, DAY, TOPUP)
    words = ("plans", "recommend", "--for", "sim", "--json")
    enough = run(*words, "--days", "20", "--per-day", "300MB", now=LATER).json
    assert (enough["purchases"], enough["total"]["amount"], enough["complete"]) == ([], "0.00", True)
    assert enough["left"] == {"line": "sim", "bytes": 8_400_000_000, "ends_at": "2026-11-30T17:00:00Z"}
    assert enough["reason"]["text"] == "nothing to buy: what is left on sim is enough"
    told = run(*words[:-1], "--days", "20", "--per-day", "300MB", "-o", "table", now=LATER).out
    assert told.startswith("Nothing to buy for 20 days, 6 GB in all\nWhat is left on sim counts: 8.4 GB.\n")


def test_a_topup_goes_on_the_line_that_runs_and_packs_begin_when_it_ends(run: Runner, line: Any) -> None:
    line(DEAR, HALF, DAY, TOPUP)
    words = ("plans", "recommend", "--for", "sim", "--json")
    more = run(*words, "--days", "20", "--per-day", "550MB", now=LATER).json
    assert [row["plan"] for row in more["purchases"]] == ["newtel-extra"]
    after = run(*words, "--days", "24", "--per-day", "300MB", now=LATER).json
    assert [(row["plan"], row["at"]) for row in after["purchases"]] == [
        ("newtel-day", "2026-11-30T17:00:00Z"), ("newtel-day", "2026-12-01T17:00:00Z"),
    ]  # fmt: skip


def test_what_will_be_left_later_is_less(run: Runner, line: Any) -> None:
    line(DEAR, HALF, DAY)
    later = ("--days", "5", "--per-day", "400MB", "--from", "2026-11-26")
    found = run("plans", "recommend", "--for", "sim", *later, "--json", now=LATER).json
    assert found["left"]["bytes"] == 8_400_000_000 - 17 * 400_000_000
    assert found["covers_bytes"] == 2_000_000_000
    gone = ("--days", "5", "--per-day", "400MB", "--from", "2026-12-05")
    assert run("plans", "recommend", "--for", "sim", *gone, "--json", now=LATER).json["left"]["bytes"] == 0


def test_the_carrier_of_the_line_comes_first_and_others_stand_beside(run: Runner, line: Any, tmp_path: Path) -> None:
    line(DEAR, HALF)
    other = tmp_path / "other.toml"
    cheap = pack("cheap", "0.50 USD", "9GB", "30 days").replace("newtel", "othertel")
    other.write_text(CARRIER.replace("newtel", "othertel").replace("NewTel", "OtherTel") + cheap, encoding="utf-8")
    run("plans", "import", str(other), now=LATER)
    words = ("plans", "recommend", "--days", "30", "--for", "sim", "--from", "2026-12-01")
    found = run(*words, "--json", now=LATER).json
    assert [row["plan"] for row in found["purchases"]] == ["newtel-half"] * 2
    assert [row["plan"] for row in found["elsewhere"]["purchases"]] == ["othertel-cheap"]
    assert found["elsewhere"]["saves"]["amount"] == "4.50"
    told = run(*words, "-o", "table", now=LATER).out
    assert told.startswith("Cheapest with newtel for 30 days")
    assert "With plans of other carriers: othertel-cheap, 0.50 USD (one pack)." in told


def test_play_lines_are_advised_play_plans_and_real_ones_real_plans(run: Runner) -> None:
    run("buy", "demo-monthly-10gb", "--name", "play", "--yes")
    words = ("plans", "recommend", "--days", "45", "--per-day", "300MB", "--for", "play", "--json")
    found = run(*words).json
    assert found["left"]["bytes"] == 10_000_000_000
    assert found["purchases"]
    assert all(row["provider"] == "sandbox" and row["example"] for row in found["purchases"])


def test_a_line_is_one_persons(run: Runner, line: Any) -> None:
    line(DEAR)
    assert run("plans", "recommend", "--days", "9", "--for", "sim", "--persons", "2", now=LATER).code == 2
    assert run("plans", "recommend", "--days", "9", "--for", "sin", now=LATER).code == 2
