"""A wrong scenario file is refused with file, line and key, whatever is wrong with it, and quickly."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from esimctl.simulation.scenario import Scenario, parse_scenario
from esimctl.values.positions import key_lines
from esimctl.values.tables import TableError

GOOD = """schema = "esimctl.scenario/1"
name = "good"
start = 2026-01-31T00:00:00

[plan.m10]
data = "10GB"
term = "1 month"
rollover = { mode = "carry", validity = "3 months" }

[line.a]
plan = "m10"
main_balance = "5.00 USD"

[line.b]

[pool.family]
data = "1GB"
members = { b = "unlimited" }

[[event]]
at = 2026-02-10T12:00:00
line = "a"
use = "4GB"

[[event]]
at = 2026-02-28T00:00:00
line = "a"
expect = { available = "0MB", buckets = [
  { category = "base", remaining = "0MB" },
  { category = "base", remaining = "0MB" } ] }
"""

EVENT = '\n[[event]]\nat = 2026-03-01T00:00:00\nline = "a"\n'

TWICE = '[[line.b.bucket]]\nid = "x"\ndata = "1GB"\n' * 2

FAULTS = [
    ('data = "10GB"', 'data = "10GB"\ncolour = "red"', 7, "plan.m10.colour"),
    ('data = "10GB"', "data = 10", 6, "plan.m10.data"),
    ('data = "10GB"', 'data = "-10GB"', 6, "plan.m10.data"),
    ('data = "10GB"', 'data = "99999999999999TB"', 6, "plan.m10.data"),
    ('data = "10GB"', 'data = "1e9MB"', 6, "plan.m10.data"),
    ('data = "10GB"', 'data = "10 gigs"', 6, "plan.m10.data"),
    ('data = "10GB"', 'data = "0.0000000001KB"', 6, "plan.m10.data"),
    ('data = "10GB"\n', "", 5, "plan.m10.data"),
    ('term = "1 month"', 'term = "0 months"', 7, "plan.m10.term"),
    ('term = "1 month"', 'term = "12h"', 7, "plan.m10.term"),
    ('term = "1 month"', 'term = "1 month"\nperiod = "2 months"', 8, "plan.m10.period"),
    ('term = "1 month"', 'term = "1 month"\nprice = "5.001 USD"', 8, "plan.m10.price"),
    ('term = "1 month"', 'term = "1 month"\nprice = "5 XYZ"', 8, "plan.m10.price"),
    ('term = "1 month"', 'term = "1 month"\npriority = true', 8, "plan.m10.priority"),
    ('term = "1 month"', 'term = "1 month"\npriority = nan', 8, "plan.m10.priority"),
    ('term = "1 month"', 'term = "1 month"\nclock = "sun-dial"', 8, "plan.m10.clock"),
    ('term = "1 month"', 'term = "1 month"\nstarts_on = "first-use"', 8, "plan.m10.starts_on"),
    ('term = "1 month"', 'term = "1 month"\nwindow = { days = ["someday"] }', 8, "plan.m10.window.days"),
    ('term = "1 month"', 'term = "1 month"\noverage = { action = "charge" }', 8, "plan.m10.overage.price_per_mb"),
    ('validity = "3 months"', "max_percent = 101", 8, "plan.m10.rollover.max_percent"),
    (', validity = "3 months"', "", 8, "plan.m10.rollover.validity"),
    ('plan = "m10"', 'plan = "m11"', 11, "line.a.plan"),
    ('"5.00 USD"', '"5.00 USDD"', 12, "line.a.main_balance"),
    ('b = "unlimited"', 'c = "unlimited"', 18, "pool.family.members.c"),
    ('b = "unlimited"', "b = inf", 18, "pool.family.members.b"),
    ('line = "a"\nuse', 'line = "zz"\nuse', 22, "event[1].line"),
    ('line = "a"\nuse', "use", 20, "event[1].line"),
    ('use = "4GB"', "use = nan", 23, "event[1].use"),
    ('use = "4GB"', "use = -4", 23, "event[1].use"),
    ('use = "4GB"', 'use = "unlimited"', 23, "event[1].use"),
    ('use = "4GB"', 'use = "4GB"\nrenew = "m10"', 24, "event[1].renew"),
    ('use = "4GB"', 'use = "4GB"\ndated = 2026-02-11T00:00:00', 24, "event[1].dated"),
    ('use = "4GB"', 'use = "4GB"\ndated = 2026-01-30T00:00:00', 24, "event[1].dated"),
    ('use = "4GB"', 'renew = "m10"\ncompletes = 2026-02-01T00:00:00', 24, "event[1].completes"),
    ('use = "4GB"', 'gift = "1GB"\nto = "nobody"', 24, "event[1].to"),
    ('use = "4GB"', 'gift = "1GB"', 20, "event[1].to"),
    ('use = "4GB"', 'refused = "yes"\nuse = "4GB"', 23, "event[1].refused"),
    ("at = 2026-02-10T12:00:00", "at = 2026-01-30T12:00:00", 21, "event[1].at"),
    ("at = 2026-02-10T12:00:00", 'at = "2026-02-10"', 21, "event[1].at"),
    ("at = 2026-02-10T12:00:00", "at = 12:00:00", 21, "event[1].at"),
    ("at = 2026-02-10T12:00:00\n", "", 20, "event[1].at"),
    ("at = 2026-02-10T12:00:00", "at = 9999-12-31T23:59:59-12:00", 21, "event[1].at"),
    ('use = "4GB"\n', "", 20, "event[1]"),
    ('remaining = "0MB" } ]', 'remaning = "0MB" } ]', 30, "event[2].expect.buckets[2].remaning"),
    ('available = "0MB"', 'used = { a = "0MB" }', 28, "event[2].expect.used"),
    ('line = "a"\nexpect = {', 'pool = "family"\nexpect = { throttled = true,', 28, "event[2].expect.throttled"),
    ('schema = "esimctl.scenario/1"', 'schema = "esimctl.scenario/2"', 1, "schema"),
    ('name = "good"', 'name = 7', 2, "name"),
    ('name = "good"', 'zone = "Mars/Olympus"', 2, "zone"),
    ('name = "good"', "volume_base = 1010", 2, "volume_base"),
    ('name = "good"', 'colour = "red"', 2, "colour"),
    ("start = 2026-01-31T00:00:00", "start = 0001-01-01T00:00:00", 3, "start"),
    ("start = 2026-01-31T00:00:00\n", "", None, "start"),
    ("[line.b]", "[[line.b]]", 14, "line.b"),
    ("[line.b]", '[[line.b.bucket]]\ndata = "1GB"\nend = 2026-01-31T00:00:00', 16, "line.b.bucket[1].end"),
    ("[line.b]", TWICE, 18, "line.b.bucket[2].id"),
]  # fmt: skip


def test_the_good_file_is_good() -> None:
    """What the faults are made from is read without one."""
    assert isinstance(parse_scenario(GOOD, "good.toml"), Scenario)


@pytest.mark.parametrize(("old", "new", "line", "key"), FAULTS, ids=[f"{n}-{one[3]}" for n, one in enumerate(FAULTS)])
def test_one_fault(old: str, new: str, line: int | None, key: str | None) -> None:
    """Each fault is named with its line and the path of its key."""
    assert old in GOOD
    with pytest.raises(TableError) as caught:
        parse_scenario(GOOD.replace(old, new, 1), "bad.toml")
    assert (caught.value.problem.file, caught.value.problem.line) == ("bad.toml", line)
    if key is not None:
        assert caught.value.problem.key == key
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith("bad.toml")


@pytest.mark.parametrize(
    "junk",
    [
        b"\xff\xfe\x00",
        b"at = 2026-02-30T00:00:00",
        b"= = =",
        b"a = 1\na = 2",
        b"[" * 100_000,
        b"a = " + b"[" * 50_000,
        b"a = " + b"{a=" * 50_000,
        b"a." * 50_000 + b"b = 1",
        b"[" + b"a." * 50_000 + b"b]",
        b"a = " + b"9" * 100_000,
        b'a = "' + b"x" * 3_000_000,
        b"x" * 5_000_000,
        b"a = 1\n" * 400_000,
        b'a = """' * 1000,
        b"\x00" * 1000,
        b"",
    ],
    ids=range(16),
)
def test_junk_is_refused_quickly(junk: bytes) -> None:
    """Megabytes of junk, deep nesting and broken text end in one short sentence."""
    with pytest.raises(TableError) as caught:
        parse_scenario(junk, "junk.toml")
    assert len(str(caught.value)) < 500


