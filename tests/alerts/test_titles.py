"""Titles of messages: every kind of alert that the program can tell has one, and what has none says its own words."""

import ast
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from esimctl.alerts.notices import FIGURE, MONEY, PROBLEM, REMINDER
from esimctl.alerts.titles import TITLES, TYPES, of_several, title_of
from esimctl.autotopup.notices import BY_WINDOW, TOLD
from esimctl.ledger.facts import AlertFact
from esimctl.ledger.state import LedgerState
from esimctl.profile.opened import Session
from esimctl.purchase.doubts import TEXTS
from esimctl.purchase.opening import open_profile
from esimctl.values.sentence import Sentence
from tests.autotopup.conftest import World

PACKAGE = Path(__file__).parents[2] / "esimctl"
NOW = datetime(2026, 11, 20, 2, tzinfo=UTC)
KINDS = {"expires_today", "expires_tomorrow", "renewed", "rule_ended", "busy"}  #: that no condition is called


def spoken_of() -> Iterator[str]:
    """The second argument of every condition in the code, where it is written out."""
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            named = isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Condition" and len(node.args) > 1
            if named and isinstance(node.args[1], ast.Constant):
                yield str(node.args[1].value)


def test_every_alert_has_a_title_and_every_title_an_alert() -> None:
    alerts = {*spoken_of(), *TOLD, *BY_WINDOW, *TEXTS, "remind"}
    assert len(alerts) > 40, "they were found"
    assert alerts | KINDS == set(TITLES)
    assert set(TYPES) <= set(TITLES)


def alert(name: str, kind: str, said: Sentence, line: str | None = None, *, resolved: bool = False) -> AlertFact:
    return AlertFact(name, name, kind, NOW, NOW, 1, str(said), line, None, resolved=resolved, said=said.as_table())


@pytest.fixture
def session(world: World, monkeypatch: pytest.MonkeyPatch) -> Session:
    monkeypatch.setenv("ESIMCTL_NOW", world.now.isoformat())
    return open_profile(None, os.environ)


@pytest.mark.parametrize(
    ("name", "kind", "said", "line", "resolved", "title", "urgency"),
    [
        ("credentials", PROBLEM, Sentence("{provider}", {"provider": "airalo"}), None, False,
         "airalo: the credentials do not work", "failure"),
        ("credentials", PROBLEM, Sentence("{provider}", {"provider": "airalo"}), None, True,
         "over: airalo: the credentials do not work", "success"),
        ("low_data", REMINDER, Sentence("{what} (worked out)", {"what": Sentence("{left}", {"left": "1 GB"})}), "phone",
         False, "SANDBOX phone: 1 GB left", "warning"),
        ("low_data", REMINDER, Sentence("of old"), "phone", False, "SANDBOX of old", "warning"),
        ("of_tomorrow", FIGURE, Sentence("of a newer program"), None, False, "SANDBOX of a newer program", "info"),
        ("expired", PROBLEM, Sentence("the rule"), "phone", False, "SANDBOX phone: the rule has ended", "info"),
        ("expired", REMINDER, Sentence("the plan"), "phone", False, "SANDBOX phone: the plan has ended", "warning"),
        ("topped_up", MONEY, Sentence("it", {"kind": "renew"}), "phone", False, "SANDBOX phone: renewed", "success"),
    ],
)  # fmt: skip
def test_whom_and_what(
    session: Session, name: str, kind: str, said: Sentence, line: str | None, resolved: bool, title: str, urgency: str
) -> None:
    found = title_of(session, LedgerState(), alert(name, kind, said, line, resolved=resolved))
    assert (found.shown(str), found.urgency) == (title, urgency)


def test_the_most_urgent_one_stands_first(session: Session) -> None:
    parts = [
        title_of(session, LedgerState(), alert("topped_up", MONEY, Sentence("it"), "phone")),
        title_of(session, LedgerState(), alert("credentials", PROBLEM, Sentence("{provider}", {"provider": "airalo"}))),
    ]
    found = of_several(parts, 1)
    assert (found.shown(str), found.urgency) == ("airalo: the credentials do not work, and 1 more", "failure")
