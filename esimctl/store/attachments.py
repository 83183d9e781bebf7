"""Files that a person keeps with an order: bills, screenshots. Copied, never overwritten, closed to others."""

import os
import re
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from esimctl.errors import CredentialsError, Damaged, UsageError
from esimctl.store.given import read_given
from esimctl.store.paths import open_private
from esimctl.store.replace import make_folder, replace, sync_folder

if TYPE_CHECKING:
    from esimctl.store.changes import Changes

MOST_BYTES: Final = 8 << 20
LONGEST_NAME: Final = 48  #: a backup's tar takes a hundred characters, order and hash among them
_ORDER: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}\Z")
_HARMLESS: Final = re.compile(r"[^A-Za-z0-9._-]+")


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
            raise UsageError("{path} is empty", code="empty_file", path=source)
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
            raise Damaged("{file} cannot be the name of an attachment", hint="esimctl doctor", file=kept.name)
        return self.folder / f"{order}.{kept.sha256[:16]}.{kept.name}"


def harmless_name(source: str) -> str:
    """The last part of a path in letters, digits, `.`, `_` and `-`, with its ending, never hidden and never empty."""
    name = _HARMLESS.sub("-", Path(source).name.replace("\\", "-")).strip("-.") or "file"
    stem, dot, ending = name.rpartition(".")
    if len(name) <= LONGEST_NAME:
        return name
    ending = dot + ending if stem and len(ending) <= 8 else ""
    return name[: LONGEST_NAME - len(ending)].rstrip(".-") + ending
