"""The screens of plans, recommendations, promotions and carriers: tables at 80 columns, and the answer on top."""

import os
import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from esimctl.advice.asking import advise
from esimctl.advice.compare import compare
from esimctl.documents.advice import ChangeRow, ImportDocument, ImportedRows
from esimctl.documents.result import Result
from esimctl.market.carriers import list_carriers
from esimctl.market.plans import list_plans, show_plan
from esimctl.market.promotions import list_promotions
from esimctl.profile.opened import Session
from esimctl.purchase.opening import open_profile
from esimctl.show.page import cells
from esimctl.show.present import present
from esimctl.show.reader import Reader, read_by
from esimctl.show.view import OutputForm
from esimctl.simulation.what_if import compare as what_if
from esimctl.simulation.what_if import simulate
from tests.conftest import NOW
from tests.show.fakes import said, shown, terminal

PLAY_PLANS = re.compile(r"[0-9]+ play plans: --provider sandbox")


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> Session:
    """A new profile on the day of the tests."""
    monkeypatch.setenv("ESIMCTL_NOW", NOW)
    return open_profile(None, os.environ)


Draw = Callable[..., list[str]]


@pytest.fixture
def draw() -> Draw:
    """`draw(result, width, …)`: the lines that a person sees, by the clock of the tests."""

    def call(result: Result[Any], width: int = 80, *, every: bool = False, quiet: bool = False) -> list[str]:
        read_by(Reader(datetime.fromisoformat(NOW), ZoneInfo("Asia/Phnom_Penh")))
        one = terminal(width, colour="never")
        one.every_row, one.quiet = every, quiet
        present(OutputForm("table"), result.name, result.screen or result.data, one)
        lines = shown(one).splitlines()
        assert all(cells(line) <= width for line in lines), [line for line in lines if cells(line) > width]
        return lines

    return call


def test_the_list_fits_a_screen_with_its_count_and_what_to_ask(session: Session, draw: Draw) -> None:
    """Thirty plans under one row of heads, then one line with the count, and how many plans of play there are."""
    lines = draw(list_plans(session, country="KH"))
    assert len(lines) <= 33
    assert lines[0].split() == ["PLAN", "PRICE", "DATA", "FOR", "ROLLS", "OVER", "PER", "GB", "SEEN"]
    assert re.fullmatch(
        r"Showing 30 of [0-9]+ plans \(--all\)\. Ask before you pay: prices were last seen then\.", lines[31]
    )
    assert PLAY_PLANS.fullmatch(lines[32])
    assert "1,000 KHR" in "\n".join(lines)
    assert "…" not in "".join(lines)


@pytest.mark.parametrize("width", [50, 60, 80, 100, 120])
def test_no_figure_and_no_id_of_a_list_is_cut(session: Session, draw: Draw, width: int) -> None:
    result = list_plans(session)
    text = "\n".join(draw(result, width, every=True))
    for plan in result.data.plans:
        assert re.search(rf"^{re.escape(plan.id)} ", text, re.MULTILINE)
        assert plan.price is None or f"{int(plan.price.amount.partition('.')[0]):,}" in text
    assert "…" not in text
    assert "Showing" not in text


def test_every_row_and_silence(session: Session, draw: Draw) -> None:
    """--all leaves the count away, and -q whatever stands under the table."""
    whole = draw(list_plans(session), every=True)
    assert whole[-2] == "Ask before you pay: prices were last seen then."
    quiet = draw(list_plans(session), quiet=True)
    assert len(quiet) == 31
    assert "SANDBOX" not in "\n".join(whole)


def test_play_plans_say_so_once(session: Session, draw: Draw) -> None:
    lines = draw(list_plans(session, provider="sandbox"))
    assert lines[0] == "SANDBOX · invented plans, paid with play money"
    assert "SANDBOX" not in "\n".join(lines[1:])
    assert not any(PLAY_PLANS.search(line) for line in lines)
    assert not any("Ask before you pay" in line for line in lines)


