"""Carriers and devices of one's own: taken from files, strict by file and key, in place of those that come along."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Outcome, Runner

CARRIER = """
[carrier.newtel]
name = "NewTel"
names = { zh = "新电信" }
home_country = "KH"
[[carrier.newtel.fact]]
topic = "hotline"
values = ["1999"]
source = "poster"
as_of = 2026-11-15
grade = "own"
"""
PLAN = """
[plan.newtel-week]
carrier = "newtel"
name = "Week"
price = "1.00 USD"
source = "poster"
as_of = 2026-11-15
[plan.newtel-week.terms]
data = "7GB"
term = "7 days"
"""
DEVICE = """
[device.fairphone-9]
brand = "Fairphone"
name = "Fairphone 9"
esim = "yes"
source = "the maker's page"
as_of = 2026-11-15
"""


@pytest.fixture
def take(run: Runner, tmp_path: Path) -> Callable[[str], Outcome]:
    """`take(text)`: imports a file of rows."""

    def call(text: str) -> Outcome:
        file = tmp_path / "mine.toml"
        file.write_text(text)
        return run("plans", "import", str(file), "--json")

    return call


def test_a_carrier_of_ones_own_is_known_everywhere(run: Runner, take: Callable[[str], Outcome]) -> None:
    found = take(CARRIER + PLAN)
    assert found.code == 0
    assert found.json["imported"] == {"plans": 1, "promotions": 0, "claims": 0, "carriers": 1, "devices": 0}
    [carrier] = run("plans", "carriers", "新电信", "--json").json["carriers"]
    assert [fact["values"] for fact in carrier["facts"] if fact["topic"] == "hotline"] == [["1999"], ["1204"]]
    assert "newtel-week" in run("plans", "list", "--carrier", "NewTel").out
    best = run("plans", "recommend", "--days", "7", "--data", "5GB", "--carrier", "newtel", "--json").json
    assert [row["plan"] for row in best["purchases"]] == ["newtel-week"]
    assert run("policy", "show", "newtel", "--json").json["carrier"] == "newtel"
    added = run(
        "lines", "add", "counter", "--provider", "manual", "--carrier", "newtel", "--data", "7GB", "--days", "7"
    )
    assert added.code == 0
    assert "1999" in run("lines", "show", "counter").out + run("lines", "show", "counter", "-o", "table").out


def test_facts_of_ones_own_replace_those_of_the_same_topic(run: Runner, take: Callable[[str], Outcome]) -> None:
    take(CARRIER.replace("newtel", "smart").replace("NewTel", "Smart Axiata").replace("新电信", "斯玛特通信"))
    [carrier] = run("plans", "carriers", "smart", "--json").json["carriers"]
    hotlines = [fact for fact in carrier["facts"] if fact["topic"] == "hotline"]
    assert [fact["values"] for fact in hotlines] == [["1999"], ["1204"]]
    assert "456-06" in [value for fact in carrier["facts"] for value in fact["values"]], "the other topics stay"
    assert run("plans", "carriers", "Hello", "--json").json["carriers"][0]["id"] == "smart", "former names stay"


@pytest.mark.parametrize(
    ("text", "key"),
    [
        (CARRIER.replace('"NewTel"', "5"), "carrier.newtel.name"),
        (CARRIER.replace("2026-11-15", "2026-02-30"), "carrier.newtel.fact[1].as_of"),
        (CARRIER.replace("as_of = 2026-11-15\n", ""), "carrier.newtel.fact[1].as_of"),
        (CARRIER.replace('"own"', '"sure"'), "carrier.newtel.fact[1].grade"),
        (CARRIER.replace('["1999"]', "1999"), "carrier.newtel.fact[1].values"),
        (CARRIER.replace("新电信", "斯玛特"), "carrier.newtel"),
        ("carrier = 5\n", "carrier"),
        (DEVICE.replace('"yes"', '"perhaps"'), "device.fairphone-9.esim"),
        (DEVICE.replace("2026-11-15", "2026-13-01"), "device.fairphone-9.as_of"),
        (DEVICE + 'colour = "red"\n', "device.fairphone-9.colour"),
        ("device = []\n", "device"),
    ],
)
def test_a_wrong_row_is_refused_by_file_and_key_and_the_rest_works(
    run: Runner, take: Callable[[str], Outcome], text: str, key: str
) -> None:
    found = take(text + PLAN)
    assert found.code == 20
    assert [(row["file"], row["key"]) for row in found.json["refused"]] == [("mine.toml", key)]
    assert found.json["imported"]["plans"] == 1
    assert run("plans", "show", "newtel-week").code == 0
    assert run("devices", "check", "iPhone 13").code == 0
    assert run("plans", "carriers", "smart").code == 0


def test_a_device_of_ones_own_is_found_first(run: Runner, take: Callable[[str], Outcome]) -> None:
    assert run("devices", "check", "Fairphone 9", "--json").json["device"]["answer"] == "check-on-device"
    take(DEVICE + DEVICE.replace("fairphone-9", "mine").replace("Fairphone 9", "iPhone 13").replace('"yes"', '"no"'))
    answer = run("devices", "check", "fairphone 9", "--json").json["device"]
    assert (answer["answer"], answer["source"], answer["grade"]) == ("yes", "the maker's page", "own")
    assert run("devices", "check", "iPhone 13", "--json").json["device"]["answer"] == "no"


def test_a_promotion_for_long_plans_is_for_those_alone(run: Runner) -> None:
    """R-25, R-39."""
    rows = run("plans", "list", "--provider", "sandbox", "--json").json["plans"]
    names = {row["id"]: row["promotions"] for row in rows}
    assert "demo-long-stay-rollover" in names["demo-yearly-120gb"]
    assert "demo-long-stay-rollover" not in names["demo-leb-30d"]
    refused = run(
        "buy", "smart-laor-30d", "--provider", "sandbox", "--promotion", "demo-long-stay-rollover", "--yes", "--json"
    )
    assert (refused.code, refused.json["error"]["code"]) == (3, "promotion_not_for_plan")
    bought = run("buy", "demo-yearly-120gb", "--promotion", "demo-long-stay-rollover", "--yes", "--json").json
    assert bought["order"]["promotion"] == "demo-long-stay-rollover"


def test_facts_say_how_old_they_are(run: Runner) -> None:
    facts = run("plans", "carriers", "cellcard", "--json").json["carriers"][0]["facts"]
    undated = [fact for fact in facts if fact["as_of"] is None]
    assert undated
    assert all(fact["stale"] and fact["retrieved"] for fact in undated)
    assert any(not fact["stale"] for fact in facts)
    assert run("plans", "carriers", "nobody").code == 2
