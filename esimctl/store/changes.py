"""Changes of several files as one: all of them happen or none, whatever stops the program or fills the disk.

Nothing is written while a command still decides. Then every new content is laid beside its file, `unfinished.toml`
names all that is to be done, and only when that is durable it is done: the journal first, then the files in their
order. Whoever opens the profile next finds the file and does what is missing. Codes and keys stand in their temporary
files alone; where the program is stopped before `unfinished.toml` stands, those are swept and nothing has happened.
"""

import json
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Final

from esimctl.errors import Busy, EsimctlError, NoRoom, OutputFailed, is_no_room, reason_of
from esimctl.ledger.said import inner, tables, text, text_or_none
from esimctl.store.edits import differences
from esimctl.store.files import begin, make_folder, read_bytes, replace, sync_folder, write_all
from esimctl.store.standing import unfinished
from esimctl.values.record import field, record
from esimctl.values.regex import regex
from esimctl.values.sentence import Raw
from esimctl.values.toml import Toml, parse_toml

if TYPE_CHECKING:
    from esimctl.documents.document import JSON
    from esimctl.ledger.entries import Entry
    from esimctl.store.journal import Journal
    from esimctl.store.profile import ProfileFile

FORM: Final = 1
PROFILE: Final = "profile.toml"
#: where a file may lie that is changed together with others: below the profile, or among its credentials
_WITHIN: Final = ("profile", "credentials")
_NAME: Final = regex(r"(?:[a-z]+/)?[A-Za-z0-9][A-Za-z0-9._-]*\Z")
_TEMPORARY: Final = regex(r"\.[A-Za-z0-9][A-Za-z0-9._-]*\.tmp\Z")


@record
class ProfilePlace:
    """The folders of one profile: its own, that of its credentials, its journal and its settings."""

    folder: Path
    credentials: Path
    journal: "Journal"
    settings: "ProfileFile"

    @property
    def unfinished(self) -> Path:
        """The file that says what is still to be done."""
        return unfinished(self.folder)

    def root(self, within: str) -> Path:
        """The folder below which a file lies."""
        return self.folder if within == "profile" else self.credentials

    def path(self, step: "Step") -> Path:
        """The file that a step is about."""
        return self.root(step.within) / step.name


@record(frozen=False)
class Step:
    """What is to be done about one file: what lies ready beside it takes its place, and without that it goes."""

    within: str  #: one of `_WITHIN`
    name: str
    was: str | None = None  #: the digest of what stood there
    edits: Sequence[Mapping[str, Toml]] | None = None  #: of the settings: the same, should a person have edited them
    temporary: str | None = None  #: the name of what lies ready

    @classmethod
    def of(cls, table: Mapping[str, Toml]) -> "Step":
        """A step of a promise. KeyError, TypeError or ValueError where it is none that we wrote."""
        step = cls(
            text(table, "in"), text(table, "name"), text_or_none(table, "was"),
            tables(table, "edits") if "edits" in table else None, text_or_none(table, "temporary"),
        )  # fmt: skip
        ready = step.temporary is None or _TEMPORARY.match(step.temporary)
        if step.within not in _WITHIN or not _NAME.match(step.name) or not ready:
            raise ValueError("a file that is none of ours")
        return step

    def as_table(self) -> dict[str, Toml]:
        """As it stands in the promise."""
        told = {
            "in": self.within, "name": self.name, "was": self.was, "edits": self.edits, "temporary": self.temporary,
        }  # fmt: skip
        return {key: value for key, value in told.items() if value is not None}


@record
class Promised:
    """What a run is going to do; the next one does it where this one is stopped."""

    asked: str
    answer: "Mapping[str, JSON]"
    steps: Sequence[Step]
    journal: Mapping[str, Toml] | None  #: see `Journal.promise`

    @classmethod
    def of(cls, data: bytes) -> "Promised | None":
        """The promise, None for what is none of ours: its names can only be those of files that we keep."""
        try:
            table = parse_toml(data.decode())
            answer = json.loads(text(table, "answer"))
            told = [Step.of(step) for step in tables(table, "file")]
            found = cls(text(table, "asked"), answer, told, inner(table, "journal"))
            return found if table["form"] == FORM else None
        except (ValueError, KeyError, TypeError, RecursionError):
            return None

    def dumped(self) -> bytes:
        """As it stands in its file."""
        from tomli_w import dumps

        table: dict[str, Toml] = {
            "form": FORM, "asked": self.asked, "answer": json.dumps(self.answer),
            "file": [step.as_table() for step in self.steps],
        }  # fmt: skip
        return dumps(table if self.journal is None else {**table, "journal": self.journal}).encode()


