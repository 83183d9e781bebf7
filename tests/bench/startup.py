"""How long a person waits: `python -m tests.bench startup`, not part of the suite because it measures wall time.

Every command is run as a process of its own, all interleaved in one run, and compared with `python -c "import typer"`
in the same minute on the same machine: the ratio of the medians counts. Exit code 1 when a limit is missed.
"""

import os
import pty
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import NamedTuple

ROOT = Path(__file__).parent.parent.parent
ROUNDS = 25
#: What the installed `esimctl` script does; `-m` would add the 2 ms of runpy.
SCRIPT = ("-c", "import sys; from esimctl.main import main; sys.exit(main())")
PLAN = "smart-laor-30d"


class Case(NamedTuple):
    """A command, the case it is compared with, and the most that the ratio may be."""

    name: str
    words: Sequence[str]
    home: str = "ten"
    terminal: bool = False
    against: str = "import typer"
    limit: float | None = None


CASES = (
    Case("import typer", ("-c", "import typer")),
    Case("balance --json", (*SCRIPT, "balance", "--json"), limit=1.30),
    Case("balance (table)", (*SCRIPT, "balance"), terminal=True, limit=1.85),
    Case("--help", (*SCRIPT, "--help"), limit=1.60),
    Case("balance --help", (*SCRIPT, "balance", "--help"), limit=1.60),
    Case("value completion", (*SCRIPT, "__complete", "plans", "smart"), limit=1.15),
    Case("plans for a line", (*SCRIPT, "__complete", "plans", "", "topup", "line-0", "--plan"), limit=1.15),
    Case(
        "balance --json, 1000 lines",
        (*SCRIPT, "balance", "--json"),
        home="thousand",
        against="balance --json",
        limit=4.0,
    ),
)


#: One real line, whose document is kept under as many names as are wanted: a thousand purchases take minutes.
PREPARE = """
import os, sys
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from esimctl.purchase.opening import open_profile
from esimctl.usage.kept_documents import keep_documents, kept_documents
from esimctl.main import main
from esimctl.values.record import replace
sys.stdout = open(os.devnull, "w")
assert main(["buy", PLAN, "--provider", "sandbox", "--yes", "-q", "--name", "line-0"]) == 0
assert main(["balance", "--json"]) == 0
session = open_profile(None, os.environ)
document = kept_documents(session, [], allow_stale=True)[0]
names = [f"line-{number}" for number in range(LINES)]
def change(profile):
    for name in names[1:]:
        profile["line"][name] = deepcopy(profile["line"]["line-0"].unwrap())
with session.store.locked():
    session.store.profile.edit(change)
later = datetime.now(UTC) + timedelta(days=1)
keep_documents(session, {name: (replace(document, line=name), None, later) for name in names})
"""


def prepare(home: Path, lines: int) -> None:
    """A profile with so many lines, whose balances have been worked out and are fresh."""
    code = PREPARE.replace("PLAN", repr(PLAN)).replace("LINES", str(lines))
    subprocess.run([sys.executable, "-c", code], env=environment(home), cwd=ROOT, check=True)


def environment(home: Path) -> dict[str, str]:
    """Nothing of ours but the home; bytecode is kept as an installed program keeps it."""
    return {"PATH": os.environ["PATH"], "HOME": str(home), "ESIMCTL_HOME": str(home), "TERM": "xterm", "COLUMNS": "120"}


def seconds(case: Case, home: Path) -> float:
    """Wall time of one run, output read to its end."""
    command = [sys.executable, *case.words]
    if not case.terminal:
        begun = perf_counter()
        subprocess.run(command, env=environment(home), cwd=ROOT, stdout=subprocess.DEVNULL, check=True)
        return perf_counter() - begun
    master, slave = pty.openpty()
    reader = threading.Thread(target=_drain, args=(master,))
    reader.start()
    begun = perf_counter()
    subprocess.run(command, env=environment(home), cwd=ROOT, stdout=slave, stdin=slave, stderr=slave, check=True)
    took = perf_counter() - begun
    os.close(slave)
    reader.join()
    os.close(master)
    return took


def _drain(master: int) -> None:
    try:
        while os.read(master, 65536):
            pass
    except OSError:
        return


def main() -> int:
    """Measure, print the ratios, and say whether all limits hold."""
    with tempfile.TemporaryDirectory() as folder:
        homes = {"ten": Path(folder) / "ten", "thousand": Path(folder) / "thousand"}
        prepare(homes["ten"], 10)
        prepare(homes["thousand"], 1000)
        times: dict[str, list[float]] = {case.name: [] for case in CASES}
        for _ in range(ROUNDS):
            for case in CASES:
                times[case.name].append(seconds(case, homes[case.home]))
        for home, lines in (("ten", 10), ("thousand", 1000)):
            shown = subprocess.run(
                [sys.executable, *SCRIPT, "balance"],
                env=environment(homes[home]),
                cwd=ROOT,
                capture_output=True,
                check=True,
            )
            assert shown.stdout.count(b"\n") == lines, "the figures are of something else"
    medians = {name: median(found) for name, found in times.items()}
    good = True
    for case in CASES:
        ratio = medians[case.name] / medians[case.against]
        held = case.limit is None or ratio <= case.limit
        verdict = "" if case.limit is None else f"  at most {case.limit:.2f}: {'ok' if held else 'MISSED'}"
        good = good and held
        print(f"{medians[case.name] * 1000:7.1f} ms  {ratio:5.2f} x {case.against:15} {case.name}{verdict}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
