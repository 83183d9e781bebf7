"""What ten years of purchases cost whoever only looks: `python -m tests.bench growth`, orders by GROWTH_ORDERS (50000).

Two homes of one density, one with the orders of a month, one with all of them, each of a line that the profile knows
and followed by a reading, and in both a line that was bought just now, and one of a counter. Every command is a
process of its own, run in turn in both homes; its figure is the ratio of the medians of processor seconds, which are
the same on a busy machine.
"""

import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from statistics import median

from esimctl.ledger.entries import Entry
from tests.books import history, write_entries

FEW = 500  #: a month of them: what is worked out of the newest readings is the same in both homes
LINES = 10
GB = 10**9
PACK = 10_000 * GB  #: more than a line uses in ten years
ROUNDS = int(os.environ.get("GROWTH_ROUNDS", "7"))
APART = timedelta(minutes=105)  #: 50,000 of them are ten years
SLACK = timedelta(days=30)  #: since the last one
NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
#: words → the most that their time may grow
CASES = {
    "transactions list --limit 5": 1.5,
    "check": 1.3,
    "report --month 2026-10": 3.0,
    "balance": 1.2,
    "buy demo-monthly-5gb --name other --dry-run": 1.2,
    "lines show phone": 1.2,
}


def main() -> int:
    """Print the figures; 1 where a ratio is too large."""
    many = int(os.environ.get("GROWTH_ORDERS", "50000"))
    with tempfile.TemporaryDirectory() as folder:
        homes = {count: made(Path(folder) / str(count), count) for count in (FEW, many)}
        print(f"{'':45} {FEW:>8} {many:>8}   ratio   most")
        return max(row(words, most, homes) for words, most in CASES.items())


def row(words: str, most: float, homes: dict[int, Path]) -> int:
    """One command in both homes."""
    times: dict[int, list[float]] = {count: [] for count in homes}
    for _ in range(ROUNDS):
        for count, home in homes.items():
            for derived in home.glob("profiles/default/state.toml"):
                derived.unlink()  # a number that was kept is no measure of what it costs to work it out
            times[count].append(run(words, home))
    few, many = (median(each) for each in times.values())
    ratio = many / few
    print(f"{words:45} {few:7.3f}s {many:7.3f}s  {ratio:6.2f} {most:6.2f}{'' if ratio <= most else '   MISSED'}")
    return int(ratio > most)


def made(home: Path, count: int) -> Path:
    """A home with so many orders, the last of them some weeks ago, and two lines that are there."""
    lines = {f"line-{number:04d}": {"provider": "sandbox", "carrier": "demo"} for number in range(LINES)}
    drawn = max(entry["at"] for entry in history(Random(1), count, LINES, NOW, APART)) - NOW  # chance is the same again
    write_entries(home, looked_at(history(Random(1), count, LINES, NOW - SLACK - drawn, APART)), {"line": lines})
    run("buy demo-monthly-5gb --name phone --yes", home)
    run("lines add sim --provider manual --carrier smart --data 1GB --days 30", home)
    return home


def looked_at(entries: Iterable[Entry]) -> Iterator[Entry]:
    """The entries, and behind every settled order a look at its line, which has used a gigabyte since the last one.

    In the end every line is looked at, so that it is known what was used of the month that is reported.
    """
    line, used = "", dict[str, int]()
    for entry in entries:
        yield entry
        line = entry.get("line", line)
        if entry["kind"] == "order.settled":
            used[line] = used.get(line, 0) + GB
            yield reading(line, entry["at"] + timedelta(seconds=3), PACK - used[line])
    for number, (line, octets) in enumerate(used.items()):
        yield reading(line, NOW - timedelta(hours=1) + timedelta(seconds=number), PACK - octets)


def reading(line: str, at: datetime, left: int) -> Entry:
    """What a provider tells of a line that has one pack."""
    pack = {
        "id": "pack", "category": "base", "usage_type": "data", "granted": PACK, "remaining": left,
        "start": NOW - timedelta(days=5000), "end": NOW + timedelta(days=30), "status": "active", "reserved": 0,
        "shared": False, "provisional": False, "unlimited": False,
    }  # fmt: skip
    data = {
        "status": "active", "remaining_bytes": left, "unlimited": False, "out_of_bucket_bytes": 0,
        "forfeited_bytes": 0, "expires_at": pack["end"], "buckets": [pack],
    }  # fmt: skip
    return {"kind": "reading", "at": at, "line": line, "read_at": at, "source": "provider", "data": data}


def run(words: str, home: Path) -> float:
    """Processor seconds of one process."""
    places = {"ESIMCTL_HOME": str(home), "XDG_STATE_HOME": str(home.with_name(f"{home.name}-state"))}
    environ = {**os.environ, **places, "ESIMCTL_NOW": NOW.isoformat()}
    environ.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed program is compiled once, not in every run
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [sys.executable, "-m", "esimctl", *words.split()], env=environ, capture_output=True, check=False
    )
    assert done.returncode in (0, 20), done.stderr
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    sys.exit(main())
