"""Activation and confirmation codes: goods that whoever reads them can use. One file a line, closed to others.

A file has the line's identity for its name (`ledger.lives`), so that no line is ever given the code of another that
bore its name; earlier versions named it as the line.
"""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from esimctl.errors import Damaged
from esimctl.ledger.lives import IDENTITY
from esimctl.store.files import make_folder, replace, sync_folder
from esimctl.store.paths import check_name, open_private
from esimctl.values.sentence import Raw
from esimctl.values.toml import parse_toml

if TYPE_CHECKING:
    from esimctl.store.changes import Changes


class VaultedCodes(Mapping[str, str]):
    """What the vault holds of a line. Its values never appear in a repr, a log or a traceback."""

    __slots__ = ("_values",)

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = dict(values)

    def __getitem__(self, name: str) -> str:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"Secrets({', '.join(self._values)})"


class Vault:
    """The folder `vault/` of a profile."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.changes: Changes | None = None  #: where codes go while a command changes several files as one

    def write(self, line: str, values: Mapping[str, str], *, durable: bool = True) -> None:
        """Keep what a line was delivered with; what it had under other names stays. Durable when it returns.

        `durable=False` saves the fsync of the folder: right while the provider's raw answer is kept as evidence.
        """
        from tomli_w import dumps

        known = dict(self.read(line) or {})
        wanted = {**known, **{name: value for name, value in values.items() if value}}
        if wanted != known and self.changes is not None:
            self.changes.write(self._path(line), dumps(wanted).encode())
        elif wanted != known:
            make_folder(self.folder)
            replace(self._path(line), dumps(wanted).encode(), directory=durable)

    def read(self, line: str) -> VaultedCodes | None:
        """None where there is nothing. CredentialsError (77) when the file is open to others, Damaged (6) when cut."""
        data = self._bytes(line)
        if data is None:
            return None
        try:
            table = parse_toml(data.decode())
        except ValueError:
            table = {"": None}
        codes = {name: value for name, value in table.items() if isinstance(value, str)}
        if len(codes) < len(table):
            raise Damaged("the vault's file of line {line} is damaged", hint="esimctl doctor", line=Raw(line))
        return VaultedCodes(codes)

    def _bytes(self, line: str) -> bytes | None:
        if self.changes is not None and self._path(line) in self.changes.files:
            return self.changes.files[self._path(line)]
        try:
            fd = open_private(self._path(line))
        except FileNotFoundError:
            return None
        with os.fdopen(fd, "rb") as file:
            return file.read()

    def move(self, kept: str, identity: str) -> bool:
        """Give the file that an earlier version kept under a name to its line; False where that has one already."""
        if self._path(identity).exists():
            return False
        self._path(kept).rename(self._path(identity))
        sync_folder(self.folder)
        return True

    def remove(self, line: str) -> bool:
        """Forget a line's codes. Whether there were any."""
        path = self._path(line)
        if not path.exists():
            return False
        path.unlink()
        sync_folder(self.folder)
        return True

    def lines(self) -> list[str]:
        """What there is a file of: identities, and names from earlier versions."""
        return sorted(path.stem for path in self.folder.glob("*.toml")) if self.folder.is_dir() else []

    def _path(self, line: str) -> Path:
        return self.folder / f"{line if IDENTITY.match(line) else check_name(line, 'line')}.toml"
