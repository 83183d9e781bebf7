"""`plans recommend`, `compare`, `import`, `diff` and `promotions` through the command line."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Runner

ROWS = """
[plan.smart-own-small]
carrier = "smart"
name = "Small"
price = "0.80 USD"
source = "receipt"
as_of = 2026-11-20
[plan.smart-own-small.terms]
data = "5GB"
term = "7 days"
{more}
"""
WRONG = """
[plan.smart-wrong]
carrier = "smart"
name = "Wrong"
{line}
source = "x"
[plan.smart-wrong.terms]
data = "1GB"
term = "1 day"
"""


@pytest.fixture
def imported(run: Runner, tmp_path: Path) -> Any:
    """`imported(more)`: imports one good row and whatever is added."""

    def call(more: str = "") -> Any:
        file = tmp_path / "mine.toml"
        file.write_text(ROWS.format(more=more))
        return run("plans", "import", str(file), "--json")

    return call


def test_the_keys_of_a_recommendation_and_that_it_covers_the_need(run: Runner) -> None:
    document = run("plans", "recommend", "--days", "7", "--per-day", "500MB", "--carrier", "metfone", "--json").json
    assert list(document)[:5] == ["schema", "from", "days", "need_bytes", "currency"]
    assert [row["plan"] for row in document["purchases"]] == ["metfone-met5g-7d"]
    assert document["total"] == {"amount": "1.50", "currency": "USD"}
    assert (document["covers_bytes"], document["optimal"], document["complete"]) == (3_500_000_000, True, True)
    assert document["wasted_bytes"] == 20_000_000_000 - 3_500_000_000
    assert document["reason"]["text"] == "short stay: one pack of 7 days; 82 % would be unused"
    assert document["runner_up"]["without"] == "metfone-met5g-7d"
    assert float(document["runner_up"]["total"]["amount"]) == 2


def test_the_same_question_has_the_same_answer(run: Runner) -> None:
    words = ("plans", "recommend", "--days", "40", "--data", "30GB", "--json")
    assert run(*words).out == run(*words).out


def test_less_than_asked_is_20(run: Runner) -> None:
    found = run(
        "plans", "recommend", "--days", "30", "--per-day", "1GB", "--carrier", "connect", "--budget", "20USD", "--json"
    )
    assert found.code == 20
    assert not found.json["complete"]
    assert found.json["covers_bytes"] < found.json["need_bytes"]
    assert run("plans", "recommend", "--days", "3", "--data", "1GB", "--country", "FR", "--json").code == 20


def test_what_somebody_does_in_a_day_is_no_need_here(run: Runner) -> None:
    """Nobody's hour of video is another's: a need is a volume, or what a line really used, and that is said."""
    assert run("plans", "recommend", "--days", "7", "--video", "1h").code == 2
    missing = run("plans", "recommend", "--days", "7")
    assert (missing.code, missing.out) == (2, "")
    assert "--data VOLUME, --per-day VOLUME or --for LINE" in missing.err


def test_a_need_from_a_line_needs_history(run: Runner) -> None:
    run("buy", "smart-laor-30d", "--provider", "sandbox", "--name", "phone", "--yes")
    found = run("plans", "recommend", "--days", "30", "--for", "phone")
    assert (found.code, "too little history" in found.err) == (2, True)
    for day in range(21, 27):
        run("sandbox", "use", "phone", "1GB", now=f"2026-11-{day}T12:00:00+07:00")
        run("balance", "--refresh", now=f"2026-11-{day}T12:00:00+07:00")
    found = run("plans", "recommend", "--days", "30", "--for", "phone", "--json", now="2026-11-27T09:00:00+07:00")
    assert found.json["estimate"]["days_of_history"] >= 3
    assert 700_000_000 < found.json["estimate"]["bytes_per_day"] <= 1_200_000_000


def test_no_currency_is_converted_without_a_rate(run: Runner) -> None:
    plain = run("plans", "recommend", "--days", "1", "--data", "900MB", "--carrier", "cellcard", "--json").json
    assert plain["rates"] == []
    assert all(row["converted"] is None for row in plain["purchases"])
    words = ("plans", "compare", "cellcard-riel-1d", "--in", "USD", "--json")
    assert run(*words).json["plans"][0]["in"] is None
    priced = run(*words, "--rate", "1USD=4000KHR").json
    assert priced["plans"][0]["in"]["price"] == {"amount": "0.25", "currency": "USD"}
    assert priced["rates"] == ["1USD=4000KHR"]


def test_own_rows_win_are_listed_recommended_and_sold(run: Runner, imported: Any) -> None:
    found = imported()
    assert found.code == 0
    assert found.json["imported"] == {"plans": 1, "promotions": 0, "claims": 0, "carriers": 0, "devices": 0}
    assert [row["change"] for row in found.json["changes"]] == ["added"]
    assert "smart-own-small" in run("plans", "list", "--carrier", "smart").out
    best = run(
        "plans", "recommend", "--days", "7", "--data", "5GB", "--carrier", "smart", "--from", "2027-06-02", "--json"
    )
    assert run("buy", "smart-own-small", "--provider", "sandbox", "--yes", "--json").json["order"]["paid"] == {
        "amount": "0.80",
        "currency": "USD",
    }
    assert best.json["optimal"]
    assert [row["plan"] for row in run("plans", "diff", "--json").json["changes"]] == ["smart-own-small"]
    assert run("plans", "import", "--remove", "mine").code == 0
    assert run("plans", "show", "smart-own-small").code == 2


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("price = 5\nas_of = 2026-11-20", "plan.smart-wrong.price"),
        ('price = "5 XYZ"\nas_of = 2026-11-20', "plan.smart-wrong.price"),
        ('price = "-5 USD"\nas_of = 2026-11-20', "plan.smart-wrong.price"),
        ('price = "5 USD"\nas_of = 2026-02-30', "plan.smart-wrong.as_of"),
    ],
)
def test_a_wrong_row_is_refused_by_file_and_key_and_the_rest_works(
    imported: Any, run: Runner, line: str, key: str
) -> None:
    found = imported(WRONG.format(line=line))
    assert found.code == 20
    assert [(row["file"], row["key"]) for row in found.json["refused"]] == [("mine.toml", key)]
    assert "smart-own-small" in run("plans", "list", "--carrier", "smart").out
    assert run("plans", "show", "smart-wrong").code == 2


def test_a_claim_of_an_unknown_topic_is_refused(imported: Any) -> None:
    found = imported('[claim.c]\ncarrier = "smart"\ntopic = "rolover"\nvalue = { mode = "none" }\nsource = "x"')
    assert [row["key"] for row in found.json["refused"]] == ["claim.c.topic"]


def test_a_kept_list_can_be_compared_with_now(run: Runner, imported: Any, tmp_path: Path) -> None:
    before = tmp_path / "before.json"
    before.write_text(run("plans", "list", "--json").out)
    imported()
    changes = run("plans", "diff", str(before), "--json").json["changes"]
    assert [(row["plan"], row["change"]) for row in changes] == [("smart-own-small", "added")]
    before.write_text(json.dumps({"plans": 5}))
    assert run("plans", "diff", str(before)).code == 2


def test_promotions_hold_by_the_day_and_hint_at_themselves(run: Runner) -> None:
    today = [row["id"] for row in run("promotions", "list", "--json").json["promotions"]]
    assert "demo-renew-1usd" in today
    assert "demo-khmer-new-year" not in today
    feast = [
        row["id"] for row in run("promotions", "list", "--json", now="2027-04-13T00:30:00+07:00").json["promotions"]
    ]
    assert "demo-khmer-new-year" in feast
    assert run("promotions", "list", "--all", "--carrier", "demo", "--json").json["promotions"]
    assert run("promotions", "list", "--all", "--carrier", "smart", "--json").json["promotions"] == []
    assert run("promotions", "list", "--carrier", "smrat").code == 2


@pytest.mark.parametrize(
    "words",
    [
        ("--days", "7"),
        ("--days", "7", "--data", "1GB", "--per-day", "1GB"),
        ("--days", "0", "--data", "1GB"),
        ("--days", "9999", "--data", "1GB"),
        ("--days", "7", "--data", "1GB", "--from", "2026-02-30"),
        ("--days", "7", "--data", "1GB", "--rate", "1USD"),
        ("--days", "7", "--data", "1GB", "--currency", "XYZ"),
    ],
)
def test_wrong_input_is_exit_2(run: Runner, words: tuple[str, ...]) -> None:
    found = run("plans", "recommend", *words)
    assert (found.code, found.out) == (2, "")
