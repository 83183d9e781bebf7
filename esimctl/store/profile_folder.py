"""A profile's folder: where its files are, by which clock they are kept, and whether any of them may change."""

import os
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

from esimctl.errors import ConfigurationError
from esimctl.store.files import replace, sync_folder
from esimctl.store.kept_by import (
    REAL,
    REHEARSAL,
    is_timely,
    keep_by,
    kept_by,
    refusal,
    untimely,
)
from esimctl.store.kept_numbers import StateFile
from esimctl.store.paths import check_file_system, check_name, profile_folder, state_folder
from esimctl.store.profile import ProfileFile
from esimctl.store.standing import finish_restore
from esimctl.values.sentence import Raw
from esimctl.values.toml import table_at

if TYPE_CHECKING:
    from esimctl.store.attachments import Attachments
    from esimctl.store.changes import ProfilePlace
    from esimctl.store.evidence import Evidence
    from esimctl.store.journal import Journal
    from esimctl.store.own_files import OwnFiles
    from esimctl.store.vault import Vault


BALLAST_BYTES: Final = 64 * 1024


class ProfileFolder:
    """The files of one profile of one home, each opened when it is first asked for.

    `clock` is the clock of this run, REAL or REHEARSAL: by the latter a profile that is kept by the real one is only
    read, and none of its files changes. None where nobody asks what time it is. `environ` says where the high-water
    mark is; the process's own where none is given. `now` is what the clock says: by a real one that cannot be right
    nothing is written, either.
    """

    def __init__(
        self,
        home: Path,
        name: str,
        clock: str | None = None,
        environ: Mapping[str, str] | None = None,
        now: Callable[[], datetime] | None = None,
    ) -> None:
        self.home = home
        self.name = check_name(name)
        self.folder = profile_folder(home, name)
        finish_restore(self.folder)
        self.clock = clock
        self.now = now
        self.profile = ProfileFile(self.folder / "profile.toml", self.folder / "backups")
        self.state_folder = state_folder(os.environ if environ is None else environ)
        self.looks_only = False  #: nothing is noted, not even how far the journal has come
        self._there: bool | None = None  #: what `exists` last found
        self._depth = 0

    @cached_property
    def kept_by(self) -> str | None:
        """Which clock the books are kept by: see `store.kept_by`."""
        return kept_by(self.folder)

    @property
    def closed(self) -> bool:
        """Whether nothing is written: a rehearsal looks at books kept by the real clock, or that clock is not set."""
        return self._looked_into or self._unset

    @property
    def _looked_into(self) -> bool:
        return self.clock == REHEARSAL and self.kept_by == REAL

    @property
    def _unset(self) -> bool:
        return self.clock == REAL and self.now is not None and not is_timely(self.now())

    def check_open(self) -> None:
        """OwnRules (5), with the way out, where a rehearsal would write into books that are kept by the real clock, and
        where that clock stands before this program was made.
        """
        if self._looked_into:
            raise refusal(self.name, REAL)
        if self._unset and self.now is not None:
            raise untimely(self.now())

    @cached_property
    def state(self) -> "StateFile":
        """Numbers that were worked out before."""
        return StateFile(self.folder / "state.toml", sealed=self.closed)

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

    @cached_property
    def attachments(self) -> "Attachments":
        """Files that a person keeps with orders."""
        from esimctl.store.attachments import Attachments

        return Attachments(self.folder / "attachments")

    @cached_property
    def own_files(self) -> "OwnFiles":
        """Rows of the catalogue that a person took in."""
        from esimctl.store.own_files import OwnFiles

        return OwnFiles(self.folder)

    def exists(self) -> bool:
        """Whether the profile has been created."""
        self._there = self.profile.path.exists()
        return self._there

    def check_settings_there(self) -> None:
        """ConfigurationError (78) where profile.toml is gone from a profile with a past: limits are not forgotten."""
        if not self.exists() and any((self.folder / "journal").glob("*.toml")):
            raise ConfigurationError(
                "profile.toml is gone, although the journal is there",
                hint="put the newest of {backups} back as {path}",
                code="profile_gone",
                backups=Raw(str(self.folder / "backups" / "profile-*.toml")),
                path=Raw(str(self.profile.path)),
            )

    def at_work(self) -> bool:
        """Whether another run holds the lock now."""
        from esimctl.store.lock import is_held

        return not self._depth and is_held(self.folder / "lock")

    def paused(self) -> bool:
        """Whether all spending is paused: a file whose mere presence says so."""
        return (self.folder / "paused").exists()

    def pause(self) -> None:
        """Stop all spending, also of runs that are about to begin. A brake takes whatever the clock says."""
        if self._looked_into:
            raise refusal(self.name, REAL)

        replace(self.folder / "paused", b"")

    def resume(self) -> None:
        """Take the pause away."""
        (self.folder / "paused").unlink(missing_ok=True)
        sync_folder(self.folder)

    def has_ballast(self) -> bool:
        """Whether there is room for one outcome even on a full disk; nothing is sent without it."""
        try:
            return (self.folder / "reserve").stat().st_size == BALLAST_BYTES
        except OSError:
            return False

    @property
    def _place(self) -> "ProfilePlace":
        from esimctl.store.changes import ProfilePlace
        from esimctl.store.private_files import credentials_folder

        return ProfilePlace(self.folder, credentials_folder(self.home, self.name), self.journal, self.profile)

    def _check_place(self) -> None:
        """No purchase begins on a file system whose locks and fsync are somebody else's promise."""
        settings = table_at(self.profile.read().doc, "settings")
        check_file_system(self.folder, allowed=settings.get("allow_network_files") is True)

    def _keep_ballast(self) -> None:
        """Room on the disk for one outcome, given up when the disk is full. Random, so that it really takes room."""
        path = self.folder / "reserve"
        try:
            if not self.has_ballast():
                replace(path, os.urandom(BALLAST_BYTES), directory=False)
        except OSError:  # the disk is full already: a gate refuses to spend, everything else goes on
            return

    def _keep_clock(self) -> None:
        """Under the lock: nobody was faster with another clock, and from now on it is written down."""
        self.kept_by = kept_by(self.folder)
        self.check_open()
        if self.clock is not None:
            keep_by(self.folder, self.kept_by or self.clock)
            self.kept_by = self.kept_by or self.clock
