"""A profile's folder as one thing: its files, its lock, and the ledger that its journal comes to."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from esimctl.errors import Damaged
from esimctl.store.paths import check_folder, check_name, check_writable, profile_folder
from esimctl.store.profile import ProfileFile
from esimctl.store.state import StateFile

if TYPE_CHECKING:
    from esimctl.ledger.entries import Entry
    from esimctl.ledger.fold import Ledger
    from esimctl.ledger.invariants import Finding
    from esimctl.store.evidence import Evidence
    from esimctl.store.journal import Journal
    from esimctl.store.vault import Vault

BALLAST_BYTES: Final = 64 * 1024
FOLDERS: Final = ("journal", "evidence", "vault", "backups")


class Store:
    """One profile of one home. Reading takes no lock; whatever changes something happens inside `locked`."""

    def __init__(self, home: Path, name: str) -> None:
        self.home = home
        self.name = check_name(name)
        self.folder = profile_folder(home, name)
        self.profile = ProfileFile(self.folder / "profile.toml", self.folder / "backups")
        self.state = StateFile(self.folder / "state.toml")
        self.findings: list[Finding] = []  #: of the last reading of the journal
        self._depth = 0

    @cached_property
    def journal(self) -> "Journal":
        """The journal of what happened."""
        from esimctl.store.journal import Journal

        return Journal(self.folder / "journal", self.folder / "reserve")

    @cached_property
    def vault(self) -> "Vault":
        """Activation codes."""
        from esimctl.store.vault import Vault

        return Vault(self.folder / "vault")

    @cached_property
    def evidence(self) -> "Evidence":
        """Raw answers of providers."""
        from esimctl.store.evidence import Evidence

        return Evidence(self.folder / "evidence")

    def exists(self) -> bool:
        """Whether the profile has been created."""
        return self.profile.path.exists()

    def create(self, content: Mapping[str, Any]) -> None:
        """Make the folders and the first profile.toml. Harmless when another process was first."""
        from esimctl.store.replace import make_folder

        for folder in (self.home, self.home / "profiles", self.folder):
            make_folder(folder)
        check_folder(self.folder)
        for name in FOLDERS:
            make_folder(self.folder / name)
        with self.locked(10.0, "create"):
            if not self.exists():
                self.profile.create(content)

    @contextmanager
    def locked(self, wait: float = 0.0, purpose: str = "", now: datetime | None = None) -> Iterator["Store"]:
        """Hold the profile's lock; may be nested. Busy (75) when another run has it for longer than `wait` seconds.

        CredentialsError (77) when the folder is open to others, not ours, or read-only.
        """
        from esimctl.store.lock import locked
        from esimctl.store.replace import sweep

        if self._depth:
            yield self
            return
        check_folder(self.folder)
        check_writable(self.folder)
        old = os.umask(0o077)
        try:
            with locked(self.folder / "lock", wait, now=now, purpose=purpose):
                self._depth = 1
                try:
                    for folder in (self.folder, *(self.folder / name for name in FOLDERS)):
                        sweep(folder)
                    yield self
                finally:
                    self._depth = 0
        finally:
            os.umask(old)

    def ledger_for_reading(self) -> "Ledger":
        """What can be read of the journal, without lock and without complaint; see `findings` afterwards."""
        return self._load(writing=False)

    def ledger_for_writing(self) -> "Ledger":
        """The whole ledger, or Damaged (6). A torn tail is set aside. Only inside `locked`."""
        self._keep_ballast()
        return self._load(writing=True)

    def _load(self, *, writing: bool) -> "Ledger":
        from esimctl.ledger.invariants import Finding, audited_fold

        if writing:
            self.journal.poisoned = False
        loaded = self.journal.load()
        ledger, self.findings = audited_fold(loaded.entries)
        if loaded.damage is not None:
            place = f"{loaded.damage.file}, byte {loaded.damage.offset}: {loaded.damage.reason}"
            self.findings.append(Finding("frames", loaded.position.next_seq, place))
        if writing:
            self._refuse_damage()
            self.journal.heal(loaded)
        return ledger

    def _refuse_damage(self) -> None:
        blocking = [finding for finding in self.findings if finding.blocking]
        if blocking:
            raise Damaged(
                "the journal is damaged ({what}): reading still works, nothing is spent",
                hint="esimctl doctor",
                what=blocking[0].message,
            )

    def append(self, ledger: "Ledger", entries: Sequence[Mapping[str, Any]]) -> "tuple[Entry, ...]":
        """Write entries with one fsync and apply them to the ledger; postings that are left out are filled in.

        ValueError, with nothing written, for an entry that is malformed or could not follow what there is.
        """
        from esimctl.ledger.bookings import due
        from esimctl.ledger.entries import without_none

        complete = []
        for each in entries:
            entry = without_none(each)
            order = ledger.orders.get(str(entry.get("order")))
            if "postings" not in entry and (owed := due(order, entry)) is not None:
                entry["postings"] = owed
            complete.append(entry)
        written = self.journal.append(complete)
        for entry in written:
            ledger.apply(entry)
        return written

    def stamp(self) -> str:
        """A fingerprint of journal and profile by their metadata: what a derived document was made from."""
        from esimctl.store.journal import file_stamp

        return f"{self.journal.stamp()}|{file_stamp(self.profile.path)}"

    def seed(self) -> bytes:
        """32 bytes of this profile alone, from which the keys of its rules are made. Made when first asked for."""
        from esimctl.store.paths import open_private
        from esimctl.store.replace import replace

        path = self.folder / "seed"
        if not path.exists():
            with self.locked(10.0, "seed"):
                if not path.exists():
                    replace(path, os.urandom(32))
        fd = open_private(path)
        with os.fdopen(fd, "rb") as file:
            seed = file.read()
        if len(seed) != 32:
            raise Damaged("the seed of profile {name} is damaged", hint="esimctl doctor", name=self.name)
        return seed

    def paused(self) -> bool:
        """Whether all spending is paused: a file whose mere presence says so."""
        return (self.folder / "paused").exists()

    def pause(self) -> None:
        """Stop all spending, also of runs that are about to begin."""
        from esimctl.store.replace import replace

        replace(self.folder / "paused", b"")

    def resume(self) -> None:
        """Take the pause away."""
        from esimctl.store.replace import sync_folder

        (self.folder / "paused").unlink(missing_ok=True)
        sync_folder(self.folder)

    def _keep_ballast(self) -> None:
        """Room on the disk for one outcome, given up when the disk is full. Random, so that it really takes room."""
        from esimctl.store.replace import replace

        path = self.folder / "reserve"
        try:
            if not path.exists():
                replace(path, os.urandom(BALLAST_BYTES), directory=False)
        except OSError:  # the disk is full already; the gates ask for free space
            return


__all__ = ["BALLAST_BYTES", "Store"]
