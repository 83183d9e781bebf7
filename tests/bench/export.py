"""What an export of 100 000 transactions costs, format by format: `python -m tests.bench export [ORDERS]`.

The journal is generated, not made by so many runs. Each export is a process of its own, start of the interpreter
included; counted is the time of the processor, which a busy machine does not stretch as much as the wall's, and the
most memory that the process ever had.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from tests.books import write_books

ORDERS = 100_000
NOW = "2027-01-01T00:00:00Z"  #: behind the last order
SECONDS = 10.0
MEGABYTES = 300
FORMATS = ("csv", "json", "hledger", "beancount", "ics", "prometheus")


class Cost(NamedTuple):
    """Of one process: seconds of the processor, seconds of the wall, most memory in MB (10^6 octets)."""

    processor: float
    wall: float
    memory: float


def measure(home: Path, form: str, to: Path) -> Cost:
    """One export into a file."""
    code = (
        "import resource, sys, time\n"
        "begun = time.monotonic()\n"
        "from esimctl.main import main\n"
        "code = main(sys.argv[1:])\n"
        "used = resource.getrusage(resource.RUSAGE_SELF)\n"
        "print(used.ru_utime + used.ru_stime, time.monotonic() - begun, used.ru_maxrss * 1024 / 1e6, file=sys.stderr)\n"
        "sys.exit(code)\n"
    )
    words = ("transactions", "export", "--format", form, "--to", str(to), "-q")
    environ = {**os.environ, "ESIMCTL_HOME": str(home), "ESIMCTL_NOW": NOW}
    environ.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed program is compiled once, not in every run
    done = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, check=True, env=environ)
    return Cost(*map(float, done.stderr.splitlines()[-1].split()))


def main() -> int:
    """Print the figures; 1 when one is above its limit."""
    numbers = [int(word) for word in sys.argv[1:] if word.isdigit()]
    orders = numbers[0] if numbers else ORDERS
    with tempfile.TemporaryDirectory() as folder:
        print(f"writing a journal of {orders} orders …", flush=True)
        write_books(Path(folder) / "home", orders)
        missed = False
        for form in FORMATS:
            cost = measure(Path(folder) / "home", form, Path(folder) / f"export.{form}")
            size = (Path(folder) / f"export.{form}").stat().st_size / 1e6
            bad = cost.processor > SECONDS or cost.memory > MEGABYTES
            missed = missed or bad
            print(
                f"{form:<12} processor {cost.processor:6.2f} s of {SECONDS:.0f}   wall {cost.wall:6.2f} s   "
                f"memory {cost.memory:4.0f} MB of {MEGABYTES}   file {size:6.1f} MB   {'MISSED' if bad else 'ok'}",
                flush=True,
            )
        return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
