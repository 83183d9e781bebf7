"""What systemd and launchd have in common: files of ours that they are told of, in steps of which each may fail."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from esimctl.errors import Busy
from esimctl.setup.schedulers.scheduler import HeldTask
from esimctl.setup.schedulers.texts import Task
from esimctl.store.timetable import Change, read_unit, remove_unit, write_unit
from esimctl.values.toml import Toml, table_at, text_at


class UnitFiles(ABC):
    """Files below the person's home. What is kept of them: the text of each by its name, and whether it was enabled."""

    home: Path

    @abstractmethod
    def change(self, task: Task) -> Change:
        """The note of a change that goes on."""

    @abstractmethod
    def paths(self, task: Task) -> tuple[Path, ...]:
        """The files, in the order in which they are written."""

    @abstractmethod
    def held(self, task: Task) -> HeldTask:
        """What the scheduler has now."""

    @abstractmethod
    def put_back(self, task: Task, before: Mapping[str, Toml]) -> None:
        """Make it as it was kept; an empty one: take all away. Never stops half-way for what the scheduler says."""

    def clean(self, task: Task) -> None:
        change = self.change(task)
        if change.left:
            with suppress(Busy, OSError), change.alone():
                self._put_back(task, change)

    @contextmanager
    def replacing(self, task: Task) -> Iterator[None]:
        """Within it the files may be changed; what fails or is stopped in it leaves everything as before."""
        change = self.change(task)
        with change.alone():
            self._put_back(task, change)
            files = {path.name: read_unit(path) for path in self.paths(task)}
            change.begin({"files": files, "enabled": any(files.values()) and self.held(task).enabled})
            try:
                yield
            except BaseException:
                self._put_back(task, change)
                raise
            change.end()

    def remove(self, task: Task) -> None:
        """Where it is stopped, whoever comes next goes on with it."""
        change = self.change(task)
        with change.alone():
            change.begin({})
            self._put_back(task, change)

    def written(self, task: Task, before: Mapping[str, Toml]) -> None:
        """Make the files as they are kept."""
        files = table_at(before, "files")
        for path in self.paths(task):
            text = files.get(path.name)
            if isinstance(text, str):
                write_unit(path, text)
            else:
                remove_unit(path, self.home)

    def _put_back(self, task: Task, change: Change) -> None:
        before = change.kept()
        if before is not None:
            self.put_back(task, before)
            change.end()

    def text_of(self, task: Task, path: Path) -> str | None:
        """The text of a file that is installed; None also for one that a change which was stopped left there."""
        kept = self.change(task).kept()
        text = read_unit(path)
        return text if kept is None or text is None else text_at(table_at(kept, "files"), path.name)