def test_a_toml_fault_carries_its_line() -> None:
    """A fault of the syntax is named with its line as well."""
    with pytest.raises(TableError) as caught:
        parse_scenario(GOOD.replace('use = "4GB"', "use = 4GB"), "bad.toml")
    assert caught.value.problem.line == 23


@settings(max_examples=150, deadline=None)
@given(st.integers(0, len(GOOD) - 1), st.text(max_size=6), st.integers(0, 8))
def test_no_accident_gets_through_as_another_error(at: int, text: str, drop: int) -> None:
    """Whatever a slip of the keyboard does to a file, it is read or refused, never a traceback."""
    try:
        read: Scenario | TableError = parse_scenario(GOOD[:at] + text + GOOD[at + drop :], "slip.toml")
    except TableError as refused:
        read = refused
    assert isinstance(read, Scenario) or read.problem.file == "slip.toml"


def test_lines_of_keys_are_found_wherever_they_stand() -> None:
    """Strings, comments, dotted keys, arrays over several lines and inline tables do not confuse the count."""
    text = 'a = """x\ny"""\n# z = 1\nb.c = [1,\n  2, { d = "]", "e f" = 1 }]\n'
    text += '[t."q.r"]\nk = 1\n[[u]]\n[[u]]\nv = 1\n[u.w]\nx = 1\n'
    found = key_lines(text)
    assert found[("a",)] == 1
    assert found[("b", "c")] == 4
    assert found[("b", "c", 2, "e f")] == 5
    assert found[("t", "q.r", "k")] == 7
    assert found[("u", 1, "v")] == 10
    assert found[("u", 1, "w", "x")] == 12


def test_every_published_scenario_has_a_line_for_every_table() -> None:
    """The walk finds each event of each file that is read without fault."""
    for path in (Path(__file__).parent.parent / "scenarios").glob("*.toml"):
        text = path.read_text(encoding="utf-8")
        lines = key_lines(text)
        events = text.count("[[event]]")
        assert [lines[("event", index, "at")] for index in range(events)] == sorted(
            number + 1 for number, line in enumerate(text.split("\n"), 1) if line == "[[event]]"
        )
