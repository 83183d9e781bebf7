"""`esimctl tour`: the whole journey on the embedded operator, in a throw-away profile and by a rehearsal clock."""

import sys
from datetime import datetime, timedelta
from typing import NamedTuple

from esimctl.cli.shared import Run
from esimctl.cli.shared import command as declare
from esimctl.errors import EsimctlError
from esimctl.values.sentence import Raw

BEGIN = datetime.fromisoformat("2026-11-20T09:00:00+07:00")
PLAN = "demo-monthly-20gb"


class TourStep(NamedTuple):
    """A command as a person would type it, on a day of the story, with what it shows and the code it ends with."""

    day: int
    why: str
    words: str
    code: int = 0


STEPS = (
    TourStep(
        0, "What can be bought that carries unused data?", "plans list --provider sandbox --rollover --sort price"
    ),
    TourStep(
        0,
        "Buy one. It asks for no card: the embedded operator's money is play money.",
        f"buy {PLAN} --name phone --yes",
    ),
    TourStep(9, "The phone uses data …", "sandbox use phone 12GB -q --columns line,used_bytes,remaining_bytes"),
    TourStep(9, "… and this is what is left, and what carries over.", "balance phone"),
    TourStep(20, "Renew early: this plan queues, the next month begins when this one ends.", "renew phone --yes"),
    TourStep(31, "A new month: what was left has been carried over.", "balance phone"),
    TourStep(50, "Nearly everything is used …", "sandbox use phone 26GB -q --columns line,used_bytes,remaining_bytes"),
    TourStep(50, "… and a monitor would say so: exit 0 is fine, but look at the last lines.", "balance phone"),
    TourStep(
        50,
        "A card that is declined: exit 3, nothing charged.",
        "topup phone --plan demo-topup-2gb --pay sandbox-declined --yes",
        3,
    ),
    TourStep(50, "Another card.", "topup phone --plan demo-topup-2gb --yes"),
    TourStep(64, "Nobody renewed: the month is over, and what was left is lost.", "balance phone"),
    TourStep(64, "Renew late: it begins anew, nothing is carried.", "renew phone --yes"),
    TourStep(64, "Where things stand now.", "balance phone"),
    TourStep(64, "All orders, the refused one too.", "transactions list"),
)


@declare(codes=(20,), examples=("esimctl tour",))
def command(run: Run) -> None:
    """Walk through buying, using, renewing early and late, a declined card and the orders, with real output."""
    from tempfile import TemporaryDirectory

    with TemporaryDirectory(prefix="esimctl-tour-") as home:
        for step in STEPS:
            walk(run, step, home)
    run.terminal.write("\nThat was play money in a throw-away profile. Yours begins with: esimctl plans list\n")


def walk(run: Run, step: TourStep, home: str) -> None:
    """Print the command, run it through the same main in a process of its own, show what it says."""
    import subprocess

    put = run.terminal.write
    now = BEGIN + timedelta(days=step.day, minutes=1 if step.day else 0)
    put(f"\n# day {step.day}: {step.why}\n$ esimctl {step.words}\n")
    run.terminal.flush()
    environ = {
        name: value for name, value in run.terminal.environ.items() if name not in {"ESIMCTL_PROFILE", "ESIMCTL_OUTPUT"}
    }
    environ.update(ESIMCTL_HOME=home, ESIMCTL_NOW=now.isoformat(), TZ="Asia/Phnom_Penh")
    words = [sys.executable, "-m", "esimctl", *step.words.split(), "-o", "table"]
    done = subprocess.run(words, env=environ, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)  # noqa: S603 - our own words
    put(done.stdout)
    put(done.stderr)
    if done.returncode:
        put(f"(exit {done.returncode})\n")
    if done.returncode != step.code:
        raise EsimctlError("the tour's step «{words}» ended with {got}", words=Raw(step.words), got=done.returncode)
