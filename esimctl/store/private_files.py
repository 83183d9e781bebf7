"""Small files that only their owner may read: TOML tables of a profile, and files that hold credentials."""

import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from esimctl.errors import CredentialsError, Damaged
from esimctl.store.files import make_folder, replace, sweep
from esimctl.store.paths import check_name, open_private
from esimctl.values.sentence import Param, Raw, Sentence
from esimctl.values.toml import Toml, parse_toml


class PrivateTable:
    """One such file. Its content is never part of a message."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> dict[str, Toml]:
        """Its content, empty where there is none. CredentialsError (77) when open to others, Damaged (6) when cut."""
        try:
            fd = open_private(self.path)
        except FileNotFoundError:
            return {}
        with os.fdopen(fd, "rb") as file:
            data = file.read()
        try:
            return parse_toml(data.decode())
        except ValueError:
            raise Damaged("{path} is damaged", hint="esimctl doctor", path=Raw(str(self.path))) from None

    def write(self, content: Mapping[str, Toml], *, durable: bool = True) -> None:
        """Replace it as a whole, mode 0600. `durable=False` lets a power cut bring the old one back."""
        from tomli_w import dumps

        replace(self.path, dumps(_without_none(content)).encode(), directory=durable)

    def remove(self) -> None:
        """Take it away; harmless where there is none."""
        self.path.unlink(missing_ok=True)


@contextmanager
def only_one(path: Path) -> Iterator[None]:
    """Hold a lock of its own beside a profile's files, at once or not at all: Busy (75) while another holds it."""
    from esimctl.store.lock import locked

    with locked(path, 0.0):
        yield


def _without_none(table: Mapping[str, Toml]) -> dict[str, Toml]:
    return {
        key: _without_none(value) if isinstance(value, Mapping) else value
        for key, value in table.items()
        if value is not None
    }


MOST_BYTES: Final = 64 << 10


def credentials_file(home: Path, profile: str, provider: str) -> Path:
    """Where `providers login` keeps the credentials of a provider of a profile."""
    return credentials_folder(home, profile) / check_name(provider, "provider")


def credentials_folder(home: Path, profile: str) -> Path:
    """The folder of one profile's credentials."""
    return home / "credentials" / check_name(profile)


def read_private(path: Path) -> str | None:
    """The text of a file that is ours and closed to others, None where there is none; else CredentialsError (77)."""
    try:
        fd = open_private(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    return _text(fd, path)


def write_private(path: Path, text: str) -> None:
    """Replace such a file, mode 0600, its folders 0700."""
    make_folder(path.parent)
    sweep(path.parent)
    replace(path, text.encode())


def forget_private(path: Path) -> None:
    """Take such a file away, where there is one."""
    path.unlink(missing_ok=True)


def read_handed(folder: Path, name: str) -> str | None:
    """A credential that systemd hands over in $CREDENTIALS_DIRECTORY, None where there is none of that name.

    It may belong to root; what everybody can read is refused.
    """
    path = folder / name
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise _unusable(path, Raw(error.strerror or "")) from error
    status = os.fstat(fd)
    if not stat.S_ISREG(status.st_mode) or stat.S_IMODE(status.st_mode) & 0o007:
        os.close(fd)
        raise _unusable(path, Sentence("not a plain file that is closed to others"))
    return _text(fd, path)


def _text(fd: int, path: Path) -> str:
    with os.fdopen(fd, "rb") as file:
        data = file.read(MOST_BYTES)
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise _unusable(path, Sentence("not a text")) from None


def _unusable(path: Path, why: Param) -> CredentialsError:
    return CredentialsError("{path} cannot be used: {why}", code="unsafe_path", path=Raw(str(path)), why=why)
