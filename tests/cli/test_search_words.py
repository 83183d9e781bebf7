"""`plans list WORD`: what people type finds what it means, put together of several words as well."""

from pathlib import Path
from typing import Any

import pytest

from tests.cli.test_recommendation import CARRIER, pack
from tests.conftest import Runner

WEEKEND = 'category = "window"\nwindow = { days = ["sat", "sun"] }'
NIGHT = 'category = "window"\nwindow = { from = "22:00", to = "06:00" }'
ROWS = (
    pack("plain", "1.00 USD", "5GB", "30 days"),
    pack("plain-week", "1.00 USD", "5GB", "7 days"),
    pack("weekend", "1.00 USD", "5GB", "30 days", 'kind = "topup"', WEEKEND),
    pack("night", "1.00 USD", "5GB", "30 days", 'kind = "topup"', NIGHT),
    pack("night-line", "1.00 USD", "5GB", "30 days", "", NIGHT),
    pack("family", "9.00 USD", "40GB", "30 days", 'billing = "shared-pack"', 'billing = "shared"'),
    pack("kept", "4.00 USD", "5GB", "30 days", "", 'rollover = { mode = "carry", validity = "3 months" }'),
    pack("endless", "9.00 USD", "unlimited", "7 days"),
)  # fmt: skip


def found(run: Runner, *words: str) -> list[str]:
    """The plans of the test's carrier that are listed."""
    rows = run("plans", "list", *words, "--carrier", "newtel", "--json").json["plans"]
    return sorted(row["id"].removeprefix("newtel-") for row in rows)


@pytest.fixture
def own(run: Runner, tmp_path: Path) -> Any:
    """A catalogue with one row of each kind."""
    file = tmp_path / "newtel.toml"
    file.write_text("".join((CARRIER, *ROWS)), encoding="utf-8")
    assert run("plans", "import", str(file)).code == 0


@pytest.mark.usefixtures("own")
@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("周末流量包", ["weekend"]),
        ("周末包", ["weekend"]),
        ("夜间流量包", ["night", "night-line"]),
        ("夜间套餐", ["night", "night-line"]),
        ("家庭共享套餐", ["family"]),
        ("家庭流量包", ["family"]),
        ("共享流量", ["family"]),
        ("累积流量", ["kept"]),
        ("流量累积套餐", ["kept"]),
        ("不清零", ["kept"]),
        ("流量不清零套餐", ["kept"]),
        ("不清零的流量卡", ["kept"]),
        ("无限流量周套餐", ["endless"]),
        ("night pack", ["night", "night-line"]),
        ("weekend-pack", ["weekend"]),
        ("Family Plan", ["family"]),
        ("កញ្ចប់គ្រួសារ", ["family"]),
    ],
)
def test_the_words_of_the_seeds_find_what_they_mean(run: Runner, word: str, meant: list[str]) -> None:
    assert found(run, word) == meant


@pytest.mark.usefixtures("own")
def test_several_words_all_hold(run: Runner) -> None:
    assert found(run, "night", "pack", "流量包") == ["night"]
    assert found(run, "套餐") == found(run)
    assert found(run, "plain-week") == ["plain-week"]


def test_demo_plans_have_the_words_too(run: Runner) -> None:
    for word in ("周末流量包", "夜间流量包", "家庭共享套餐", "累积流量", "不清零"):
        rows = run("plans", "list", word, "--provider", "sandbox", "--json").json["plans"]
        assert rows
        assert all(row["example"] for row in rows)


def test_a_search_without_result_says_so_and_names_the_demo_plans(run: Runner) -> None:
    nothing = run("plans", "list", "xyzzy", "--json")
    assert (nothing.code, nothing.json["plans"]) == (0, [])
    assert nothing.err == "nothing on offer is that: xyzzy\n"
    told = run("plans", "list", "周末流量包")
    assert (told.code, told.out) == (0, "")
    assert "demo plans are: esimctl plans list 周末流量包 --provider sandbox" in told.err
