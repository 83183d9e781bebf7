"""Lines, checks and policies as people see them: what stands first, no line too long, nothing cut."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from esimctl.documents.balance import CheckDocument, CheckedLine, PluginPart
from esimctl.documents.claims import ClaimRow, PolicyRow, PolicyScreen
from esimctl.documents.document import ABSENT
from esimctl.documents.lines import CarrierFactRow, ContactRow, LinePart, LineRow, LineScreen, LinesDocument
from esimctl.show.cards import check, line, lines, policies
from esimctl.show.page import cells
from esimctl.show.reader import Reader, read_by
from tests.show.fakes import shown, terminal

NOW = datetime(2026, 11, 28, 2, tzinfo=UTC)


@pytest.fixture(autouse=True)
def somebody_reads() -> None:
    """A reader in UTC, on a morning of November."""
    read_by(Reader(NOW, UTC))


def row(name: str, **given: Any) -> dict[str, Any]:
    """The keys of a line."""
    told = {
        "id": f"L261110-{name}", "line": name, "provider": "manual", "carrier": "smart", "plan": "smart-laor-30d",
        "play_money": False, "iccid": None, "msisdn": None, "order": None, "tags": [], "owner": None, "note": None,
        "open_orders": 0, "ties": [], "status": "active", "expires_at": NOW + timedelta(days=20),
        "remaining_bytes": 6 * 10**9, "used_bytes": 54 * 10**9,
    }  # fmt: skip
    return {**told, **given}


def fact(topic: str, *values: str, grade: str = "S") -> CarrierFactRow:
    """A fact of a carrier."""
    return CarrierFactRow(topic=topic, values=values, note=None, source="a list", as_of=date(2024, 11, 1), grade=grade)


def dial(purpose: str, value: str) -> ContactRow:
    """A code of a carrier."""
    return ContactRow(purpose=purpose, value=value, tel=None, note=None, source="a tool", as_of=None, grade="V")


@pytest.mark.parametrize("width", [50, 60, 80, 120])
def test_fifty_lines_with_long_names_are_a_table(width: int) -> None:
    many = [LineRow(**row(f"router-in-the-guest-house-{n:02}", tags=["family", "travel"])) for n in range(50)]
    many[31] = LineRow(**row("old", status="expired", expires_at=NOW - timedelta(days=3)))
    one = terminal(width, colour="never")
    lines.listing(LinesDocument(lines=many), one)
    head, first, *rest = shown(one).splitlines()
    assert head.split()[0] == "LINE"
    assert first.startswith("old ")
    assert "ended" in first
    assert len(rest) == 49
    assert all(each.startswith("router-in-the-guest-house-") and "6 GB" in each for each in rest)
    assert max(map(cells, [head, first, *rest])) <= width


def told(width: int, *, sources: bool = False) -> list[str]:
    """The screen of a line."""
    part = LinePart(
        **row("sim", open_orders=1),
        contacts=[dial("balance", "*888#"), dial("balance", "*1201#"), dial("call", "888")],
        carrier_facts=[fact("network", "456-06"), fact("apn", "smart"), fact("hotline", "888")],
    )
    one = terminal(width, colour="never")
    line.person(LineScreen(line=part, sources=sources), one)
    return shown(one).splitlines()


def test_one_line_says_what_is_left_first_and_no_source() -> None:
    assert told(80) == [
        "sim · smart-laor-30d · ends Fri 18 Dec 02:00 · in 20 days",
        "6 GB left, 54 GB used",
        "! order open  esimctl reconcile",
        "Carrier        smart (manual)",
        "Line id        L261110-sim",
        "Balance        *888#, *1201#",
        "Customer care  888",
        "APN            smart",
    ]


@pytest.mark.parametrize("width", [40, 50, 80])
def test_with_sources_every_fact_has_one_in_words(width: int) -> None:
    said = told(width, sources=True)
    assert max(map(cells, said)) <= width
    whole = " ".join(" ".join(said).split())
    assert "*888# (a tool; the seller's own words; undated)" in whole
    assert "456-06 (a list; second hand; 1 Nov 2024)" in whole
    assert not re.search(r"\[[SVU],", whole)


def checked(name: str, *attention: str, left: int = 0) -> CheckedLine:
    """A line's finding."""
    return CheckedLine(
        line=name, ok=not attention, attention=attention, remaining_bytes=left, expires_at=NOW + timedelta(days=9),
        source="manual", restricted_bytes=None, restricted_unlimited=False, judged_bytes=left, unlimited=False,
        renew_by=None, grace_until=None,
    )  # fmt: skip


