"""The program in a real terminal of forty columns, in three languages: no figure of the documents is missing or cut."""

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from esimctl.show.amounts import money
from esimctl.show.times import DAYS_OF_MONTHS
from esimctl.show.words import say_in
from tests.conftest import Runner
from tests.pictures import screens
from tests.pictures.screens import LANGUAGES, screen
from tests.tools import program

COMMANDS = (
    "balance", "balance phone", "transactions list", "lines show phone --show-code", "plans list --carrier smart",
    "autotopup show",
)  # fmt: skip


@pytest.fixture
def home(run: Runner, tmp_path: Path) -> Path:
    """A home with a history."""
    for words in screens.STORY:
        assert run(*words.split()).code == (3 if "declined" in words else 0), words
    (tmp_path / "home").rename(tmp_path / "esimctl")
    return tmp_path


def figures(value: Any, key: str = "") -> Iterator[str]:
    """Every amount, date, ICCID, number and id of a document, as a person has to find it."""
    if isinstance(value, dict) and set(value) == {"amount", "currency"}:
        yield money(value)
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from figures(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from figures(inner, key)
    elif isinstance(value, str) and key in TIMES:
        yield datetime.fromisoformat(value).astimezone(ZoneInfo("Asia/Phnom_Penh")).date().isoformat()
    elif isinstance(value, str) and key in AS_THEY_ARE:
        yield value
    elif isinstance(value, int) and not isinstance(value, bool) and key in VOLUMES and value:
        yield f"{value / 10**9:.10g} GB"


def said_in(tag: str, figure: str) -> str:
    """A day as people of that language write it; any other figure as it is."""
    try:
        day = date.fromisoformat(figure)
    except ValueError:
        return figure
    return say_in(tag, DAYS_OF_MONTHS[day.month - 1], day=day.day)


TIMES = {"expires_at", "created_at"}
AS_THEY_ARE = {"id", "iccid", "msisdn", "line"}
VOLUMES = {"remaining_bytes", "granted_bytes", "data_bytes"}

#: parts of documents that are not in the view of people, or are told there in other words
ELSEWHERE = {"buckets", "order", "offer", "contacts", "carrier_facts", "promotions", "price_per_day",
             "price_per_gb", "max_per_day", "max_price",
             "forecast", "activation", "last_decision", "terms", "balance_before", "spent_this_month", "main_balance",
             "in"}  # fmt: skip


def without(value: Any) -> Any:
    """A document without those parts."""
    if isinstance(value, dict):
        return {name: without(inner) for name, inner in value.items() if name not in ELSEWHERE}
    return [without(inner) for inner in value] if isinstance(value, list) else value


def test_every_figure_stands_on_one_line_of_the_screen(run: Runner, home: Path, tmp_path: Path) -> None:
    """At forty columns; what the terminal itself has to break is no figure. The screen is the terminal's, not ours."""
    program("tmux", "tmux")
    environ = {"ESIMCTL_HOME": str(home / "esimctl")}
    documents = {command: run(*command.split(), "--json", env=environ).json for command in COMMANDS}
    wanted = {command: set(figures(without(document))) for command, document in documents.items()}
    wanted["balance phone"].add(money(documents["balance phone"]["lines"][0]["main_balance"]))
    for tag in LANGUAGES:
        with screen(tmp_path / tag, home, 40, ESIMCTL_LANG=tag) as pane:
            shown = pane.run(COMMANDS)
        assert "Traceback" not in shown
        lines = shown.splitlines()
        for command, parts in wanted.items():
            assert len(parts) > 1, command
            for figure in parts:
                assert any(said_in(tag, figure) in line for line in lines), (tag, command, figure)