@record(frozen=False)
class Changes:
    """What a command wants to become true, in the order in which it said so. `asked` tells the same command again."""

    place: ProfilePlace
    asked: str = ""
    answer: "Mapping[str, JSON]" = field(default_factory=dict)  #: what the command is answered with when it is repeated
    entries: "list[Entry]" = field(default_factory=list)
    files: dict[Path, bytes | None] = field(default_factory=dict)

    def read(self, path: Path) -> bytes:
        """A file as it is going to be. FileNotFoundError where there is going to be none."""
        if path not in self.files:
            return read_bytes(path)
        data = self.files[path]
        if data is None:
            raise FileNotFoundError(path)
        return data

    def write(self, path: Path, data: bytes) -> None:
        """This file will have this content."""
        self.files[path] = data

    def remove(self, path: Path) -> None:
        """This file will not be there."""
        self.files[path] = None

    def carry_out(self) -> "tuple[Entry, ...]":
        """Do it all; returns the entries as they are on disk.

        NoRoom or OutputFailed (74) with nothing changed where the disk refuses before the first step; with a sentence
        that says so where it refuses later. Busy (75) where somebody edited the settings meanwhile.
        """
        journal = self.place.journal
        prepared = journal.prepare(self.entries) if self.entries else None
        steps = [step for path, data in self.files.items() if (step := self._step(path, data)) is not None]
        if not steps:
            if prepared is not None:
                try:
                    journal.write(prepared)
                except OSError as error:
                    raise _nothing(error) from error
            return () if prepared is None else prepared.entries
        promise = None if prepared is None else journal.promise(prepared)
        plan = Promised(self.asked, self.answer, steps, promise)
        held: list[int] = []
        try:
            try:
                self._lay_out(steps, held)
                replace(self.place.unfinished, plan.dumped())
                if prepared is not None:
                    journal.write(prepared)
            except BaseException as error:
                self._take_back(steps)
                if isinstance(error, OSError):
                    raise _nothing(error) from error
                raise
            try:
                do_files(self.place, plan)
            except OSError as error:
                raise _later(error) from error
        finally:
            for fd in held:
                os.close(fd)
        return () if prepared is None else prepared.entries

    def _step(self, path: Path, data: bytes | None) -> Step | None:
        """What is to be done about one file; None where it is as it shall be."""
        before = _content(path)
        if before == data:
            return None
        within = next(name for name in _WITHIN if path.is_relative_to(self.place.root(name)))
        step = Step(within, path.relative_to(self.place.root(within)).as_posix())
        if before is not None:
            step.was = sha256(before).hexdigest()
        if data is not None and path == self.place.settings.path and before is not None:
            if before != self.place.settings.seen:
                raise Busy("{path} was edited meanwhile", hint="try again", code="profile_busy", path=Raw(str(path)))
            step.edits = differences(before, data)
        return step

    def _lay_out(self, steps: Sequence[Step], held: list[int]) -> None:
        """Every new content beside its file, whole and durable."""
        folders: set[Path] = set()
        for step in steps:
            path = self.place.path(step)
            data = self.files[path]
            if data is None:
                continue
            make_folder(path.parent)
            fd, temporary = begin(path)
            held.append(fd)
            step.temporary = temporary.name
            write_all(fd, data)
            os.fsync(fd)
            folders.add(path.parent)
        for folder in folders:
            sync_folder(folder)

    def _take_back(self, steps: Sequence[Step]) -> None:
        """Nothing of it has happened: the promise goes first, what lies ready after it."""
        with suppress(OSError):
            self.place.unfinished.unlink(missing_ok=True)
            _clear(self.place, steps)


def finish(place: ProfilePlace) -> Promised | None:
    """Do what a run that was stopped had promised, under the lock: it comes back, or None where there was nothing.

    A promise that the journal cannot follow any more (another machine's copy went over it) is dropped.
    """
    try:
        data = read_bytes(place.unfinished)
    except OSError:
        return None
    plan = Promised.of(data)
    try:
        if plan is None or not place.journal.keep_promise(plan.journal):
            _clear(place, () if plan is None else plan.steps)
            place.unfinished.unlink(missing_ok=True)
            return None
        do_files(place, plan)
    except OSError as error:
        raise _later(error) from error
    return plan


def do_files(place: ProfilePlace, plan: Promised) -> None:
    """Put every file in its place that is not there yet, and take the promise away."""
    folders: set[Path] = set()
    for step in plan.steps:
        path = place.path(step)
        if step.temporary is None:
            path.unlink(missing_ok=True)
        elif (ready := path.with_name(step.temporary)).exists():
            if path == place.settings.path:
                place.settings.keep_revision()
            if path == place.settings.path and _digest(path) not in (step.was, None):
                place.settings.apply(step.edits or ())  # a person's editor was faster: their words stay beside ours
                ready.unlink()
            else:
                ready.rename(path)
        folders.add(path.parent)
    for folder in folders:
        if folder.is_dir():
            sync_folder(folder)
    place.unfinished.unlink()
    sync_folder(place.folder)


def _clear(place: ProfilePlace, steps: Sequence[Step]) -> None:
    """Take away what lies ready."""
    for step in steps:
        if step.temporary is not None:
            place.path(step).with_name(step.temporary).unlink(missing_ok=True)


def _content(path: Path) -> bytes | None:
    try:
        return read_bytes(path)
    except FileNotFoundError:
        return None


def _digest(path: Path) -> str | None:
    data = _content(path)
    return None if data is None else sha256(data).hexdigest()


def _nothing(error: OSError) -> EsimctlError:
    """The disk refused before anything was changed."""
    kind = NoRoom if is_no_room(error) else OutputFailed
    return kind(
        "nothing was done: the disk takes no more ({why})" if kind is NoRoom else "nothing was done: {why}",
        hint="free some space, then the same command again" if kind is NoRoom else "esimctl doctor",
        code="disk_full" if kind is NoRoom else "file_failed",
        why=reason_of(error),
    )


def _later(error: OSError) -> EsimctlError:
    """Part of it is done, and what is to be done is written down."""
    kind = NoRoom if is_no_room(error) else OutputFailed
    return kind(
        "it is written down, but not all of it is done ({why}): the next command finishes it",
        hint="free some space, then: esimctl doctor",
        code="unfinished",
        why=reason_of(error),
    )
