"""What a scheduler of this machine says of our task, and what each kind of scheduler can be asked to do."""

from collections.abc import Sequence
from shutil import which
from subprocess import TimeoutExpired, run
from typing import TYPE_CHECKING, Final, Protocol

from esimctl.errors import ConfigurationError
from esimctl.setup.schedulers.carried import login, passwd_home
from esimctl.values.record import record
from esimctl.values.sentence import Raw, Sentence

if TYPE_CHECKING:
    from subprocess import CompletedProcess

    from esimctl.setup.schedulers.read_back import Given
    from esimctl.setup.schedulers.texts import Task

LIMIT: Final = 30.0  #: seconds for a scheduler's own program that changes something
ASKED: Final = 5.0  #: seconds for one that only answers, or that puts something back


@record
class HeldTask:
    """What a scheduler has of a task, in its own words; None: it cannot tell, and `why` says why."""

    text: str | None  #: what is written for it, for people to read
    installed: bool | None  #: it knows the task
    enabled: bool | None  #: it starts it when its time has come, now and after the next start of the machine
    why: Sentence | Raw = Raw("")
    missing: bool = False  #: its program is not on this machine

    @property
    def there(self) -> bool:
        """Whether something of ours is there, as far as can be told."""
        return bool(self.installed) or self.text is not None

    @property
    def in_doubt(self) -> bool:
        """Whether it may well run the task, but cannot be asked."""
        return self.installed is None and not self.missing


ABSENT: Final = HeldTask(None, False, False)


class Scheduler(Protocol):
    """One kind of scheduler for one person."""

    kind: str

    def text(self, task: "Task") -> str:
        """What is installed, for people to read."""

    def held(self, task: "Task") -> HeldTask:
        """What it has now. Never fails, changes nothing."""

    def clean(self, task: "Task") -> None:
        """Put back what a change that was stopped half-way left; harmless where there is none, or one that goes on."""

    def install(self, task: "Task") -> None:
        """Install it, or replace what is there; the same again changes nothing.

        Where a step fails everything is as before, and ConfigurationError (78) says which step.
        """

    def remove(self, task: "Task") -> None:
        """Take it away without a trace."""

    def given(self, task: "Task") -> "Given | None":
        """What a run is started with, by the text that is installed; None where that is no text of ours."""


def person() -> dict[str, str]:
    """What every scheduler takes from the passwd."""
    name = login()
    return {"HOME": passwd_home(), "LOGNAME": name, "USER": name}


def call(words: Sequence[str], given: str | None = None, limit: float = LIMIT) -> "CompletedProcess[str]":
    """Run a scheduler's program; what is not UTF-8 in its answer goes back byte for byte.

    ConfigurationError (78) where it is missing, cannot be started or hangs.
    """
    try:
        return run(  # noqa: S603
            list(words), input=given or "", capture_output=True, encoding="utf-8", errors="surrogateescape",
            timeout=limit, check=False,
        )  # fmt: skip
    except (OSError, TimeoutExpired) as error:
        raise ConfigurationError(
            "{program} is not there or does not answer", hint="esimctl schedule install --print shows what to install",
            code="no_scheduler", program=Raw(words[0]),
        ) from error  # fmt: skip


def tried(words: Sequence[str]) -> "CompletedProcess[str] | None":
    """Run it where its answer changes nothing of what is to be done; None where it gave none."""
    try:
        return call(words, limit=ASKED)
    except ConfigurationError:
        return None


def there(program: str) -> bool:
    """Whether a scheduler's program is on this machine."""
    return which(program) is not None


def first_line(text: str) -> str:
    """What a program said, as one line; programs that say nothing are told so."""
    return next((line.strip() for line in text.splitlines() if line.strip()), "it said nothing")
