"""Whether the folders that a home stands on are ours alone: looked at before anything in them is read.

What is ours and merely open (a umask of 002, a clone, a copy) is closed here, and one line says so. Where the file
system keeps no modes it stays open: it is read, and whoever wants to write is refused (`store.paths.check_folder`).
What another user owns or may change is not believed at all; root alone may read it.
"""

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from esimctl.errors import CredentialsError
from esimctl.values.sentence import Raw, Sentence

#: What others may not do with the home itself, and with the folders below it.
_HOME: Final = 0o022
_BELOW: Final = 0o077

#: What is said of a folder of ours that was open, by whether it could be closed.
TOLD: Final = {
    True: "{path} was open to others: closed, it is yours alone now",
    False: "{path} stays open to others, its file system keeps no modes: it is read, nothing is spent",
}


def look_at_ground(home: Path, *below: str) -> Sentence | None:
    """What is to be said of the home and the folders below it, in the order given; None where all is as it should be.

    CredentialsError (77) where another user owns one of them, may change it, or has put a link in its place.
    """
    told = None
    status = _status(home)
    if status is None:
        return None
    if status.st_uid != os.geteuid():
        _check_foreign_home(home, status)
    elif status.st_mode & _HOME:
        told = _close(home, _HOME)
    place = home
    for name in below:
        place = place / name
        status = _status(place, follow=False)
        if status is None:
            break
        if not stat.S_ISDIR(status.st_mode):
            raise CredentialsError("{path} is a link or not a folder", code="unsafe_path", path=Raw(str(place)))
        if status.st_uid != os.geteuid():
            _check_foreign(home, place, status)
        elif status.st_mode & _BELOW:
            told = _close(place, _BELOW, whole=True) or told
    return told


def _status(place: Path, *, follow: bool = True) -> os.stat_result | None:
    try:
        return os.stat(place, follow_symlinks=follow)  # noqa: PTH116 - on every start
    except (FileNotFoundError, NotADirectoryError):
        return None


def _check_foreign_home(home: Path, status: os.stat_result) -> None:
    """Root's is good where the profiles are ours: volumes of containers, also one that is open to a group of ours."""
    if os.geteuid() == 0:
        return
    mine = _status(home / "profiles", follow=False)
    group = {os.getegid(), *os.getgroups()}
    wide = status.st_mode & (0o002 if status.st_gid in group else 0o022)
    if status.st_uid != 0 or wide or mine is None or mine.st_uid != os.geteuid():
        raise _not_ours(home, home, status)


def _check_foreign(home: Path, place: Path, status: os.stat_result) -> None:
    if os.geteuid() != 0:
        raise _not_ours(home, place, status)


def _not_ours(home: Path, place: Path, status: os.stat_result) -> CredentialsError:
    return CredentialsError(
        "{path} belongs to another user (uid {uid}, we are {us}): nothing there is read",
        hint="sudo chown -R {us} {home}",
        code="wrong_owner",
        path=Raw(str(place)),
        home=Raw(str(home)),
        uid=status.st_uid,
        us=os.geteuid(),
    )


def _close(place: Path, rights: int, *, whole: bool = False) -> Sentence:
    """Take rights from others, of the folder alone or of all below it; what is to be said of it."""
    try:
        for path in _below(str(place)) if whole else [str(place)]:
            mode = os.lstat(path).st_mode
            if mode & rights and not stat.S_ISLNK(mode):
                os.chmod(path, stat.S_IMODE(mode) & ~rights)  # noqa: PTH101 - thousands of them
        took = not os.lstat(place).st_mode & rights
    except OSError:
        took = False
    return Sentence(TOLD[took], {"path": Raw(str(place))})


def _below(place: str) -> Iterator[str]:
    for folder, _, names in os.walk(place):
        yield folder
        yield from (os.path.join(folder, name) for name in names)  # noqa: PTH118
