"""Files that a person keeps with orders, and the case for a provider's support that is made of them."""

import gzip
import io
import os
import tarfile
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from esimctl.errors import CredentialsError, Damaged, UsageError
from esimctl.store.evidence import without_secrets
from esimctl.store.files import make_folder, replace, sync_folder
from esimctl.store.output_file import hand_out
from esimctl.store.paths import open_private
from esimctl.store.user_file import read_given
from esimctl.values.regex import regex
from esimctl.values.sentence import Raw

if TYPE_CHECKING:
    from esimctl.store.changes import Changes

MOST_BYTES: Final = 8 << 20

LONGEST_NAME: Final = 48  #: a backup's tar takes a hundred characters, order and hash among them

_ORDER: Final = regex(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}\Z")

_HARMLESS: Final = regex(r"[^A-Za-z0-9._-]+")


class Copied(NamedTuple):
    """A file as it is kept: its harmless name, the SHA-256 of its content, its length."""

    name: str
    sha256: str
    size: int


class Attachments:
    """The folder `attachments/` of a profile: `<order>.<part of the SHA-256>.<name>`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.changes: Changes | None = None  #: where a copy goes while a command changes several files as one

    def read(self, source: str) -> tuple[Copied, bytes]:
        """What a person's file would be kept as, and its content; UsageError (2) where it cannot be kept."""
        data = read_given(source, MOST_BYTES)
        if not data:
            raise UsageError("{path} is empty", code="empty_file", path=Raw(source))
        return Copied(harmless_name(source), sha256(data).hexdigest(), len(data)), data

    def keep(self, order: str, kept: Copied, data: bytes) -> None:
        """Put it there; bytes and name are durable when it returns. The same again changes nothing."""
        if self.changes is not None:
            self.changes.write(self._path(order, kept), data)
            return
        make_folder(self.folder)
        if self.state(order, kept) == "kept":
            sync_folder(self.folder)  # the run that wrote it may have ended before its name was durable
        else:
            replace(self._path(order, kept), data)

    def state(self, order: str, kept: Copied) -> str:
        """Of a file that was copied: `kept`, `missing`, or `changed` where its content is another (or is closed)."""
        try:
            fd = open_private(self._path(order, kept))
        except FileNotFoundError:
            return "missing"
        except CredentialsError:
            return "changed"
        with os.fdopen(fd, "rb") as file:
            data = file.read(MOST_BYTES + 1)
        return "kept" if sha256(data).hexdigest() == kept.sha256 else "changed"

    def _path(self, order: str, kept: Copied) -> Path:
        if not _ORDER.match(order) or harmless_name(kept.name) != kept.name:
            raise Damaged("{file} cannot be the name of an attachment", hint="esimctl doctor", file=Raw(kept.name))
        return self.folder / f"{order}.{kept.sha256[:16]}.{kept.name}"


def harmless_name(source: str) -> str:
    """The last part of a path in letters, digits, `.`, `_` and `-`, with its ending, never hidden and never empty."""
    name = _HARMLESS.sub("-", Path(source).name.replace("\\", "-")).strip("-.") or "file"
    stem, dot, ending = name.rpartition(".")
    if len(name) <= LONGEST_NAME:
        return name
    ending = dot + ending if stem and len(ending) <= 8 else ""
    return name[: LONGEST_NAME - len(ending)].rstrip(".-") + ending


LAST_MTIME: Final = (1 << 32) - 1  #: gzip's header has 32 bits, until February 2106

#: ICCIDs, EIDs and phone numbers: enough is left to tell two apart
_LONG: Final = regex(r"(?<![\w.-])(\+?\d{6})\d{2,22}(\d{4})(?![\w.-])")


def write_bundle(target: Path, members: Mapping[str, str], now: datetime) -> None:
    """Write the members (name → text), masked once more, 0600; never over an existing file (UsageError)."""
    if target.exists():
        raise UsageError("{path} exists already", hint="name another file", code="file_exists", path=Raw(str(target)))
    buffer = io.BytesIO()
    with (
        gzip.GzipFile(fileobj=buffer, mode="wb", mtime=min(int(now.timestamp()), LAST_MTIME)) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as tar,
    ):
        for name, text in members.items():
            data = harmless(text).encode("utf-8", "replace")
            member = tarfile.TarInfo(name)
            member.size, member.mode, member.mtime = len(data), 0o600, int(now.timestamp())
            tar.addfile(member, io.BytesIO(data))
    hand_out(str(target), buffer.getvalue())


def harmless(text: str) -> str:
    """Without codes, tokens, and the middle of long numbers."""
    return _LONG.sub(lambda found: f"{found[1]}***{found[2]}", without_secrets(text))
