"""A profile's folder as one thing: its files, its lock, and the ledger that its journal comes to."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import cached_property
from pathlib import Path
from time import sleep
from typing import TYPE_CHECKING, Final

from esimctl.errors import Damaged, EsimctlError
from esimctl.store.files import file_stamp, journal_stamp, make_folder, replace, sweep
from esimctl.store.kept_by import (
    CLOCK_SLACK,
    REAL,
    first_written,
    untimely,
)
from esimctl.store.paths import check_folder, check_writable, open_private
from esimctl.store.profile_folder import ProfileFolder
from esimctl.store.standing import clear_restoring, clear_waiting, finish_restore, left_undone
from esimctl.values.sentence import Raw
from esimctl.values.toml import Toml

if TYPE_CHECKING:
    from esimctl.documents.document import JSON
    from esimctl.ledger.entries import Entry
    from esimctl.ledger.fold import Ledger
    from esimctl.ledger.invariants import Violation
    from esimctl.store.changes import Changes
    from esimctl.store.high_water import Alarm
    from esimctl.store.noted import Noted
    from esimctl.store.opening import Opened

TRIES: Final = 5  #: readings of a journal that ends in the middle of an entry, while another run holds the lock
TRY_AGAIN: Final = 0.02  #: seconds
FOLDERS: Final = ("journal", "evidence", "vault", "backups")
#: below the profile: where a killed writer may have left a temporary file
SWEPT: Final = (*FOLDERS, "attachments", "cache", "offers", "catalogue")


class Store(ProfileFolder):
    """One profile of one home. Reading takes no lock; whatever changes something happens inside `locked`."""

    def __init__(
        self,
        home: Path,
        name: str,
        clock: str | None = None,
        environ: Mapping[str, str] | None = None,
        now: Callable[[], datetime] | None = None,
    ) -> None:
        super().__init__(home, name, clock, environ, now)
        self.findings: list[Violation] = []  #: of the last reading of the journal
        #: what this run finished for one that was stopped, by `asked`
        self.finished: dict[str, Mapping[str, JSON]] = {}
        self.touched: frozenset[str] = frozenset()  #: orders of which a run that was stopped has written something
        self.tell: Callable[[str], None] = lambda _: None  #: hears how far something has come that takes its time
        self._changes: Changes | None = None
        self._opened: Opened | None = None

    @cached_property
    def noted(self) -> "Noted":
        """How far the journal had come, as it is noted outside the home, and what contradicts it."""
        from esimctl.store.noted import Noted

        return Noted(self)

    @property
    def alarms(self) -> "list[Alarm]":
        """What shows that there was more than is there: of the last reading, or of a profile that has vanished."""
        if "noted" in self.__dict__:
            return self.noted.alarms
        return self.noted.vanished() if self._there is False else []

    def check_alarms(self) -> None:
        """Damaged (6) where something shows that there was more than is there; nothing is spent then."""
        self.noted.check([each for each in self.alarms if each.stops])

    def check_whole(self) -> None:
        """Damaged (6) where the journal could not be read whole: no document that leaves the program is made of it.

        Of one that is whole and shorter than is known documents are made; who makes them says so beside them.
        """
        from esimctl.store.high_water import WHOLE

        for finding in self.findings:
            if finding.blocking:
                raise Damaged(
                    "the journal is damaged ({what}): more may have happened than is shown",
                    hint="esimctl doctor",
                    what=finding.said,
                )
        for each in self.alarms:
            if each.name not in WHOLE:
                raise Damaged(
                    "{what}: more may have happened than is shown",
                    hint="{way}",
                    code=each.name,
                    what=each.said,
                    way=each.way,
                )

    def create(self, content: Mapping[str, Toml], *, anew: bool = False) -> None:
        """Make the folders and the first profile.toml. Harmless when another process was first.

        Damaged (6) where a profile with a past was here, unless a person begins it `anew`.
        """
        self.check_open()
        if not anew and not self.exists():
            self.noted.check_not_vanished()
        for folder in (self.home, self.home / "profiles", self.folder):
            make_folder(folder)
        check_folder(self.folder)
        for name in FOLDERS:
            make_folder(self.folder / name)
        with self.locked(10.0, "create"):
            if not self.exists():
                self.check_settings_there()
                self.noted.forget()  # of a folder of that name that was thrown away
                self.seed()  # before the first copy of the folder can be made: what is restored makes the same keys
                self.profile.create(content)

    @contextmanager
    def locked(
        self, wait: float = 0.0, purpose: str = "", now: datetime | None = None, *, any_clock: bool = False
    ) -> Iterator["Store"]:
        """Hold the profile's lock; may be nested. Busy (75) when another run has it for longer than `wait` seconds.

        OwnRules (5) by a clock that stands before the first entry, unless `any_clock` says that this is to be mended.
        CredentialsError (77) when the folder is open to others, not ours, or read-only.
        """
        from esimctl.store.lock import locked

        if self._depth:
            yield self
            return
        self.check_open()
        check_folder(self.folder)
        check_writable(self.folder)
        old = os.umask(0o077)
        try:
            with locked(self.folder / "lock", wait, now=now, purpose=purpose) as lock:
                self._depth = 1
                try:
                    self._keep_clock()
                    if not any_clock:
                        self._check_first()
                    self._tidy()
                    lock.note(self.journal.end())
                    try:
                        yield self
                    except EsimctlError:  # an order whose outcome is unknown is in the journal all the same
                        self._conclude()
                        raise
                    self._conclude()
                finally:
                    self._depth, self._opened = 0, None
        finally:
            os.umask(old)

    def settle(self) -> bool:
        """Where a run was killed or could not end its work, do what it left to be done. Never fails, never waits.

        Whether there may be more to do that needs the books.
        """
        if not left_undone(self.folder) or self.closed:
            return False
        from esimctl.store.lock import locked, noted

        old = os.umask(0o077)
        try:
            check_folder(self.folder)
            end = noted(self.folder / "lock")
            with locked(self.folder / "lock", 0.0, purpose="settle"):
                self._tidy()
                self.touched = self.journal.orders_since(end)
        except (EsimctlError, OSError):  # somebody is at work, or nothing can be written: whoever writes next says so
            return False
        finally:
            os.umask(old)
        return self.exists()

    def _tidy(self) -> None:
        """Under the lock: finish what a stopped run had promised, and sweep what it left lying."""
        from esimctl.store.changes import finish

        plan = finish(self._place)
        if plan is not None and plan.asked:
            self.finished[plan.asked] = plan.answer
        for folder in (self.folder, *(self.folder / name for name in SWEPT)):
            sweep(folder, earlier=True)
        half_made = [path for path in self.folder.parent.iterdir() if not (path / "profile.toml").exists()]
        elsewhere = [] if self.state_folder is None else [self.state_folder, self.state_folder / "trust"]
        for folder in (self.home, self._place.credentials, *half_made, *elsewhere):
            sweep(folder, earlier=True)
        for left in self.folder.parent.glob(".*.restoring"):
            clear_restoring(left.with_name(left.name[1 : -len(".restoring")]))
        for left in self.folder.parent.glob(".*.restored"):
            finish_restore(left.with_name(left.name[1 : -len(".restored")]))
        clear_waiting(self.folder)

    @contextmanager
    def together(self, ledger: "Ledger", asked: str = "") -> "Iterator[Changes]":
        """Inside, what is written to journal, profile.toml, vault and attachments is only noted down, and read so.

        At the end it becomes true as a whole, see `store.changes`; an error in between leaves everything as it was.
        """
        from esimctl.store.changes import Changes

        changes = Changes(self._place, asked)
        self._note_in(changes)
        try:
            yield changes
        finally:
            self._note_in(None)
        written = changes.carry_out()
        for entry in written[len(changes.entries) :]:  # the journal's own notes
            ledger.apply(entry)
        self._count(ledger, written)

    def remove(self, path: Path) -> None:
        """Take a file away, of the profile or among its credentials; inside `together` alone."""
        assert self._changes is not None
        self._changes.remove(path)

    def _note_in(self, changes: "Changes | None") -> None:
        self._changes = changes
        for files in (self.profile, self.vault, self.attachments, self.own_files):
            files.changes = changes

    def _check_first(self) -> None:
        """The first record is looked at alone; only where it lies ahead is the ledger asked whether it was right."""
        first = first_written(self.folder / "journal") if self.clock == REAL and self.now is not None else None
        if first is None or self.now is None or self.now() >= first - CLOCK_SLACK:
            return
        first = self.ledger_for_reading().first_at
        if first is not None and self.now() < first - CLOCK_SLACK:
            raise untimely(self.now(), first)

    def ledger_for_reading(self) -> "Ledger":
        """What can be read of the journal, without lock and without complaint; see `findings` afterwards.

        Damaged (6, and an OSError) where a file of it cannot be opened or read at all.
        """
        return self._read_journal().ledger

    def _read_journal(self) -> "Opened":
        from esimctl.store.opening import open_ledger

        try:
            for _ in range(TRIES):
                mark = self.noted.read()  # before the journal, which others may lengthen meanwhile
                opened = open_ledger(self.folder, self.journal)
                if opened.loaded.torn is None or not self.at_work():
                    break
                sleep(TRY_AGAIN)  # somebody is just about to append
        except OSError as error:
            from esimctl.store.segments import JournalNotRead

            raise JournalNotRead(error) from error
        self.findings = opened.findings
        self.noted.compare(mark, opened)
        return opened

    def ledger_for_writing(self, *, anew: bool = False) -> "Ledger":
        """The whole ledger, or Damaged (6). A torn tail is set aside. Only inside `locked`.

        Where the journal is gone, only a command that may begin it `anew` goes on.
        """
        from esimctl.store.migrate import migrate
        from esimctl.store.opening import make_ready

        self._keep_ballast()
        migrate(self.folder, lambda: self.noted.forget())
        make_ready(self.folder, self.journal, self.tell)
        self.journal.poisoned = False
        opened = self._read_journal()
        blocking = [finding for finding in self.findings if finding.blocking]
        if blocking:
            raise Damaged(
                "the journal is damaged ({what}): reading still works, nothing is spent",
                hint="esimctl doctor",
                what=blocking[0].said,
            )
        if not anew:
            self.noted.check_not_gone()
        self.journal.heal(opened.loaded)
        self._opened = opened
        return opened.ledger

    def append(self, ledger: "Ledger", entries: Sequence[Mapping[str, Toml]]) -> "tuple[Entry, ...]":
        """Write entries with one fsync and apply them to the ledger; postings that are left out are filled in.

        ValueError, with nothing written, for an entry that is malformed or could not follow what there is.
        JournalNotWritten (6, and an OSError) when the disk refuses; Damaged (6) for an order where books are not whole.
        """
        from esimctl.store.admission import admitted

        complete = admitted(ledger, entries)
        if any(entry["kind"] == "order.prepared" for entry in complete):
            self._check_place()
            if ledger.astray:
                self.check_alarms()
        if self._changes is not None:
            self._changes.entries += complete
            for entry in complete:
                ledger.apply(entry)
            return tuple(complete)
        written = self.journal.append(complete)
        for entry in written:  # each was checked before it was written
            ledger.take(entry)
        self._count(ledger, written)
        return written

    @contextmanager
    def at_once(self, ledger: "Ledger") -> Iterator[None]:
        """Inside, entries are counted as they come, and at the end written with one fsync: all of them, or none.

        JournalNotWritten as from `append`; after that, or an error in between, the ledger is ahead of its journal.
        """
        from esimctl.store.changes import Changes

        if self._changes is not None:  # a larger change writes them
            yield
            return
        self._changes = Changes(self._place)
        try:
            yield
            entries = self._changes.entries
        finally:
            self._changes = None
        if entries:
            written = self.journal.append(entries)
            for entry in written[len(entries) :]:  # the journal's own notes
                ledger.take(entry)
            self._count(ledger, written)

    def _count(self, ledger: "Ledger", written: "Sequence[Entry]") -> None:
        from esimctl.ledger.said import instant
        from esimctl.store.opening import CLOCK

        if self._opened is not None and self._opened.ledger is ledger:
            self._opened.recent += [instant(entry, "at") for entry in written]
            self._opened.took_back |= any(entry["kind"] == CLOCK for entry in written)

    def _conclude(self) -> None:
        """At the end of a locked stretch: the note of how far we came, and the index when it is due."""
        self.keep_point()
        self._opened = None

    def keep_point(self) -> None:
        """The note of how far we came, and the index when it is due: whoever writes much does so now and then, and the
        ledger gives up what has come to its end. Inside `locked`.
        """
        from esimctl.store.opening import keep_index

        opened, at = self._opened, self.journal.position
        if opened is None or at is None or self.journal.poisoned:
            return
        self.note()
        if opened.ledger.next_seq == at.next_seq and at.next_seq > 1:
            self._opened = None  # where the disk refuses, this run keeps no other: what left the ledger is nowhere else
            with suppress(OSError):
                keep_index(self.folder, self.journal, opened, at)
                self._opened = opened

    def note(self) -> None:
        """Note how far the journal has come, inside `locked`: before a derived document is stamped, and at the end."""
        opened, at = self._opened, self.journal.position
        if opened is None or at is None or self.journal.poisoned or opened.ledger.next_seq != at.next_seq:
            return
        self.noted.move_up(opened.ledger, at)

    def stamp(self, mark: str | None = None) -> str:
        """A fingerprint of journal, profile and high-water mark by their metadata: what a document was made from.

        `mark` is the name of the mark's file where it is known: to find it, a path has to be followed.
        """
        own = file_stamp(self.folder / "catalogue")
        journal, profile = journal_stamp(self.folder / "journal"), file_stamp(self.profile.path)
        noted = self.state_folder and file_stamp(self.state_folder / (self.noted.name if mark is None else mark))
        return f"{journal}|{profile}|{own}|{noted or '-'}|{self.folder}"

    def seed(self) -> bytes:
        """32 bytes of this profile alone, from which the keys of its rules are made. Made when first asked for."""
        path = self.folder / "seed"
        if not path.exists():
            with self.locked(10.0, "seed"):
                if not path.exists():
                    replace(path, os.urandom(32))
        fd = open_private(path)
        with os.fdopen(fd, "rb") as file:
            seed = file.read()
        if len(seed) != 32:
            raise Damaged("the seed of profile {name} is damaged", hint="esimctl doctor", name=Raw(self.name))
        return seed