def test_a_comparison_says_which_is_the_cheapest(session: Session, draw: Draw) -> None:
    lines = draw(compare(session, ["smart-laor-30d", "metfone-met5g-7d", "cellcard-data-30d"]))
    assert lines[:2] == ["Cheapest per GB: metfone-met5g-7d, 0.08 USD", "Cheapest per day: cellcard-data-30d, 0.13 USD"]
    assert lines[2].split()[:3] == ["PLAN", "PRICE", "DATA"]
    assert [line.split()[0] for line in lines[3:]] == ["metfone-met5g-7d", "smart-laor-30d", "cellcard-data-30d"]
    both = draw(compare(session, ["smart-laor-7d", "smart-5g-30d"]))
    assert both[0] == "Cheapest per GB and per day: smart-5g-30d, 0.07 USD and 0.20 USD"
    mixed = draw(compare(session, ["smart-laor-30d", "smart-5g-30d", "cellcard-riel-1d"]))
    assert "1 in other currencies: --in USD --rate 1USD=4100KHR" in mixed
    rated = draw(compare(session, ["smart-5g-30d", "cellcard-riel-1d"], currency="USD", rates=["1USD=4000KHR"]))
    assert "CONVERTED" in rated[2]
    assert "0.25 USD" in rated[4]
    assert draw(compare(session, ["smart-laor-30d"]))[0].startswith("PLAN")


def test_a_plan_in_words(session: Session, draw: Draw) -> None:
    """The answer first; no key of a document, no grade in brackets, and sources only where they were asked for."""
    result = show_plan(session, "smart-laor-30d")
    lines = draw(result)
    assert lines[0] == "smart-laor-30d · Laor! monthly · smart"
    assert lines[1] == "6.00 USD · 60 GB for 30 days · 0.10 USD per GB · 0.20 USD per day"
    assert "rolls over  assume no: sources disagree" in lines
    assert "buy it      dial *1710*600*1# on the line's phone" in lines
    assert lines[-1] == "Price seen Nov 2026: ask before you pay. Where it is from: --sources"
    assert result.next == "esimctl buy smart-laor-30d"
    asked = "\n".join(draw(show_plan(session, "smart-laor-30d", sources=True)))
    assert "second hand" in asked


KEYS = re.compile(r"[a-z]+_[a-z]+|\[[VSU]\]|mode=|prepaid-pack|not-applicable|anchor")


def test_no_plan_shows_a_key_of_its_document(session: Session, draw: Draw) -> None:
    every = [*list_plans(session).data.plans, *list_plans(session, provider="sandbox").data.plans]
    assert len(every) > 60
    for plan in every:
        for sources in (False, True):
            text = "\n".join(line for line in draw(show_plan(session, plan.id, sources=sources)))
            assert KEYS.search(text.replace(plan.id, "")) is None, text


TERMS = {
    "demo-monthly-20gb": ["yes, for 6 months, at most 40 GB", "the next pack starts when this one ends"],
    "demo-overage-4gb": ["data goes on for 0.01 USD per MB"],
    "demo-night-line-30d": ["–0"],
    "demo-weekend-10gb": ["Sat, Sun"],
    "demo-social-30d": ["social media only"],
    "demo-family-30gb": ["several people can use it"],
    "demo-topup-2gb": ["a top-up for a line that has a plan"],
    "metfone-payg": ["pay per use", "nothing to roll over"],
}


@pytest.mark.parametrize("plan", TERMS)
def test_terms_in_words(session: Session, draw: Draw, plan: str) -> None:
    text = "\n".join(draw(show_plan(session, plan)))
    for words in TERMS[plan]:
        assert words in text


def test_a_recommendation_in_the_order_of_its_screen(session: Session, draw: Draw) -> None:
    """The answer, purchases by day, what would be unused and the way with fewer packs, what was compared."""
    result = advise(session, days=10, data=15 * 10**9, carrier="metfone")
    lines = draw(result)
    assert lines[0] == "Cheapest for 10 days, 15 GB in all: 3.00 USD (2 packs)"
    assert lines[1].split() == ["DAY", "BUY", "DATA", "FOR", "PRICE"]
    assert lines[2:4] == [
        "20 Nov  metfone-met5g-7d  20 GB  7 days  1.50 USD",
        "27 Nov  metfone-met5g-7d  20 GB  7 days  1.50 USD",
    ]
    assert lines[4] == "25 GB would be unused. With fewer packs: metfone-met5g-30d, 6.00 USD (one pack)."
    assert re.fullmatch(r"Cheapest of [0-9]+ plans, all cases compared\. Prices seen Nov 2026\.", lines[5])
    assert len(lines) == 6
    assert result.next == "esimctl buy metfone-met5g-7d"
    why = draw(advise(session, days=10, data=15 * 10**9, carrier="metfone", explain=True))
    assert any(line.startswith("Runner-up: ") for line in why)
    assert any("one after the other" in line for line in why)


