"""`esimctl tour`: six steps of a journey on the embedded operator, in a throw-away profile and by a rehearsal clock."""

import subprocess
import sys
from collections.abc import Sequence
from datetime import datetime, timedelta
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from esimctl.cli.shared import Run
from esimctl.cli.shared import command as declare
from esimctl.errors import EsimctlError
from esimctl.show.styles import ASKED, COMMAND, SOURCE, styled
from esimctl.show.words import language, say
from esimctl.values.record import record
from esimctl.values.sentence import Raw, Sentence

BEGIN = datetime.fromisoformat("2026-11-20T09:00:00+07:00")
PLAN = "demo-monthly-20gb"


@record
class TourStep:
    """A command as a newcomer would type it, on a day of the story; `before` is what happens unseen until then."""

    day: int
    why: Sentence
    words: str
    before: Sequence[str] = ()


STEPS = (
    TourStep(0, Sentence("What can be bought? These plans keep unused data."),
             "plans list --provider sandbox --rollover --limit 6"),
    TourStep(0, Sentence("Buy one. It is play money: no card is asked for."), f"buy {PLAN} --name phone --yes"),
    TourStep(9, Sentence("Nine days later: what is left, until when, and what would be lost?"), "balance phone",
             ("sandbox use phone 12GB",)),
    TourStep(20, Sentence("Renew before it ends: the next month begins then, and unused data is kept."),
             "renew phone --yes"),
    TourStep(50, Sentence("Nearly everything is used: buy a pack in addition."),
             "topup phone --plan demo-topup-2gb --yes", ("balance phone", "sandbox use phone 26GB")),
    TourStep(50, Sentence("Every order, the newest first."), "transactions list"),
)  # fmt: skip


@declare(codes=(20,), examples=("esimctl tour", "esimctl tour --no-pause"))
def command(
    run: Run,
    no_pause: Annotated[bool, typer.Option("--no-pause", help="Do not wait for Enter between the steps.")] = False,
) -> None:
    """Walk through choosing, buying, renewing and topping up, with real output and play money, in six steps."""
    terminal = run.terminal
    pauses = not no_pause and terminal.can_prompt and terminal.out_is_terminal
    with TemporaryDirectory(prefix="esimctl-tour-") as home:
        for number, step in enumerate(STEPS, 1):
            show(run, number, step, home)
            if pauses and number < len(STEPS):
                terminal.ask(
                    "\n" + say("Enter: next step ({left} left) ", left=len(STEPS) - number), instead="--no-pause"
                )
    begin = styled("esimctl plans list", COMMAND)
    terminal.tell(
        "\n" + say("That was play money in a throw-away profile. Yours begins with: {begin}", begin=begin) + "\n"
    )


def show(run: Run, number: int, step: TourStep, home: str) -> None:
    """A step: what it is about, the command, and what the program says to it."""
    day = styled(say("{number}/{count}, day {day}: ", number=number, count=len(STEPS), day=step.day + 1), SOURCE)
    run.terminal.tell(f"\n{day}{styled(say(step.why), ASKED)}\n")
    run.terminal.tell(f"$ {styled(f'esimctl {step.words}', COMMAND)}\n")
    run.terminal.flush()
    for words in step.before:
        call(run, words, step.day, home, seen=False)
    call(run, step.words, step.day, home, seen=True)


def call(run: Run, line: str, day: int, home: str, *, seen: bool) -> None:
    """Run a command in a process of its own: on this terminal, or where there is none with its answer as a table."""
    terminal = run.terminal
    now = BEGIN + timedelta(days=day, minutes=1 if day else 0)
    left_out = {"ESIMCTL_PROFILE", "ESIMCTL_OUTPUT"}
    environ = {name: value for name, value in terminal.environ.items() if name not in left_out}
    environ |= {"ESIMCTL_HOME": home, "ESIMCTL_NOW": now.isoformat(), "TZ": "Asia/Phnom_Penh"}
    environ |= {"ESIMCTL_LANG": language(terminal.environ), "PAGER": "cat"}
    words = [sys.executable, "-m", "esimctl", *line.split(), "--color", terminal.colour_choice]
    drawn = seen and terminal.out_is_terminal
    if not drawn:
        words += ["-o", "table"]
    done = subprocess.run(  # noqa: S603 - our own words
        words, env=environ, stdin=subprocess.DEVNULL, capture_output=not drawn, text=True, check=False
    )
    if seen and not drawn:
        terminal.write(done.stdout)
        terminal.write(done.stderr)
    if done.returncode:
        raise EsimctlError("the tour's step «{words}» ended with {got}", words=Raw(line), got=done.returncode)
