"""The life of calendars over random histories, by the rules that subscribers go by (RFC 5545 3.8.7.4, RFC 5546 2.1.4).

For every id over a chain of exports: SEQUENCE never falls and rises exactly where the event says something else,
DTSTAMP never falls; nothing is there twice, and no renewal is due before the purchase that it follows from.
"""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.conftest import Outcome, Runner

BEGIN = datetime.fromisoformat("2026-11-20T02:00:00+00:00")
FOLDERS = iter(range(10**6))
STEPS = (timedelta(), timedelta(seconds=1), timedelta(hours=5), timedelta(days=3), timedelta(days=18))
#: word → the command on a line; `other` is another one, `number` this doing's own
DOINGS: dict[str, Callable[[str, str, int], tuple[str, ...]]] = {
    "renew": lambda line, _, n: ("renew", line, *(("--paid", f"r{n}") if line.startswith("sim") else ("--yes",))),
    "week": lambda line, _, __: ("renew", line, "--plan", "demo-weekly-2gb", "--yes"),
    "topup": lambda line, _, __: ("topup", line, "--plan", "demo-topup-2gb", "--yes"),
    "money": lambda line, _, __: ("topup", line, "--amount", "5USD", "--yes"),
    "gift": lambda line, other, _: ("lines", "gift", line, "100MB", "--to", other),
    "read": lambda line, _, n: ("usage", "record", line, "--remaining", f"{900 - n}MB"),
    "ends": lambda line, _, n: ("usage", "record", line, "--remaining", "1GB", "--expires", f"2027-02-{n + 1:02d}"),
    "undo": lambda line, _, __: ("usage", "undo", line),
    "used": lambda line, _, __: ("sandbox", "use", line, "50MB"),
    "look": lambda line, _, __: ("balance", line, "--refresh"),
    "rename": lambda line, _, n: ("lines", "rename", line, f"{line[:3]}-{n}"),
    "remove": lambda line, _, __: ("lines", "remove", line, "--yes"),
    "again": lambda line, _, __: ("buy", "demo-monthly-5gb", "--name", line, "--yes"),
    "policy": lambda *_: ("policy", "set", "demo", "refund", "allowed=yes", "within=14 days", "--source", "shop"),
}  # fmt: skip
#: after which nobody can say any more what was known before: a version may be new although nothing else is
UNSURE = frozenset({"undo", "policy"})
Doing = tuple[str, int, timedelta]
LINES = (0, 1, -1)  #: which of the lines: the first, bought at the operator, the second, or the last
HISTORIES = st.lists(
    st.tuples(st.sampled_from(sorted(DOINGS)), st.sampled_from(LINES), st.sampled_from(STEPS)), max_size=9
)
DAYS = timedelta(days=3)


def events(done: Outcome) -> dict[str, dict[str, Any]]:
    """UID → the properties of an event, its alarms among them."""
    assert done.code == 0, done.err
    text, found = done.out.replace("\r\n ", ""), {}
    for block in re.findall(r"BEGIN:VEVENT\r\n(.*?)END:VEVENT", text, re.DOTALL):
        head, *alarms = block.split("BEGIN:VALARM")
        table: dict[str, Any] = dict(line.split(":", 1) for line in head.strip().split("\r\n"))
        table["alarms"] = re.findall(r"TRIGGER:(\S+)", "".join(alarms))
        assert table["UID"] not in found, "an id is there once"
        found[table["UID"]] = table
    assert len({table["SUMMARY"] for table in found.values()}) == len(found), "nothing is there twice"
    return found


def content(event: dict[str, Any]) -> dict[str, Any]:
    """What an event says."""
    return {name: value for name, value in event.items() if name not in {"SEQUENCE", "DTSTAMP", "LAST-MODIFIED"}}


def check_chain(before: dict[str, dict[str, Any]], after: dict[str, dict[str, Any]], *, sure: bool) -> None:
    """One export after another."""
    for uid in before.keys() & after.keys():
        old, new = before[uid], after[uid]
        numbers = int(old["SEQUENCE"]), int(new["SEQUENCE"])
        other = content(old) != content(new)
        assert numbers[0] <= numbers[1], (old, new)
        assert old["DTSTAMP"] <= new["DTSTAMP"], (old, new)
        assert not other or numbers[0] < numbers[1], (old, new)
        assert other or not sure or old == new, (old, new)


@pytest.mark.slow
@given(HISTORIES)
@example([("ends", -1, DAYS), ("undo", -1, DAYS), ("ends", -1, timedelta()), ("undo", -1, timedelta())])
@example([("gift", 0, DAYS), ("ends", 0, DAYS), ("undo", 0, DAYS), ("renew", 0, timedelta()), ("rename", 0, DAYS)])
@example([("remove", 0, DAYS), ("again", 0, DAYS), ("renew", -1, DAYS), ("rename", -1, DAYS), ("week", -1, DAYS)])
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_random_histories(run: Runner, tmp_path: Path, history: list[Doing]) -> None:
    """Bought at the operator and at a counter, renewed, topped up, given, read, undone, renamed, removed, again."""
    home = {"ESIMCTL_HOME": str(tmp_path / f"home{next(FOLDERS)}")}
    now = BEGIN
    run("buy", "demo-monthly-10gb", "--name", "phone", "--yes", now=now.isoformat(), env=home)
    words = ("--carrier", "smart", "--plan", "smart-laor-30d", "--price", "6USD")
    run("buy", "demo-monthly-10gb", "--name", "tablet", "--yes", now=now.isoformat(), env=home)
    run("lines", "add", "sim", "--provider", "manual", *words, now=now.isoformat(), env=home)
    names, removed, gone = ["phone", "tablet", "sim"], "old", set()
    before = events(run("transactions", "export", "--format", "ics", now=now.isoformat(), env=home))
    bought = dict.fromkeys(names, now)
    for number, (word, place, step) in enumerate(history):
        now += step
        passed = events(run("transactions", "export", "--format", "ics", now=now.isoformat(), env=home))
        check_chain(before, passed, sure=True)
        line, other = removed if word == "again" else names[place % len(names)], names[(place + 1) % len(names)]
        done = run(*DOINGS[word](line, other, number), now=now.isoformat(), env=home)
        if done.code == 0:
            if word == "rename":
                names[names.index(line)] = f"{line[:3]}-{number}"
                bought[f"{line[:3]}-{number}"] = bought[line]
            elif word == "remove":
                if len(names) > 1:
                    names.remove(line)
                removed = line
                gone |= {uid for uid, each in passed.items() if f" {line}" in f" {each['SUMMARY']} ".replace(":", "")}
            elif word == "again":
                names.append(line)
            if word in {"renew", "week", "again"}:
                bought[line] = now
        after = events(run("transactions", "export", "--format", "ics", now=now.isoformat(), env=home))
        check_chain(passed, after, sure=word not in UNSURE)
        assert not gone & after.keys() or word == "again", "what was removed comes back under no other name"
        for event in after.values():
            renewed = re.fullmatch(r"(?:SANDBOX: )?renew (\S+) now", event["SUMMARY"])
            if renewed and "DTSTART" in event:
                assert datetime.fromisoformat(event["DTSTART"]) >= bought[renewed[1]].replace(microsecond=0), event
        before = after
