"""Files that hold credentials: a person's own (0600), and those that systemd hands to a service.

They never lie inside a profile, so no backup and no export of one takes them along.
"""

import os
import stat
from pathlib import Path
from typing import Final

from esimctl.errors import CredentialsError
from esimctl.store.paths import check_name, open_private
from esimctl.store.replace import make_folder, replace
from esimctl.store.temporary import sweep

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
        raise _unusable(path, error.strerror or "") from error
    status = os.fstat(fd)
    if not stat.S_ISREG(status.st_mode) or stat.S_IMODE(status.st_mode) & 0o007:
        os.close(fd)
        raise _unusable(path, "not a plain file that is closed to others")
    return _text(fd, path)


def _text(fd: int, path: Path) -> str:
    with os.fdopen(fd, "rb") as file:
        data = file.read(MOST_BYTES)
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise _unusable(path, "not a text") from None


def _unusable(path: Path, why: str) -> CredentialsError:
    return CredentialsError("{path} cannot be used: {why}", code="unsafe_path", path=str(path), why=why)
