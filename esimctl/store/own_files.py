"""The catalogue folder of a profile: files of a person's own whose rows win over the ones that come along."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from esimctl.errors import UsageError
from esimctl.store.files import make_folder, read_bytes, replace
from esimctl.values.regex import regex
from esimctl.values.sentence import Raw

if TYPE_CHECKING:
    from esimctl.store.changes import Changes

MOST_BYTES: Final = 4 << 20
_NAME: Final = regex(r"[a-z0-9][a-z0-9_-]{0,31}\Z")


class OwnFiles:
    """`catalogue/*.toml` below the profile, in the order of their names; the later wins."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "catalogue"
        self.changes: Changes | None = None  #: where a file goes while a command changes several as one

    def names(self) -> list[str]:
        """The files there are, without their ending."""
        try:
            there = {entry.name for entry in os.scandir(self.folder) if entry.name.endswith(".toml")}
        except (FileNotFoundError, NotADirectoryError):
            there = set()
        for path, data in ({} if self.changes is None else self.changes.files).items():
            if path.parent == self.folder:
                there = there - {path.name} if data is None else there | {path.name}
        found = sorted(there)
        return [name.removesuffix(".toml") for name in found if not name.startswith(".")]

    def read(self) -> Iterator[tuple[str, bytes]]:
        """Every file with its name; one that cannot be read comes as no TOML at all."""
        for name in self.names():
            try:
                yield f"{name}.toml", self._bytes(self.folder / f"{name}.toml")
            except OSError:
                yield f"{name}.toml", b"\xff"

    def _bytes(self, path: Path) -> bytes:
        return read_bytes(path, MOST_BYTES) if self.changes is None else self.changes.read(path)

    def write(self, name: str, data: bytes) -> None:
        """Put a file there, as a whole."""
        if not _NAME.match(name):
            raise UsageError(
                "{name!r} cannot be the name of a file of the catalogue: a to z, 0 to 9, - and _, 32 at most",
                hint="--name NAME",
                code="bad_name",
                name=Raw(name),
            )
        if self.changes is not None:
            self.changes.write(self.folder / f"{name}.toml", data)
            return
        make_folder(self.folder)
        replace(self.folder / f"{name}.toml", data)

    def remove(self, name: str) -> bool:
        """Take a file away; whether there was one."""
        path = self.folder / f"{name}.toml"
        if name not in self.names():
            return False
        if self.changes is not None:
            self.changes.remove(path)
        else:
            path.unlink()
        return True
