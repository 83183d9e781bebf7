"""Where things are, and whether that place is fit for money: names, owners, modes, links, file systems."""

import os
import re
import stat
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from esimctl.errors import ConfigurationError, CredentialsError, UsageError
from esimctl.values.regex import regex
from esimctl.values.sentence import Raw, Sentence

NAME: Final = regex(r"[a-z0-9][a-z0-9_-]{0,31}\Z")
ACTIVE: Final = "active-profile"

#: File systems whose locks or fsync are somebody else's promise: no money there, unless the profile says so.
NETWORK_FILE_SYSTEMS: Final = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "glusterfs", "lustre", "ncpfs", "virtiofs", "vboxsf"}
)


def home_folder(environ: Mapping[str, str]) -> Path:
    """ESIMCTL_HOME, else the platform's folder for a person's data. UsageError where neither can be told."""
    if named := environ.get("ESIMCTL_HOME"):
        return person_path(named).absolute()
    platform: str = sys.platform  # a plain text, for the type checker to keep both ways in view
    if platform == "linux":  # what platformdirs answers, without the 10 ms that it takes
        return person_path(str(xdg_folder(environ, "XDG_DATA_HOME", Path("~/.local/share")))) / "esimctl"
    from platformdirs import user_data_path

    return user_data_path("esimctl", appauthor=False)


def xdg_folder(environ: Mapping[str, str], name: str, default: Path) -> Path:
    """The folder that an XDG variable names; one that is not absolute is ignored (XDG Base Directory, section 2)."""
    named = environ.get(name, "").strip()
    return Path(named) if named.startswith("/") else default


def state_folder(environ: Mapping[str, str]) -> Path | None:
    """Where stands what must not travel with the home; None where there is no such place.

    XDG_STATE_HOME, else ~/.local/state on every platform: elsewhere a platform's folder for state is that for data.
    """
    try:
        return person_path(str(xdg_folder(environ, "XDG_STATE_HOME", Path("~/.local/state")))) / "esimctl"
    except UsageError:  # nobody's home, and none is named
        return None


def person_path(text: str) -> Path:
    """A path as a person writes it, `~` and `~name` filled in. UsageError (2) where there is no such home."""
    try:
        return Path(text).expanduser()
    except RuntimeError:  # pathlib's word for a user that nobody knows, or for us without HOME and without an account
        raise UsageError(
            "{path}: there is no such home folder",
            hint="export ESIMCTL_HOME=/absolute/folder",
            code="no_home",
            path=Raw(text),
        ) from None


def profile_folder(home: Path, name: str) -> Path:
    """Where a profile is kept."""
    return home / "profiles" / check_name(name)


def check_name(name: str, what: str = "profile") -> str:
    """The name itself, if it may be one: lower case letters, digits, `-` and `_`, 32 at most. UsageError if not."""
    if NAME.match(name):
        return name
    raise UsageError(
        "{name!r} cannot be the name of a {what}: a to z, 0 to 9, - and _, 32 at most, not beginning with - or _",
        code="bad_name",
        name=Raw(name),
        what=Sentence(what),
    )


def active_profile(home: Path) -> str | None:
    """The profile that `profile use` chose."""
    from esimctl.store.files import read_bytes

    try:
        name = read_bytes(home / ACTIVE, 4096).decode().strip()
    except (FileNotFoundError, NotADirectoryError, UnicodeDecodeError):
        return None
    return name if NAME.match(name) else None


def choose_profile(home: Path, name: str) -> None:
    """Make a profile the one that is used when none is named."""
    from esimctl.store.files import replace

    replace(home / ACTIVE, f"{check_name(name)}\n".encode())


def profile_names(home: Path) -> list[str]:
    """Every profile there is, in order."""
    try:
        entries = sorted((home / "profiles").iterdir())
    except FileNotFoundError:
        return []
    return [entry.name for entry in entries if NAME.match(entry.name) and (entry / "profile.toml").exists()]


