"""A calendar over its life before other programs: vdirsyncer and khal take every move, libical every file.

Five exports of one calendar at five states of the books: bought, renewed, topped up, given away, a line removed.
"""

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Runner
from tests.tools import judged, library, program

HEAVY = pytest.mark.skipif(os.environ.get("ESIMCTL_FOREIGN_TOOLS") != "1", reason="ESIMCTL_FOREIGN_TOOLS=1 runs it")
PLAN = "demo-monthly-10gb"
#: what is done, when; the calendar is exported after each
STATES = (
    ("2026-11-20T09:00:00+07:00", (("buy", PLAN, "--name", "phone", "--yes"), ("buy", PLAN, "--name", "old", "--yes"),
                                   ("buy", "demo-leb-15d", "--name", "trip", "--yes"))),
    ("2026-12-01T09:00:00+07:00", (("renew", "phone", "--yes"),)),
    ("2026-12-02T09:00:00+07:00", (("topup", "phone", "--plan", "demo-topup-2gb", "--yes"),)),
    ("2026-12-03T09:00:00+07:00", (("lines", "gift", "phone", "1GB", "--to", "old"),)),
    ("2026-12-04T09:00:00+07:00", (("lines", "remove", "old", "--yes"),)),
)  # fmt: skip
ENDS = ("2026-12-20", "2027-01-01", "2027-01-01", "2027-01-01", "2027-01-01")  #: of `phone`, by the plan's own stacking
CHECK = r"""
#include <libical/ical.h>
#include <stdio.h>
static char text[1 << 22];
int main(void) {
  text[fread(text, 1, sizeof text - 1, stdin)] = 0;
  icalcomponent *whole = icalparser_parse_string(text);
  if (!whole) { puts("not parsed"); return 2; }
  int right = icalrestriction_check(whole);
  if (!right || icalcomponent_count_errors(whole)) { puts(icalcomponent_as_ical_string(whole)); return 1; }
  return 0;
}
"""


def exports(run: Runner, to: Path) -> Iterator[tuple[str, str]]:
    """The calendar at each of the states, in one file that is replaced: (instant, text)."""
    for now, doings in STATES:
        for words in doings:
            done = run(*words, now=now)
            assert done.code == 0, done.err
        assert run("transactions", "export", "--format", "ics", "--to", str(to), now=now).code == 0
        yield now, to.read_bytes().decode().replace("\r\n ", "")


def settings(folder: Path) -> tuple[str, str]:
    """Settings of vdirsyncer (the exported file, a second folder) and of khal, which shows the second folder."""
    (folder / "copy").mkdir()
    (folder / "vdirsyncer.conf").write_text(
        f'[general]\nstatus_path = "{folder}/status"\n[pair esim]\na = "file"\nb = "folder"\ncollections = null\n'
        f'[storage file]\ntype = "singlefile"\npath = "{folder}/esim.ics"\n'
        f'[storage folder]\ntype = "filesystem"\npath = "{folder}/copy"\nfileext = ".ics"\n'
    )
    (folder / "khal.conf").write_text(
        f"[calendars]\n[[esim]]\npath = {folder}/copy\n[sqlite]\npath = {folder}/khal.db\n[locale]\n"
        "local_timezone = Asia/Phnom_Penh\ndefault_timezone = Asia/Phnom_Penh\ntimeformat = %H:%M\n"
        "dateformat = %Y-%m-%d\nlongdateformat = %Y-%m-%d\ndatetimeformat = %Y-%m-%d %H:%M\n"
        "longdatetimeformat = %Y-%m-%d %H:%M\n"
    )
    return f"{folder}/vdirsyncer.conf", f"{folder}/khal.conf"


@HEAVY
def test_vdirsyncer_and_khal_take_every_move(run: Runner, tmp_path: Path) -> None:
    """After each state the second folder holds the file's events and no others, and khal shows each once, moved."""
    vdirsyncer, khal = program("vdirsyncer", "vdirsyncer"), program("khal", "khal")
    conf, shown = settings(tmp_path)
    seen = []
    for number, (_, text) in enumerate(exports(run, tmp_path / "esim.ics")):
        if number == 0:
            judged(vdirsyncer, "-c", conf, "discover", given=b"y\n" * 9)
        judged(vdirsyncer, "-c", conf, "sync")
        copies = [path.read_text("utf-8") for path in (tmp_path / "copy").iterdir()]
        both = [
            sorted(re.findall(r"^(?:UID|DTSTART|SEQUENCE).*:(\S+)", each, re.MULTILINE))
            for each in (text, "\n".join(copies))
        ]
        assert both[0] == both[1]
        told = judged(khal, "-c", shown, "list", "2026-11-20", "120d", "--format", "{start-date}|{title}", "--once")
        rows = [row for row in told.splitlines() if "|" in row]
        assert len(rows) == len({row.split("|")[1] for row in rows}), "nothing is there twice"
        seen.append(next(row.split("|")[0] for row in rows if row.endswith("|SANDBOX: phone ends")))
        assert any(row.endswith("|SANDBOX: old ends") for row in rows) == (number < 4), "a removed line is gone"
        assert not any("trip ends" in row for row in rows), "it waits for its start"
    assert tuple(seen) == ENDS


@HEAVY
def test_libical_finds_nothing_to_refuse(run: Runner, tmp_path: Path) -> None:
    """Its check of restrictions (RFC 5545, and 5546 where there is a METHOD), at each state."""
    (tmp_path / "check.c").write_text(CHECK)
    check = str(tmp_path / "check")
    built = [program("gcc", "gcc"), str(tmp_path / "check.c"), "-o", check, "-lical"]
    if subprocess.run(built, capture_output=True, check=False).returncode:
        pytest.skip("foreign tool missing: libical (apt-get install libical-dev)")
    for _, _ in exports(run, tmp_path / "esim.ics"):
        assert judged(check, given=(tmp_path / "esim.ics").read_bytes()) == ""


def test_the_icalendar_library_sees_one_event_that_moves(run: Runner, tmp_path: Path) -> None:
    """An id is there once, has no error, and a higher number wherever it says something else."""
    reader = library("icalendar", "icalendar").Calendar
    before: dict[str, tuple[int, bytes]] = {}
    for _, _ in exports(run, tmp_path / "esim.ics"):
        events = reader.from_ical((tmp_path / "esim.ics").read_bytes()).walk("VEVENT")
        assert len({str(event["UID"]) for event in events}) == len(events)
        for event in events:
            assert event.errors == []
            uid, number = str(event["UID"]), int(event.pop("SEQUENCE"))
            for name in ("DTSTAMP", "LAST-MODIFIED"):
                del event[name]
            known, content = before.get(uid, (number, event.to_ical()))
            assert (number > known) == (event.to_ical() != content)
            before[uid] = (number, event.to_ical())