def test_a_rate_stands_on_one_line(session: Session, draw: Draw) -> None:
    lines = draw(advise(session, days=10, data=5 * 10**9))
    assert lines[-1] == "(--rate 1USD=4100KHR). Prices seen Nov 2026."
    assert lines[-2].endswith(" in KHR left out")


def test_promotions_in_words(session: Session, draw: Draw) -> None:
    lines = draw(list_promotions(session, provider="sandbox", everything=True))
    assert lines[0].startswith("SANDBOX")
    assert lines[1].split()[:3] == ["PROMOTION", "GIVES", "WHEN"]
    rows = {line.split()[0]: line for line in lines[2:]}
    assert "20 % off" in rows["demo-khmer-new-year"]
    assert "from 13 Apr 2027" in rows["demo-khmer-new-year"]
    assert re.search(r"data × 2 for 30 days +until 31 Dec 2027", rows["demo-double-data"])


def test_carriers_and_one_of_them(session: Session, draw: Draw) -> None:
    lines = draw(list_carriers(session))
    assert lines[0].split() == ["CARRIER", "NAME", "COUNTRY", "CALL", "BALANCE", "WEBSITE"]
    card = draw(list_carriers(session, "smart"))
    assert card[0] == "smart · Smart Axiata · KH"
    assert any(re.fullmatch(r"call +888", line) for line in card)
    assert "ussd" not in "\n".join(card)
    with_sources = "\n".join(draw(list_carriers(session, "smart", sources=True)))
    assert len(with_sources.splitlines()) > len(card)
    assert KEYS.search(with_sources.replace("mcc-mnc", "")) is None


def test_changes_are_counted_in_a_sentence(draw: Draw) -> None:
    changes = [
        ChangeRow(plan="shop-week", of="plan", change="added", field=None, before=None, after=None),
        ChangeRow(plan="smart-laor-7d", of="plan", change="changed", field="data_bytes", before=10**9, after=2 * 10**9),
        ChangeRow(plan="smart-laor-7d", of="plan", change="changed", field="overage", before="block", after="throttle"),
    ]
    taken = ImportedRows(plans=2, promotions=0, claims=0, carriers=1, devices=0)
    lines = draw(Result("import", ImportDocument(imported=taken, refused=(), changes=changes)))
    assert lines[:2] == ["Imported 2 plans, 1 carrier.", "added: 1 plan; changed: 1 plan"]
    assert lines[2].split() == ["ROW", "CHANGE", "WHAT", "BEFORE", "AFTER"]
    text = "\n".join(lines)
    assert re.search(r"changed +data +1 GB +2 GB", text)
    assert KEYS.search(text) is None


def test_what_if_answers_first(session: Session, draw: Draw) -> None:
    plans = ("demo-monthly-5gb", "smart-laor-30d")
    lines = draw(what_if(session, plans, 300 * 10**6, 4))
    assert lines[0] == "Cheapest that covers 300 MB a day for 4 months: smart-laor-30d, 24.00 USD"
    assert [line.split()[0] for line in lines[1:4]] == ["PLAN", "smart-laor-30d", "demo-monthly-5gb"]
    assert "SANDBOX" in lines[3]
    assert "bucket" not in "\n".join(lines).lower()
    alone = draw(what_if(session, plans[:1], 10**9, 2))
    assert alone[0] == "No plan here covers 1 GB a day for 2 months."


def test_a_scenario_tells_what_does_not_hold_in_words(draw: Draw) -> None:
    text = (Path(__file__).parent.parent / "scenarios" / "bo-07-night.toml").read_text("utf-8")
    result = simulate(text.replace('available = "13000MB"', 'available = "12000MB"'), "night", story=True)
    lines = draw(result)
    assert lines[0] == "BO-07: not every expectation holds (6/7)"
    found = "\n".join(lines)
    assert re.search(r"available 12 GB +available 13 GB", found)
    assert "{" not in found
    assert "available_bytes" not in found
    assert re.search(r"^ ?1 Mar 00:00.* granted: .*", found, re.MULTILINE)


def test_nothing_is_on_offer(session: Session) -> None:
    one = terminal(80)
    result = list_plans(session, data=10**15)
    present(OutputForm("table"), result.name, result.screen or result.data, one)
    assert said(one) == "no plan fits\n"
    assert re.sub(r"\x1b\[[0-9]*m", "", shown(one)) == "1 play plan: --provider sandbox\n"