def check_folder(folder: Path) -> None:
    """A folder of ours: not a link, owned by us, closed to others, writable. CredentialsError (77) says what to do."""
    status = folder.lstat()
    if not stat.S_ISDIR(status.st_mode):
        raise CredentialsError("{path} is a link or not a folder", code="unsafe_path", path=Raw(str(folder)))
    if status.st_uid != os.geteuid():
        raise CredentialsError(
            "{path} belongs to another user (uid {uid}, we are {us})",
            hint="run esimctl as that user, or choose another ESIMCTL_HOME",
            code="wrong_owner",
            path=Raw(str(folder)),
            uid=status.st_uid,
            us=os.geteuid(),
        )
    if stat.S_IMODE(status.st_mode) & 0o077:
        raise _loose(folder, status.st_mode, "700")


def check_writable(folder: Path) -> None:
    """CredentialsError (77) where nothing can be written: said before anything is begun."""
    if not os.access(folder, os.W_OK | os.X_OK):
        raise CredentialsError(
            "{path} is read-only for us", hint="chmod u+w {path}", code="read_only", path=Raw(str(folder))
        )


def check_private(path: Path) -> None:
    """A file that holds secrets: regular, ours, closed to others, one name. CredentialsError (77) with the command."""
    fd = open_private(path)
    os.close(fd)


def open_private(path: Path) -> int:
    """A descriptor of a file that passes `check_private`, examined after opening so that nothing can be swapped."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError as error:
        if isinstance(error, FileNotFoundError):
            raise
        raise CredentialsError(
            "{path} cannot be opened: {why}", code="unsafe_path", path=Raw(str(path)), why=Raw(error.strerror)
        ) from error
    status = os.fstat(fd)
    problem = None
    if not stat.S_ISREG(status.st_mode) or status.st_nlink != 1:
        problem = CredentialsError("{path} is not a plain file of one name", code="unsafe_path", path=Raw(str(path)))
    elif status.st_uid != os.geteuid():
        problem = CredentialsError("{path} belongs to another user", code="wrong_owner", path=Raw(str(path)))
    elif stat.S_IMODE(status.st_mode) & 0o077:
        problem = _loose(path, status.st_mode, "600")
    if problem is not None:
        os.close(fd)
        raise problem
    return fd


def _loose(path: Path, mode: int, wanted: str) -> CredentialsError:
    return CredentialsError(
        "{path} is open to others (mode {mode:o})",
        hint="chmod {wanted} {path}",
        code="loose_mode",
        path=Raw(str(path)),
        mode=stat.S_IMODE(mode),
        wanted=Raw(wanted),
    )


def file_system(path: Path, mounts: str = "/proc/self/mountinfo") -> str | None:
    """The type of the file system that a path is on, None where the machine does not say."""
    try:
        with open(mounts, encoding="utf-8", errors="surrogateescape") as table:  # noqa: PTH123
            lines = table.readlines()
    except OSError:
        return None
    real, best, found = os.path.realpath(path), -1, None
    for line in lines:
        before, _, after = line.partition(" - ")
        words = before.split()
        if len(words) < 5 or not after:
            continue
        point = re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), words[4])
        if (real == point or real.startswith(point.rstrip("/") + "/")) and len(point) >= best:
            best, found = len(point), after.split()[0]
    return found


def check_file_system(folder: Path, *, allowed: bool = False, mounts: str = "/proc/self/mountinfo") -> None:
    """ConfigurationError (78) where locks and fsync cannot be relied upon; `allowed` is the person's own word."""
    kind = None if allowed else file_system(folder, mounts)
    if kind is not None and (kind in NETWORK_FILE_SYSTEMS or kind == "fuse" or kind.startswith("fuse.")):
        raise ConfigurationError(
            "{path} is on {kind}, where locks and fsync cannot be relied upon: nothing is spent from there",
            hint="keep ESIMCTL_HOME on a local disk, or set settings.allow_network_files = true",
            code="network_file_system",
            path=Raw(str(folder)),
            kind=Raw(kind),
        )
