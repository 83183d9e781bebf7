"""How long `report` takes over a year of many lines: `python -m tests.bench report`, lines by REPORT_LINES (1000).

The journal is written through the store, as commands write it, so that the snapshot and the archive are the real ones.
Each run is a process of its own; the limit is on the wall, processor seconds stand beside it for a busy machine.
"""

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from tests.filled import fill
from tests.year import year

LIMIT = 3.0  #: seconds
ROUNDS = 5
NOW = "2026-12-31T23:00:00+07:00"
CASES = {
    "one month": ("report", "--month", "2026-11", "--json"),
    "one month by line": ("report", "--month", "2026-11", "--by", "line", "--json"),
    "the year": ("report", "--month", "2026-12", "--months", "12", "--json"),
    "the year by line": ("report", "--month", "2026-12", "--months", "12", "--by", "line", "--json"),
    "the year as a page": ("report", "--month", "2026-12", "--months", "12", "--format", "html"),
}


def measure(words: tuple[str, ...]) -> tuple[float, float]:
    """Wall and processor seconds of one process, start of the interpreter included."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begun = time.perf_counter()
    done = subprocess.run([sys.executable, "-m", "esimctl", *words], capture_output=True, check=False)
    wall = time.perf_counter() - begun
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout) > 1000, "a report of something"
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> int:
    """Print the figures of every case; 1 when the median on the wall of one is above the limit."""
    lines = int(os.environ.get("REPORT_LINES", "1000"))
    good = True
    with tempfile.TemporaryDirectory() as folder:
        os.environ.update(ESIMCTL_HOME=str(Path(folder) / "home"), ESIMCTL_NOW=NOW)
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed program is compiled once, not in every run
        entries = fill(year(lines))
        print(f"{lines} lines, {entries} entries of a year")
        for name, words in CASES.items():
            times = [measure(words) for _ in range(ROUNDS)]
            wall, processor = median(each[0] for each in times), median(each[1] for each in times)
            held = wall <= LIMIT
            good = good and held
            print(f"{wall:6.2f} s on the wall, {processor:5.2f} s of processor  {name}: {'ok' if held else 'MISSED'}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
