"""How each scheduler is given its task, shown and relieved of it. Only our own lines and files are touched."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from esimctl.actions.scheduling.carried import login, passwd_home
from esimctl.actions.scheduling.read_back import (
    CRON,
    LAUNCHD,
    SYSTEMD,
    Given,
    cron_given,
    launchd_given,
    manager_environment,
    systemd_given,
)
from esimctl.actions.scheduling.texts import (
    LABEL,
    Task,
    cron_line,
    launchd_plist,
    systemd_service,
    systemd_timer,
)
from esimctl.errors import ConfigurationError
from esimctl.store.paths import person_path, xdg_folder
from esimctl.store.timetable import read_unit, remove_folder, remove_unit, write_unit

if TYPE_CHECKING:
    from subprocess import CompletedProcess

LIMIT: Final = 30.0  #: seconds for a scheduler's own program


def person() -> dict[str, str]:
    """What every scheduler takes from the passwd."""
    name = login()
    return {"HOME": passwd_home(), "LOGNAME": name, "USER": name}


class Scheduler(Protocol):
    """One kind of scheduler for one person."""

    kind: str

    def text(self, task: Task) -> str:
        """What is installed, for people to read."""

    def installed(self, task: Task) -> str | None:
        """What is installed now, None if nothing is."""

    def install(self, task: Task) -> None:
        """Install it, or replace what is there; the same again changes nothing."""

    def remove(self, task: Task) -> bool:
        """Take it away without a trace; whether there was one."""

    def given(self, task: Task) -> Given | None:
        """What a run is started with, by the text that is installed; None where that is no text of ours."""


def call(words: Sequence[str], given: str | None = None) -> "CompletedProcess[str]":
    """Run a scheduler's program; what is not UTF-8 in its answer goes back byte for byte.

    ConfigurationError (78) where it is missing or hangs.
    """
    from subprocess import TimeoutExpired, run

    try:
        return run(  # noqa: S603
            list(words), input=given or "", capture_output=True, encoding="utf-8", errors="surrogateescape",
            timeout=LIMIT, check=False,
        )  # fmt: skip
    except (FileNotFoundError, TimeoutExpired) as error:
        raise ConfigurationError(
            "{program} is not there or does not answer", hint="esimctl schedule install --print shows what to install",
            code="no_scheduler", program=words[0],
        ) from error  # fmt: skip


#: how busybox says that there is no crontab yet
_NONE_YET = re.compile(r"can't open '[^'/]+': No such file")


class Cron:
    """A line in the person's crontab, found again by its last words."""

    kind = "cron"

    def text(self, task: Task) -> str:
        return cron_line(task) + "\n"

    def installed(self, task: Task) -> str | None:
        ours = [line for line in self._lines() if line.endswith(task.marker)]
        return ours[0] + "\n" if ours else None

    def install(self, task: Task) -> None:
        lines = self._lines()
        wanted = cron_line(task)
        if [line for line in lines if line.endswith(task.marker)] != [wanted]:
            self._write([*(line for line in lines if not line.endswith(task.marker)), wanted])

    def remove(self, task: Task) -> bool:
        lines = self._lines()
        kept = [line for line in lines if not line.endswith(task.marker)]
        if kept == lines:
            return False
        self._write(kept)
        return True

    def given(self, task: Task) -> Given | None:
        return cron_given(self._lines(), task.marker, {**CRON, **person()})

    def _lines(self) -> list[str]:
        answer = call(["crontab", "-l"])
        if answer.returncode != 0:
            if "no crontab" in answer.stderr.lower() or _NONE_YET.search(answer.stderr):
                return []
            raise ConfigurationError("crontab: {why}", code="no_scheduler", why=answer.stderr.strip())
        return answer.stdout.split("\n")[:-1] if answer.stdout.endswith("\n") else answer.stdout.split("\n")

    def _write(self, lines: Sequence[str]) -> None:
        answer = call(["crontab", "-"], "\n".join(lines) + "\n") if lines else call(["crontab", "-r"])
        if answer.returncode != 0:
            raise ConfigurationError("crontab: {why}", code="no_scheduler", why=answer.stderr.strip())


