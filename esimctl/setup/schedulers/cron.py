"""The person's crontab: one line of ours in it."""

import re
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from esimctl.errors import ConfigurationError
from esimctl.setup.schedulers.read_back import CRON, Given, cron_given
from esimctl.setup.schedulers.scheduler import ABSENT, ASKED, LIMIT, HeldTask, call, first_line, person, there
from esimctl.setup.schedulers.texts import Task, cron_line
from esimctl.values.sentence import Raw

#: how busybox says that there is no crontab yet
_NONE_YET: Final = re.compile(r"can't open '[^'/]+': No such file")


class Cron:
    """A line in the person's crontab, found again by its last words; `crontab` itself replaces the table at once."""

    kind = "cron"

    def text(self, task: Task) -> str:
        return cron_line(task) + "\n"

    def held(self, task: Task) -> HeldTask:
        try:
            ours = [line for line in self._lines(ASKED) if line.endswith(task.marker)]
        except ConfigurationError as error:
            return HeldTask(None, None, None, error.said, missing=not there("crontab"))
        if not ours:
            return ABSENT
        live = [line for line in ours if not line.lstrip().startswith("#")]
        return HeldTask((live or ours)[0] + "\n", True, bool(live))

    def clean(self, task: Task) -> None:
        """There is nothing half-way in a crontab."""

    def install(self, task: Task) -> None:
        lines = self._lines()
        wanted = cron_line(task)
        if [line for line in lines if line.endswith(task.marker)] == [wanted]:
            return
        try:
            self._write([*(line for line in lines if not line.endswith(task.marker)), wanted])
            if wanted not in self._lines():
                raise ConfigurationError("crontab took the line and does not have it", code="no_scheduler")
        except BaseException:
            with suppress(ConfigurationError):
                if self._lines(ASKED) != lines:
                    self._write(lines, ASKED)
            raise

    def remove(self, task: Task) -> None:
        lines = self._lines()
        kept = [line for line in lines if not line.endswith(task.marker)]
        if kept != lines:
            self._write(kept)

    def given(self, task: Task) -> Given | None:
        return cron_given(self._lines(ASKED), task.marker, {**CRON, **person()})

    def _lines(self, limit: float = LIMIT) -> list[str]:
        answer = call(["crontab", "-l"], limit=limit)
        if answer.returncode != 0:
            if "no crontab" in answer.stderr.lower() or _NONE_YET.search(answer.stderr):
                return []
            raise _refused(answer.stderr)
        return answer.stdout.split("\n")[:-1] if answer.stdout.endswith("\n") else answer.stdout.split("\n")

    def _write(self, lines: Sequence[str], limit: float = LIMIT) -> None:
        table = "\n".join(lines) + "\n"
        answer = call(["crontab", "-"], table, limit) if lines else call(["crontab", "-r"], limit=limit)
        if answer.returncode != 0:
            raise _refused(answer.stderr)


def _refused(said: str) -> ConfigurationError:
    return ConfigurationError("crontab: {why}", code="no_scheduler", why=Raw(first_line(said)))
