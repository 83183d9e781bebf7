"""launchd: an agent of the person's own."""

import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from esimctl.errors import ConfigurationError
from esimctl.setup.schedulers.read_back import LAUNCHD, Given, launchd_given
from esimctl.setup.schedulers.scheduler import ABSENT, HeldTask, call, first_line, person, there, tried
from esimctl.setup.schedulers.texts import LABEL, Task, launchd_plist
from esimctl.setup.schedulers.unit_files import UnitFiles
from esimctl.store.paths import person_path
from esimctl.store.timetable import Change, read_unit, remove_unit, write_unit
from esimctl.values.sentence import Raw, Sentence
from esimctl.values.toml import Toml

if TYPE_CHECKING:
    from subprocess import CompletedProcess

NO_SERVICE: Final = 113  #: how `launchctl print` ends for an agent that launchd does not have
SETTLED: Final = 2.0  #: seconds that launchd gets to let an agent go


class Launchd(UnitFiles):
    """An agent of the person's own."""

    kind = "launchd"

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.home = Path(environ.get("HOME") or person_path("~"))

    def text(self, task: Task) -> str:
        return launchd_plist(task, str(self._errors(task)))

    def held(self, task: Task) -> HeldTask:
        text = self.text_of(task, self._path(task))
        if not there("launchctl"):
            return (
                ABSENT if text is None else HeldTask(text, None, None, Sentence("launchctl is not there"), missing=True)
            )
        answer = self._printed(task)
        if answer is not None and answer.returncode == 0 and (text is not None or not self.change(task).left):
            return HeldTask(text, True, True)
        if answer is not None and answer.returncode in (0, NO_SERVICE):
            return ABSENT if text is None else HeldTask(text, False, False)
        why: Sentence | Raw = Sentence("launchctl does not answer")
        if answer is not None:
            why = Raw(f"launchctl: {first_line(answer.stderr)}")
        return ABSENT if text is None and not self.change(task).left else HeldTask(text, None, None, why)

    def install(self, task: Task) -> None:
        if read_unit(self._path(task)) == self.text(task) and self.held(task).enabled:
            return
        with self.replacing(task):
            write_unit(self._path(task), self.text(task))
            self._let_go(task)
            answer = call(["launchctl", "bootstrap", _domain(), str(self._path(task))])
            if answer.returncode != 0:
                raise ConfigurationError(
                    "launchctl bootstrap: {why}", hint="esimctl schedule install --using cron", code="no_scheduler",
                    why=Raw(first_line(answer.stderr)),
                )  # fmt: skip
            printed = self._printed(task)
            if printed is not None and printed.returncode == NO_SERVICE:
                raise ConfigurationError("launchd took the agent and does not have it", code="no_scheduler")

    def put_back(self, task: Task, before: Mapping[str, Toml]) -> None:
        self._let_go(task)
        self.written(task, before)
        if not before.get("files"):
            remove_unit(self._errors(task), self.home)
        if before.get("enabled"):
            tried(["launchctl", "bootstrap", _domain(), str(self._path(task))])

    def given(self, task: Task) -> Given | None:
        return launchd_given(read_unit(self._path(task)) or "", {**LAUNCHD, **person()})

    def change(self, task: Task) -> Change:
        return Change(self._path(task).parent, f"{LABEL}.{task.id}", self.home)

    def paths(self, task: Task) -> tuple[Path, ...]:
        return (self._path(task),)

    def _let_go(self, task: Task) -> None:
        """Have launchd forget the agent, which it may be slow to do."""
        tried(["launchctl", "bootout", _domain(), str(self._path(task))])
        end = time.monotonic() + SETTLED
        while (answer := self._printed(task)) is not None and answer.returncode == 0 and time.monotonic() < end:
            time.sleep(0.1)

    def _printed(self, task: Task) -> "CompletedProcess[str] | None":
        return tried(["launchctl", "print", f"{_domain()}/{LABEL}.{task.id}"])

    def _errors(self, task: Task) -> Path:
        """What a run says on stderr; launchd writes no mail."""
        return self.home / "Library" / "Logs" / f"{LABEL}.{task.id}.log"

    def _path(self, task: Task) -> Path:
        return self.home / "Library" / "LaunchAgents" / f"{LABEL}.{task.id}.plist"


def _domain() -> str:
    return f"gui/{os.getuid()}"
