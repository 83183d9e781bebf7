"""A life of a profile with play money and money as hledger and beancount read it: their sums are our readers'."""

import csv
import io
import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.cli import money_sums as sums
from tests.cli.random_money import World, live, read
from tests.cli.test_sums_agree import STORY
from tests.tools import judged, program


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """One home, with looks."""
    return live(tmp_path_factory.mktemp("life") / "home", "Asia/Phnom_Penh", STORY, looking=True)


def place(day: date, account: str, commodity: str, told: dict[str, Any], amount: Decimal) -> tuple[sums.Place, int]:
    """A leg as our readers have it."""
    play = commodity.startswith("PLAY")
    currency = commodity.removeprefix("PLAY")
    move = "fee" if ":fees:" in account.lower() else told["move"]
    value = int(amount.scaleb(sums.EXPONENTS[currency])) * (-1 if move == "refund" else 1)
    return sums.Place(play, f"{day:%Y-%m}", told.get("line"), told["kind"], move, currency), value


def is_method(account: str) -> bool:
    """Whether it is where money came from."""
    return ":methods:" in account.lower() or ":accounts:" in account.lower()


def test_hledger(world: World, tmp_path: Path) -> None:
    """`hledger print -O json`: tags, accounts and quantities as it has understood them."""
    path = tmp_path / "book.journal"
    path.write_text(read(world, "hledger"))
    found: sums.Sums = {}
    for made in json.loads(judged(program("hledger", "hledger"), "-f", str(path), "print", "-O", "json")):
        told = dict(made["ttags"])
        for leg in made["tpostings"]:
            for amount in leg["pamount"]:
                number = amount["aquantity"]
                value = Decimal(number["decimalMantissa"]).scaleb(-number["decimalPlaces"])
                key = place(date.fromisoformat(made["tdate"]), leg["paccount"], amount["acommodity"], told, value)
                if not is_method(leg["paccount"]):
                    sums.add(found, *key)
    assert sums.kept(found) == sums.of_hledger(read(world, "hledger")) != {}


def test_beancount(world: World, tmp_path: Path) -> None:
    """`bean-check` has nothing to say, `bean-query` lists the legs as it has understood them."""
    path = tmp_path / "book.beancount"
    path.write_text(read(world, "beancount"))
    assert judged(program("bean-check", "beancount"), str(path)) == ""
    query = "select date, account, number, currency, entry_meta('line'), entry_meta('kind'), entry_meta('move')"
    rows = csv.reader(io.StringIO(judged(program("bean-query", "beancount"), "-f", "csv", str(path), query)))
    found: sums.Sums = {}
    for day, account, number, commodity, *tags in list(rows)[1:]:
        told = dict(zip(("line", "kind", "move"), (tag.strip() or None for tag in tags), strict=True))
        key = place(date.fromisoformat(day.strip()), account, commodity.strip(), told, Decimal(number.strip()))
        if not is_method(account):
            sums.add(found, *key)
    assert sums.kept(found) == sums.of_beancount(read(world, "beancount")) != {}
    assert {key.play for key in found} == {True, False}
    assert {key.currency for key in found} == {"USD", "KHR", "THB"}
    assert {key.move for key in found} >= {"payment", "refund"}