class Systemd:
    """A service and a timer among the person's own units."""

    kind = "systemd"

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.home = Path(environ.get("HOME") or person_path("~"))
        config = xdg_folder(environ, "XDG_CONFIG_HOME", self.home / ".config")
        self.folder = config / "systemd" / "user"
        self.data = xdg_folder(environ, "XDG_DATA_HOME", self.home / ".local" / "share")
        self.store = config / "credstore"  #: where systemd looks for a person's own credentials, from version 256 on

    def text(self, task: Task) -> str:
        service, timer = self._path(task, "service"), self._path(task, "timer")
        return f"# {service}\n{self._service(task)}\n# {timer}\n{systemd_timer(task)}"

    def installed(self, task: Task) -> str | None:
        return read_unit(self._path(task, "timer"))

    def install(self, task: Task) -> None:
        write_unit(self._path(task, "service"), self._service(task))
        write_unit(self._path(task, "timer"), systemd_timer(task))
        self._ask("daemon-reload")  # also where nothing changed: a run before this one may have been stopped here
        self._ask("enable", "--now", self.unit(task))

    def remove(self, task: Task) -> bool:
        if self.installed(task) is None:
            return False
        self._ask("disable", "--now", self.unit(task), needed=False)
        kinds = ("service", "timer")  # the timer tells that it is installed: as long as it is there, more is to be done
        removed = [remove_unit(self._path(task, kind), self.home) for kind in kinds]
        remove_unit(self.data / "systemd" / "timers" / f"stamp-{self.unit(task)}", self.home)
        remove_folder(self.folder / "timers.target.wants", self.home)
        self._ask("daemon-reload", needed=False)
        return any(removed)

    def given(self, task: Task) -> Given | None:
        asked = call(["systemctl", "--user", "show-environment"])
        manager = manager_environment(asked.stdout) if asked.returncode == 0 else {}
        path = self._path(task, "service")
        texts = [read_unit(each) or "" for each in (path, *sorted(Path(f"{path}.d").glob("*.conf")))]
        return systemd_given(texts, {**SYSTEMD, **person(), **manager})

    def lingers(self) -> bool | None:
        """Whether the person's manager runs while nobody is logged in; None where the machine does not say."""
        try:
            said = call(["loginctl", "show-user", login(), "--property=Linger"]).stdout.strip()
        except ConfigurationError:
            return None
        return {"Linger=yes": True, "Linger=no": False}.get(said)

    def unit(self, task: Task) -> str:
        """The timer's name."""
        return f"{LABEL}-{task.id}.timer"

    def next_run(self, task: Task) -> datetime | None:
        """When the timer elapses next, None where systemd does not say."""
        words = ["systemctl", "--user", "show", self.unit(task), "-p", "TimersCalendar", "--timestamp=unix"]
        found = re.search(r"next_elapse=@([0-9]+)", call(words).stdout)
        return None if found is None else datetime.fromtimestamp(int(found[1]), UTC)

    def _service(self, task: Task) -> str:
        paths = {name: self.store / name for name in task.credentials}
        return systemd_service(task, {name: str(path) for name, path in paths.items() if path.is_file()})

    def _path(self, task: Task, kind: str) -> Path:
        return self.folder / f"{LABEL}-{task.id}.{kind}"

    def _ask(self, *words: str, needed: bool = True) -> None:
        answer = call(["systemctl", "--user", *words])
        if needed and answer.returncode != 0:
            raise ConfigurationError(
                "systemctl --user {words}: {why}", hint="schedule install --using cron", code="no_scheduler",
                words=" ".join(words), why=answer.stderr.strip(),
            )  # fmt: skip


class Launchd:
    """An agent of the person's own."""

    kind = "launchd"

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.home = Path(environ.get("HOME") or person_path("~"))

    def text(self, task: Task) -> str:
        return launchd_plist(task, str(self._errors(task)))

    def installed(self, task: Task) -> str | None:
        return read_unit(self._path(task))

    def install(self, task: Task) -> None:
        import os

        if write_unit(self._path(task), self.text(task)):
            call(["launchctl", "bootout", f"gui/{os.getuid()}", str(self._path(task))])
            call(["launchctl", "bootstrap", f"gui/{os.getuid()}", str(self._path(task))])

    def remove(self, task: Task) -> bool:
        import os

        if self.installed(task) is None:
            return False
        call(["launchctl", "bootout", f"gui/{os.getuid()}", str(self._path(task))])
        remove_unit(self._errors(task), self.home)
        return remove_unit(self._path(task), self.home)

    def given(self, task: Task) -> Given | None:
        return launchd_given(self.installed(task) or "", {**LAUNCHD, **person()})

    def _errors(self, task: Task) -> Path:
        """What a run says on stderr; launchd writes no mail."""
        return self.home / "Library" / "Logs" / f"{LABEL}.{task.id}.log"

    def _path(self, task: Task) -> Path:
        return self.home / "Library" / "LaunchAgents" / f"{LABEL}.{task.id}.plist"


def scheduler(kind: str, environ: Mapping[str, str]) -> Scheduler:
    """The scheduler of that kind."""
    if kind == "cron":
        return Cron()
    return Systemd(environ) if kind == "systemd" else Launchd(environ)


KINDS: Final = ("cron", "systemd", "launchd")


def usable() -> list[str]:
    """The kinds that this machine has, the best first."""
    import sys
    from shutil import which

    if sys.platform == "darwin":
        return ["launchd"]
    found = []
    if which("systemctl") and call(["systemctl", "--user", "show-environment"]).returncode == 0:
        found.append("systemd")
    if which("crontab"):
        found.append("cron")
    return found


__all__ = ["KINDS", "Scheduler", "Systemd", "scheduler", "usable"]
