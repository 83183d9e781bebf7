"""systemd: a service and a timer among the person's own units."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from esimctl.errors import ConfigurationError
from esimctl.setup.schedulers.carried import login
from esimctl.setup.schedulers.read_back import SYSTEMD, Given, manager_environment, systemd_given
from esimctl.setup.schedulers.scheduler import ABSENT, ASKED, HeldTask, call, first_line, person, there, tried
from esimctl.setup.schedulers.texts import LABEL, Task, systemd_service, systemd_timer
from esimctl.setup.schedulers.unit_files import UnitFiles
from esimctl.store.paths import person_path, xdg_folder
from esimctl.store.timetable import Change, read_unit, remove_folder, remove_unit, write_unit
from esimctl.values.sentence import Raw, Sentence
from esimctl.values.toml import Toml

_WAITING: Final = ("active", "activating", "reloading")


class Systemd(UnitFiles):
    """Units of the person's own manager."""

    kind = "systemd"

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.home = Path(environ.get("HOME") or person_path("~"))
        config = xdg_folder(environ, "XDG_CONFIG_HOME", self.home / ".config")
        self.folder = config / "systemd" / "user"
        self.data = xdg_folder(environ, "XDG_DATA_HOME", self.home / ".local" / "share")
        self.store = config / "credstore"  #: where systemd looks for a person's own credentials, from version 256 on

    def text(self, task: Task) -> str:
        service, timer = self.paths(task)
        return f"# {service}\n{self._service(task)}\n# {timer}\n{systemd_timer(task)}"

    def held(self, task: Task) -> HeldTask:
        text = self.text_of(task, self.paths(task)[1])
        if not there("systemctl"):
            return (
                ABSENT if text is None else HeldTask(text, None, None, Sentence("systemctl is not there"), missing=True)
            )
        words = ("LoadState", "UnitFileState", "ActiveState")
        asked = (word for name in words for word in ("-p", name))
        answer = tried(["systemctl", "--user", "show", self.unit(task), *asked])
        said = dict(line.partition("=")[::2] for line in answer.stdout.splitlines()) if answer is not None else {}
        if answer is None or answer.returncode != 0 or not said.get("LoadState"):
            why: Sentence | Raw = Sentence("systemctl does not answer")
            if answer is not None:
                why = Raw(f"systemctl --user: {first_line(answer.stderr)}")
            return ABSENT if text is None and not self.change(task).left else HeldTask(text, None, None, why)
        loaded, waiting = said["LoadState"] != "not-found", said.get("ActiveState") in _WAITING
        if text is None and not waiting:
            return ABSENT  # what systemd still knows of is what was stopped half-way
        return HeldTask(text, loaded or waiting, loaded and waiting and said.get("UnitFileState") == "enabled")

    def install(self, task: Task) -> None:
        with self.replacing(task):
            service, timer = self.paths(task)
            write_unit(service, self._service(task))
            write_unit(timer, systemd_timer(task))
            self._told("daemon-reload")  # also where nothing changed: an earlier version could stop here
            self._told("enable", "--now", self.unit(task))
            if self.held(task).installed is False:
                raise ConfigurationError("systemd took the timer and does not have it", code="no_scheduler")

    def put_back(self, task: Task, before: Mapping[str, Toml]) -> None:
        if not before.get("enabled"):
            tried(["systemctl", "--user", "disable", "--now", self.unit(task)])
            wants = self.folder / "timers.target.wants"
            remove_unit(wants / self.unit(task), self.home)  # where there was nobody who could have done it
            remove_folder(wants, self.home)
        self.written(task, before)
        if not before.get("files"):
            remove_unit(self.data / "systemd" / "timers" / f"stamp-{self.unit(task)}", self.home)
        tried(["systemctl", "--user", "daemon-reload"])
        if before.get("enabled"):
            tried(["systemctl", "--user", "enable", "--now", self.unit(task)])

    def given(self, task: Task) -> Given | None:
        asked = tried(["systemctl", "--user", "show-environment"])
        manager = manager_environment(asked.stdout) if asked is not None and asked.returncode == 0 else {}
        path = self.paths(task)[0]
        texts = [read_unit(each) or "" for each in (path, *sorted(Path(f"{path}.d").glob("*.conf")))]
        return systemd_given(texts, {**SYSTEMD, **person(), **manager})

    def lingers(self) -> bool | None:
        """Whether the person's manager runs while nobody is logged in; None where the machine does not say."""
        answer = tried(["loginctl", "show-user", login(), "--property=Linger"])
        return None if answer is None else {"Linger=yes": True, "Linger=no": False}.get(answer.stdout.strip())

    def unit(self, task: Task) -> str:
        """The timer's name."""
        return f"{LABEL}-{task.id}.timer"

    def next_run(self, task: Task) -> datetime | None:
        """When the timer elapses next, None where systemd does not say."""
        words = ["systemctl", "--user", "show", self.unit(task), "-p", "TimersCalendar", "--timestamp=unix"]
        answer = tried(words)
        found = None if answer is None else re.search(r"next_elapse=@([0-9]+)", answer.stdout)
        return None if found is None else datetime.fromtimestamp(int(found[1]), UTC)

    def change(self, task: Task) -> Change:
        return Change(self.folder, f"{LABEL}-{task.id}", self.home)

    def paths(self, task: Task) -> tuple[Path, ...]:
        return tuple(self.folder / f"{LABEL}-{task.id}.{kind}" for kind in ("service", "timer"))

    def _service(self, task: Task) -> str:
        paths = {name: self.store / name for name in task.credentials}
        return systemd_service(task, {name: str(path) for name, path in paths.items() if path.is_file()})

    def _told(self, *words: str) -> None:
        answer = call(["systemctl", "--user", *words])
        if answer.returncode != 0:
            raise ConfigurationError(
                "systemctl --user {words}: {why}", hint="esimctl schedule install --using cron", code="no_scheduler",
                words=Raw(" ".join(words)), why=Raw(first_line(answer.stderr)),
            )  # fmt: skip


def usable() -> bool:
    """Whether the person's manager can be talked to from here."""
    if not there("systemctl"):
        return False
    try:
        return call(["systemctl", "--user", "show-environment"], limit=ASKED).returncode == 0
    except ConfigurationError:
        return False
