"""What ten years of purchases cost whoever only looks: `python -m tests.bench growth`, orders by GROWTH_ORDERS (50000).

Two homes of one density, one with ten orders, one with all of them, and in both a line that was bought just
now, and one of a counter. Every
command is a process of its own, run in turn in both homes; its figure is the ratio of the medians of processor
seconds, which are the same on a busy machine.
"""

import os
import resource
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

from tests.books import write_books

FEW = 10
ROUNDS = int(os.environ.get("GROWTH_ROUNDS", "7"))
APART = timedelta(minutes=105)  #: 50,000 of them are ten years
SLACK = timedelta(days=30)  #: chance says how far apart they are
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
    write_books(home, count, lines=FEW, since=NOW - APART * count - SLACK, apart=APART)
    run("buy demo-monthly-5gb --name phone --yes", home)
    run("lines add sim --provider manual --carrier smart --data 1GB --days 30", home)
    return home


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