def fifty(state: str) -> CheckDocument:
    """Fifty lines, four of which need attention."""
    bad = [
        checked("router-01", "low_data", left=300 * 10**6),
        checked("router-13", "low_data", "exhausted"),
        checked("gps-03", "expiring", left=8 * 10**9),
        checked("sim", "stale_reading", left=6 * 10**9),
    ]
    fine = [checked(f"line-{n:02}", left=9 * 10**9) for n in range(46)]
    part = PluginPart(state=state, exit_code=2)
    return CheckDocument(ok=False, lines=[*bad, *fine], orders=[], findings=[], rules=[], plugin=part)


def test_a_check_counts_and_has_a_line_for_each() -> None:
    one = terminal(80, colour="never")
    check.person(fifty("CRITICAL"), one)
    first, head, *rest = shown(one).splitlines()
    assert first == "4 of 50 lines need attention"
    assert head.split() == ["LINE", "LEFT", "ENDS", "NEEDS", "ATTENTION"]
    assert [each.split()[0] for each in rest] == ["router-13", "router-01", "gps-03", "sim"]
    assert [each.split("days  ")[1] for each in rest] == ["used up", "low", "ends soon", "old reading"]


def test_a_monitor_is_told_the_worst_two_and_how_many_more() -> None:
    text, _, figures = check.plugin_line(fifty("CRITICAL")).partition(" | ")
    assert text == (
        "CRITICAL - 4 of 50 lines need attention: router-13 used up (0 B left); router-01 low (300 MB left); and 2 more"
    )
    assert figures.startswith("'router-01'=300000000B 'router-13'=0B ")
    with_limits = check.plugin_line(fifty("CRITICAL"), 500 * 10**6)
    assert "'router-01'=300000000B;500000000:;1:;0; " in with_limits


def claim(mode: str, *, counts: bool = False, **value: str) -> ClaimRow:
    """What somebody says of rollover."""
    return ClaimRow(
        id=f"claim-{mode}", counts=counts, value={"mode": mode, **value}, carrier="smart", plans=[], kind="article",
        source="an article, story of A Ming", as_of=None, stale=True, confidence="low", rank=11, note=None, from_=None,
    )  # fmt: skip


def policy(*claims: ClaimRow, disputed: bool = True, why: str = "promises-less") -> PolicyRow:
    """A topic with its claims."""
    counting = next((each for each in claims if each.counts), None)
    return PolicyRow(
        topic="rollover", effective=None if counting is None else counting.value, claim=None, disputed=disputed,
        against=1, confidence="low", why=why, word=None, claims=claims,
    )  # fmt: skip


def shown_policy(*rows: PolicyRow, sources: bool = False, width: int = 80) -> str:
    """The screen of `policy show smart`."""
    one = terminal(width, colour="never")
    document = PolicyScreen(carrier="smart", plan=None, policy=rows, lines=ABSENT, ask=["888"], sources=sources)
    policies.person(document, one)
    return shown(one)


DISPUTED = policy(
    claim("none", counts=True), claim("carry", validity="6 months"), claim("carry", validity="3 months"), claim("carry")
)


def test_a_dispute_is_one_sentence() -> None:
    assert " ".join(shown_policy(DISPUTED).split()) == (
        "Assume NO: sources disagree (3 say yes, 1 no). If yes, until 3 months after the month's end. Ask 888."
    )


def test_with_sources_everybody_s_word_follows() -> None:
    said = shown_policy(DISPUTED, sources=True)
    assert "* no · an article, not reliable, undated\n    an article, story of A Ming\n" in said
    assert "  yes, for 6 months · an article" in said
    assert "mode=" not in said
    assert "claim-" not in said


def test_your_own_word_and_nobody_s() -> None:
    own = claim("carry", counts=True, validity="3 months").__replace__(
        kind="person", stale=False, as_of=date(2026, 11, 20)
    )
    said = shown_policy(policy(own, disputed=False, why="own"))
    assert said == "YES, for 3 months (your word, 20 Nov: an article, story of A Ming).\n"
    silent = policy(disputed=False, why="nobody-says")
    assert shown_policy(silent) == "Nobody says whether data is carried over: assume NO. Ask 888.\n"


@pytest.mark.parametrize("width", [50, 80])
def test_many_topics_are_a_table(width: int) -> None:
    said = shown_policy(DISPUTED, DISPUTED.__replace__(topic="number-retention"), width=width).splitlines()
    assert said[0].split() == ["TOPIC", "ASSUME", "SAID", "BY"]
    assert [each.split()[0] for each in said[1:]] == ["rollover", "number-retention"]
    assert max(map(cells, said)) <= width
