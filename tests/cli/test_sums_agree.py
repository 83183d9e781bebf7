"""Random lives of a profile: every document that holds money says the same of it, whatever was looked at meanwhile.

`ESIMCTL_MONEY_LIVES=N` lives N of them instead of a few.
"""

import json
import os
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from tests.cli import money_sums as sums
from tests.cli import random_money as money
from tests.cli.random_money import DEEDS, LOOKS, ZONES, Step, World, live

LIVES = int(os.environ.get("ESIMCTL_MONEY_LIVES", "4"))
DAY = 86_400

steps = st.builds(
    Step,
    st.sampled_from((*DEEDS, "buy", "counter", "renew", "refund")),
    st.one_of(st.integers(0, 20 * DAY).map(lambda each: 2 * each), st.integers(0, 120).map(lambda each: 2 * each + 1)),
    st.integers(0, 9999),
    st.integers(0, len(LOOKS) + 9),
)

#: one life in which every deed comes to something: three currencies, money back in part and whole, a name borne twice
STORY = [
    Step(deed, wait, choice, place)
    for place, (deed, wait, choice) in enumerate((
        ("buy", 2, 0), ("counter", 121, 1), ("add", 119, 2), ("topup", 61, 0), ("gift", 2, 0), ("declined", 2, 0),
        ("renew", 117, 1), ("charged_twice", 115, 0), ("lost", 600, 1), ("lost", 600, 0), ("lost", 600, 2),
        ("refund", 2, 1), ("use", 2, 4000), ("renew", 9 * DAY, 2), ("remove", 3, 0), ("buy", 119, 0), ("refund", 2, 7),
        ("rename", 2, 0), ("buy", 2, 1), ("remove", 2, 2), ("counter", 121, 4), ("refund", 2, 7),
    ))
]  # fmt: skip


@pytest.mark.slow
@given(st.lists(steps, min_size=4, max_size=14), st.sampled_from(ZONES))
@settings(
    max_examples=LIVES,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # a life takes seconds: a shorter one is sought by hand
)
@example(STORY, "Asia/Phnom_Penh")
def test_every_document_says_the_same(
    tmp_path_factory: pytest.TempPathFactory, happened: list[Step], zone: str
) -> None:
    """Within a home by month, line, kind and move; between one with looks and one without them, too."""
    folder = tmp_path_factory.mktemp("lives")
    found = [agreeing(live(folder / name, zone, happened, looking=name == "looked")) for name in ("alone", "looked")]
    assert found[0] == found[1]


def agreeing(world: World) -> dict[str, Any]:
    """Hold every document of a home against the others; its sums, with lines called alike in every home."""
    zone = ZoneInfo(world.zone)
    orders = list(sums.records(money.read(world, "json")))
    listed = json.loads(world.run("transactions", "list", "--json"))["transactions"]
    sheet = sums.of_sheet(money.read(world, "csv"))
    assert sheet == sums.of_orders(orders, zone) == sums.of_orders(listed, zone)
    hledger, beancount = (
        sums.of_hledger(money.read(world, "hledger")),
        sums.of_beancount(money.read(world, "beancount")),
    )
    assert hledger == beancount
    assert sheet == {place: value for place, value in hledger.items() if place.move in {"payment", "refund"}}
    paid: dict[tuple[bool, str], int] = {}
    for place, value in sheet.items():
        if place.move == "payment":
            sums.add(paid, (place.play, place.currency), value)
    assert sums.of_metrics(money.read(world, "prometheus")) == paid
    report = reported(world, orders, sheet)
    foreign = {key: value for key, value in hledger.items() if key.move == "foreign"}
    told = {(*key[:2], key[3]): value for key, value in sums.of_report(report, "foreign").items()}
    assert told == {(place.play, place.month, place.currency): value for place, value in foreign.items()}
    names = sums.lives(orders)
    return {
        "money": sums.called(hledger, names),
        "wasted": {  # of the operator's lines, of which all is known without a look
            (row["month"], names.get(row["group"], row["group"])): (row["wasted_bytes"], row["wasted_money"])
            for row in report["report"]
            if row["play_money"] and row["wasted_bytes"] != 0
        },
    }


def reported(world: World, orders: list[dict[str, Any]], sheet: sums.Sums) -> dict[str, Any]:
    """The report by line, in agreement with the orders, its own table, its totals and its page."""
    words = ("report", "--months", "24", "--by", "line")
    report = json.loads(world.run(*words, "--json"))
    spend = sums.nets(sheet)
    assert sums.of_report(report) == sums.of_table(world.run(*words, "-o", "csv")) == spend
    for place in ("purchases", "topups"):
        counted = [
            order for order in orders
            if order["settled_at"] and (place == "purchases" or order["kind"] == "topup")
            and (order["kind"] != "gift" or any(int(each) for each in order["price"]["amount"].split(".")))
        ]  # fmt: skip
        assert sum(row[place] for row in report["report"]) == len(counted)
    whole: dict[tuple[bool, str], int] = {}
    for (play, _, _, currency), value in spend.items():
        sums.add(whole, (play, currency), value)
    totals = {
        (row["play_money"], money["currency"]): sums.minor(money["amount"], money["currency"])
        for row in report["totals"]
        for money in row["spend"]
    }
    assert totals == sums.kept(whole)
    assert sums.of_page(world.run(*words, "--format", "html")) == spend
    return report
