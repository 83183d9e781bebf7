"""A profile in one file: a tar with SHA-256 sums, made of what the program would show and read back before it counts.

Left out: codes and raw answers (unless asked for), what is derived, the lock, earlier backups. The seed goes along: a
restored profile makes the same keys again, so that a provider that honours keys refuses to sell twice.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from stat import S_ISREG
from typing import BinaryIO, Final

from esimctl.errors import Busy, ConfigurationError, Damaged, UsageError
from esimctl.store.chain import Chain
from esimctl.store.files import check_plain
from esimctl.store.folder import Store
from esimctl.store.manifest import (
    FILE,
    MOST_MEMBERS,
    MOST_OCTETS,
    SECRET,
    SETTINGS,
    Listed,
    Manifest,
    decoded,
    most_octets,
)
from esimctl.store.output_file import hand_out_stream
from esimctl.store.paths import person_path
from esimctl.store.profile import parse_profile
from esimctl.store.tarball import PIECE, MemberPlace, packed, pieces, places
from esimctl.values.sentence import Param, Raw, SaidError, Sentence, said_of

_READ: Final = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK


def back_up(store: Store, target: Path, now: datetime, *, with_vault: bool = False) -> Manifest:
    """Write the backup (0600, durable, never over an existing file) and read it back; returns its manifest.

    An old journal is migrated, a stopped migration finished and a cut append set aside first. UsageError when the file
    exists, Damaged (6) or ConfigurationError (78) for a profile that could not be restored, with nothing written.
    """
    target = person_path(str(target))
    if target.exists():
        raise UsageError("{path} exists already", hint="name another file", code="file_exists", path=Raw(str(target)))
    with store.locked(0.0, "backup"):
        store.seed()
        settings = store.profile.read().data
        store.ledger_for_writing()
        manifest = _manifest(store, settings, now, with_vault=with_vault)
        hand_out_stream(str(target), _written(store, manifest, settings, now))
        try:
            check_backup(target)
        except (Damaged, ConfigurationError):
            target.unlink(missing_ok=True)
            raise
    return manifest


def check_backup(source: Path) -> Manifest:
    """The manifest of a backup, all of which was read: sizes, sums, the chain of its journal, the profile.

    See `opened` and `parse_profile` for errors.
    """
    with opened(source) as backup:
        for name in backup.names:
            settings = [piece for piece in backup.content(name) if name == SETTINGS]
            if settings:
                parse_profile(b"".join(settings), f"{source.name}:{SETTINGS}")
        return backup.manifest


class Backup:
    """An open backup whose manifest is whole and names what is there. Its files are proven as they are read, in the
    order of `names`."""

    def __init__(self, file: BinaryIO, source: str) -> None:
        self._file = file
        self._places: dict[str, MemberPlace] = places(file, most_octets, MOST_MEMBERS + 1)
        if FILE not in self._places:
            raise SaidError("it has no manifest")
        self.manifest = decoded(b"".join(pieces(file, self._places.pop(FILE))), source)
        self.names = sorted(self._places)
        self._segments = self.manifest.segments
        self._chain = Chain()
        if {name: place.size for name, place in self._places.items()} != {
            name: file.size for name, file in self.manifest.files.items()
        }:
            raise SaidError("its contents are not what its manifest says")
        if not self._segments:
            self._check_end()

    def content(self, name: str) -> Iterator[bytes]:
        """The pieces of a file. ValueError where they are not what the manifest says, at the end at the latest."""
        segment = name in self._segments
        if segment:
            self._chain.begin()
        digest = sha256()
        for piece in pieces(self._file, self._places[name]):
            digest.update(piece)
            if segment:
                self._chain.feed(piece)
            yield piece
        if digest.hexdigest() != self.manifest.files[name].sha256:
            raise SaidError("{name} is not what its manifest says", name=Raw(name))
        if segment and name == self._segments[-1]:
            self._check_end()

    def _check_end(self) -> None:
        """The journal ends where the manifest says; earlier versions could not tell where one of schema 0 does."""
        said, chain = self.manifest, self._chain
        if chain.schema == 0 and said.last_seq == 0:
            return
        if (chain.next_seq - 1, chain.last_hash) != (said.last_seq, said.last_hash):
            raise SaidError("its journal does not end where its manifest says")


@contextmanager
def opened(source: Path) -> Iterator[Backup]:
    """A backup, to be read. UsageError (2) where there is no such file, Damaged (6) for one that is not whole, also
    while it is being read, ConfigurationError (78) for one of a newer version."""
    try:
        fd = os.open(source, _READ)
    except (OSError, ValueError):
        raise UsageError("there is no file {path}", code="no_file", path=Raw(str(source))) from None
    with os.fdopen(fd, "rb") as file:
        if not S_ISREG(os.fstat(fd).st_mode):
            raise UsageError("there is no file {path}", code="no_file", path=Raw(str(source)))
        try:
            yield Backup(file, str(source))
        except ValueError as error:
            raise _not_whole(source, said_of(error)) from error


def _not_whole(source: Path, why: Param) -> Damaged:
    return Damaged("{path} is not a whole backup: {why}", code="backup_damaged", path=Raw(str(source)), why=why)


def _manifest(store: Store, settings: bytes, now: datetime, *, with_vault: bool) -> Manifest:
    """What will be written: every file with its sum. ConfigurationError (78) for more than a backup takes."""
    at = store.journal.position
    assert at is not None
    files = {SETTINGS: Listed(len(settings), sha256(settings).hexdigest())}
    for name in _members(store.folder, with_vault=with_vault):
        digest, size, most = sha256(), 0, most_octets(name) or 0
        for piece in _file(store.folder / name):
            digest.update(piece)
            size += len(piece)
            if size > most:
                raise ConfigurationError(
                    "{path} is larger than anything of ours: it fits into no backup",
                    hint="esimctl doctor", code="too_much_for_a_backup", path=Raw(str(store.folder / name)),
                )  # fmt: skip
        files[name] = Listed(size, digest.hexdigest())
    if len(files) > MOST_MEMBERS or sum(file.size for file in files.values()) > MOST_OCTETS:
        raise ConfigurationError(
            "{path} holds more than fits into a backup",
            hint="esimctl profile backup FILE, without --with-vault",
            code="too_much_for_a_backup", path=Raw(str(store.folder)),
        )  # fmt: skip
    return Manifest(store.name, now, at.next_seq - 1, at.last_hash, with_vault, files)


def _members(folder: Path, *, with_vault: bool) -> list[str]:
    """The plain files that a backup takes along, but for profile.toml."""
    names = [path.relative_to(folder).as_posix() for path in folder.rglob("*") if S_ISREG(path.lstat().st_mode)]
    return sorted(
        name
        for name in names
        if name != SETTINGS and most_octets(name) is not None and (with_vault or not name.startswith(SECRET))
    )


def _written(store: Store, manifest: Manifest, settings: bytes, now: datetime) -> Iterator[bytes]:
    """The bytes of the backup. Busy (75) where a file is not what it was when its sum was made."""

    from esimctl import __version__

    head = manifest.encoded(__version__)

    def members() -> Iterator[tuple[str, int, Iterator[bytes]]]:
        yield FILE, len(head), iter((head,))
        for done, (name, listed) in enumerate(manifest.files.items(), 1):
            store.tell(Sentence("backing up"), done, len(manifest.files))
            content = iter((settings,)) if name == SETTINGS else _file(store.folder / name)
            yield name, listed.size, _unchanged(name, listed, content)

    return packed(members(), now)


def _unchanged(name: str, listed: Listed, content: Iterator[bytes]) -> Iterator[bytes]:
    size = 0
    for piece in content:
        size += len(piece)
        if size > listed.size:
            break
        yield piece
    if size != listed.size:
        raise Busy("{file} was changed while it was copied", code="profile_busy", file=Raw(name))


def _file(path: Path) -> Iterator[bytes]:
    """The pieces of a file of ours, never through a link."""
    with os.fdopen(os.open(path, _READ | os.O_NOFOLLOW), "rb") as file:
        check_plain(file.fileno(), path)
        while piece := file.read(PIECE):
            yield piece
