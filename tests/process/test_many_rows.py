"""Tables of any length: memory does not grow with their rows, time only with them, and a kill in between costs nothing.

The full sizes are tried by `python -m tests.bench readers`.
"""

import json
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.bench.readers import PURCHASE, PURCHASES, of_rows
from tests.bench.readers import run as measured
from tests.process.runner import arguments, environment, run, run_here

pytestmark = pytest.mark.slow

Make = Callable[[int], bytes]
MORE = 12 << 20  #: octets that four times as many rows may take beside what is written at once
USED = of_rows("at,used\n", "{at},{n}KB\n")
PAID = of_rows(PURCHASES, PURCHASE)
SIM = ["lines", "add", "sim", "--provider", "manual", "--carrier", "smart", "--data", "1GB", "--days", "30"]


@pytest.mark.parametrize(
    ("words", "make", "rows"),
    [
        ("transactions import {} --json", PAID, 4_000),
        ("transactions import {} --dry-run", PAID, 4_000),
        ("usage import phone {} --kind csv", USED, 2_000),
        ("usage import sim {} --kind csv", USED, 2_000),
    ],
)  # fmt: skip
def test_memory_does_not_grow_with_the_rows(tmp_path: Path, words: str, make: Make, rows: int) -> None:
    """Peak of so many rows and of four times as many; more of them than was ever taken at once before."""
    peaks = []
    for count in (rows, 4 * rows):
        home, file = tmp_path / str(count), tmp_path / f"{count}.csv"
        file.write_bytes(make(count))
        assert measured(["buy", "demo-monthly-5gb", "--name", "phone", "--yes"], home)[0] == 0
        assert measured(SIM, home)[0] == 0
        code, _, peak = measured(words.format(file).split(), home)
        assert code == 0
        peaks.append(peak)
    assert peaks[1] - peaks[0] < MORE, peaks


@pytest.mark.parametrize(
    ("words", "make", "kind"),
    [
        ("transactions import {} --json", PAID, "imported"),
        ("usage import phone {} --json", USED, "reading"),
        ("usage import sim {} --json", USED, "reading"),
    ],
)  # fmt: skip
def test_a_kill_in_the_middle_and_the_same_again(tmp_path: Path, words: str, make: Make, kind: str) -> None:
    """Every row is in the journal once: what was written before the kill is known by its content the second time."""
    rows, file = 6_000, tmp_path / "rows.csv"
    file.write_bytes(make(rows))
    assert run_here(["buy", "demo-monthly-5gb", "--name", "phone", "--yes"], tmp_path).returncode == 0
    assert run_here(SIM, tmp_path).returncode == 0
    journal = tmp_path / "esimctl/profiles/default/journal"
    before = _written(journal, kind)
    command = words.format(file).split()
    child = subprocess.Popen(arguments(command), env=environment(tmp_path), stdout=subprocess.DEVNULL)
    while child.poll() is None and _written(journal, kind) < before + 1_000:
        time.sleep(0.02)
    child.send_signal(signal.SIGKILL)
    assert child.wait() == -signal.SIGKILL, "it was over before it could be killed"
    done = _written(journal, kind) - before
    assert 0 < done < rows
    again = run(command, tmp_path)
    assert again.returncode == 0, again.stderr
    document = json.loads(again.stdout)
    known = document["duplicates"] if kind == "reading" else len(document["duplicates"])
    assert known == done
    assert _written(journal, kind) - before == rows
    assert run(["doctor", "--json"], tmp_path).returncode in (0, 20)


def _written(journal: Path, kind: str) -> int:
    return sum(path.read_bytes().count(f'\nkind = "{kind}"\n'.encode()) for path in journal.glob("*.toml"))


def test_rows_in_any_order_are_told_as_the_file_has_them(tmp_path: Path) -> None:
    """A table that was sorted the other way: written oldest first, told in its own order."""
    head, *rows = USED(1_200).decode().splitlines()
    assert run_here(SIM, tmp_path).returncode == 0
    text = "\n".join([head, *reversed(rows)]) + "\n"
    told = json.loads(run(["usage", "import", "sim", "-", "--kind", "csv", "--json"], tmp_path, given=text).stdout)
    assert (told["recorded"], len(told["readings"])) == (1_200, 1_200)
    moments = [each["at"] for each in told["readings"]]
    assert moments == sorted(moments, reverse=True)
    again = run(["usage", "import", "sim", "-", "--kind", "csv"], tmp_path, given=text)
    assert again.stderr.count("was read before") == 100, "a person is not told a thousand times"
    assert "1100 more sentences are left out" in again.stderr
