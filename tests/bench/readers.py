"""Every reader of what people and strangers hand over, at its limit: memory and time. `python -m tests.bench readers`.

Each is run as a process of its own, with a file as large as it takes, and with one of half that size: the peak must
stay below 200 MB, and twice the size may take at most three times as long. The last column is the exit code. Tables are
tried at their limit of a million rows in the full form alone (`ESIMCTL_BENCH_FULL=1`), at a twentieth otherwise.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from esimctl.cli.given import MOST as TABLE
from esimctl.profile.many import MOST_ROWS as MOST_LINES
from esimctl.simulation.scenario import MOST_OCTETS as SCENARIO
from esimctl.store.own_files import MOST_BYTES as CATALOGUE
from esimctl.usage.messages import LONGEST as MESSAGE
from esimctl.usage.messages import MOST_MODELLED as LOOKS
from esimctl.usage.messages import MOST_ROWS as ROWS

PEAK = 200 << 20
MANY = ROWS if os.environ.get("ESIMCTL_BENCH_FULL") == "1" else ROWS // 20


class Reader(NamedTuple):
    """What is run on a file ({}) with so many units in it, at most `most`."""

    name: str
    words: str
    most: int
    make: Callable[[int], bytes]
    unit: str = "octets"


def of_octets(head: str, row: str) -> Callable[[int], bytes]:
    """A file of equal rows, numbered, that is just below a number of octets."""

    def make(octets: int) -> bytes:
        out = [head]
        left = octets - len(head)
        number = 0
        while left > (size := len(row.format(n=number))):
            out.append(row.format(n=number))
            left -= size
            number += 1
        return "".join(out).encode()

    return make


def of_rows(head: str, row: str) -> Callable[[int], bytes]:
    """A file of so many rows, each a minute after the one before."""
    first = datetime(2020, 1, 1, tzinfo=UTC)

    def make(count: int) -> bytes:
        moments = ((first + timedelta(minutes=n)).strftime("%Y-%m-%dT%H:%M:%SZ") for n in range(count))
        return (head + "".join(row.format(n=n, at=at) for n, at in enumerate(moments))).encode()

    return make


def lines(count: int) -> bytes:
    """A table of so many lines that were bought at a counter."""
    return ("name,carrier,data,days\n" + "".join(f"l{n},smart,1GB,30\n" for n in range(count))).encode()


def endless_cell(octets: int) -> bytes:
    """A CSV file whose first quote is never closed."""
    return b'name,note\n"' + b"a" * (octets - 12)


PLAN = """
[plan.smart-own-{n}]
carrier = "smart"
name = "own {n}"
price = "1.00 USD"
source = "receipt"
as_of = 2026-11-18
[plan.smart-own-{n}.terms]
data = "1GB"
term = "7 days"
"""
PURCHASES = "order,line,provider,state,price,currency,at\n"
PURCHASE = "x-{n},phone,manual,settled,1.00,USD,{at}\n"
READERS = (
    Reader("catalogue", "plans import {}", CATALOGUE, of_octets("", PLAN)),
    Reader("scenario", "simulate {}", SCENARIO, of_octets('schema = "esimctl.scenario/1"\n', "a{n} = 1\n")),
    Reader("message", "usage import phone {} --kind sms", MESSAGE, of_octets("", "You have {n} MB left. ")),
    Reader("readings", "usage import phone {} --kind csv", MANY, of_rows("at,used\n", "{at},{n}KB\n"), "rows"),
    Reader("readings of a counter's line", "usage import sim {}", LOOKS, of_rows("at,used\n", "{at},{n}KB\n"), "rows"),
    Reader("lines", "lines import {} --provider manual --dry-run", MOST_LINES, lines, "rows"),
    Reader("lines, an endless cell", "lines import {}", TABLE, endless_cell),
    Reader("purchases", "transactions import {}", MANY, of_rows(PURCHASES, PURCHASE), "rows"),
    Reader("purchases, a document", "transactions import {} --json", MANY, of_rows(PURCHASES, PURCHASE), "rows"),
    Reader("purchases, dry", "transactions import {} --dry-run", MANY, of_rows(PURCHASES, PURCHASE), "rows"),
)


def run(words: list[str], home: Path) -> tuple[int, float, int]:
    """(Exit code, seconds of processor, peak in octets) of a process of its own."""
    environ = {**os.environ, "ESIMCTL_HOME": str(home), "XDG_STATE_HOME": str(home / "state")}
    child = subprocess.Popen(
        [sys.executable, "-m", "esimctl", *words], env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    return child.returncode, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024


def measured(reader: Reader, count: int) -> tuple[int, float, int, int]:
    """As `run`, in a fresh home with a line of a provider and one of a counter, and the size of the file in octets."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        run(["buy", "demo-monthly-5gb", "--name", "phone", "--yes"], home)
        run(
            ["lines", "add", "sim", "--provider", "manual", "--carrier", "smart", "--data", "1GB", "--days", "30"], home
        )
        file = home / "file"
        file.write_bytes(reader.make(count))
        return *run(reader.words.format(file).split(), home), file.stat().st_size


def main() -> int:
    """Print the table; 1 where a peak or a growth is too large."""
    print(f"{'reader':34} {'limit':>16} {'octets':>10} {'peak MB':>8} {'seconds':>8} {'twice':>6}  exit")
    missed = False
    for reader in READERS:
        _, half, _, _ = measured(reader, reader.most // 2)
        code, seconds, peak, size = measured(reader, reader.most)
        growth = seconds / half
        wrong = code not in (0, 2, 20) or peak > PEAK or growth > 3
        missed = missed or wrong
        print(
            f"{reader.name:34} {f'{reader.most} {reader.unit}':>16} {size:10} {peak / 1e6:8.0f} {seconds:8.1f} "
            f"{growth:6.1f}  {code}{'   MISSED' if wrong else ''}"
        )
    return int(missed)
