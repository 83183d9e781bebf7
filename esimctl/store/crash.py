"""Crash files: where a bug leaves its traceback, for the person to read and to report.

No locals and no words of the command line are kept, and what looks like a secret is masked (R-104): a crash file is
meant to be attached to a report.
"""

import os
import platform
from collections.abc import Mapping
from pathlib import Path
from traceback import TracebackException

from platformdirs import user_state_path

from esimctl.values.regex import regex
from esimctl.values.secrecy import SHORTEST, without, without_known

#: How many crash files are kept; the oldest goes first.
KEPT = 10

#: Activation codes, bearer tokens, and digits that could be an ICCID, a phone or a card number.
_SECRET = regex(r"LPA:1\$[^\s'\"]+|1\$[^\s'\"$]+\$[^\s'\"]+|(?i:bearer\s+)[^\s'\"]+|\b\d{8,}\b|\b[0-9A-Za-z_\-]{32,}\b")

#: Variables of ours that hold no credential; the value of any other ESIMCTL_ variable is masked.
_HARMLESS = ("HOME", "PROFILE", "NOW", "LANG", "OUTPUT", "NO_INPUT", "DEBUG", "DEADLINE", "SETTLE_WINDOW")


def masked(text: str, environ: Mapping[str, str]) -> str:
    """The text without activation codes, tokens, long numbers and the values of credentials in the environment."""
    harmless = {f"ESIMCTL_{name}" for name in _HARMLESS}
    given = [
        value
        for name, value in environ.items()
        if name.startswith("ESIMCTL_") and name not in harmless and not name.endswith("_BASE_URL") and len(value) > 3
    ]
    for value in given:
        text = text.replace(value, "***")
    return _SECRET.sub("***", without_known(without(text, [value for value in given if len(value) >= SHORTEST])))


def crash_folder(environ: Mapping[str, str]) -> Path:
    """$ESIMCTL_HOME/crash, or the platform's folder for logs and states."""
    home = environ.get("ESIMCTL_HOME")
    if home:
        return Path(home) / "crash"
    return user_state_path("esimctl") / "crash"


def record_crash(error: BaseException, environ: Mapping[str, str], at: int) -> str | None:
    """Write the traceback to a new file (0600) and return its path; None where nothing can be written.

    `at` is the moment in nanoseconds since 1970, which names the file.
    """
    trace = "".join(TracebackException.from_exception(error, capture_locals=False).format())
    lines = [
        "esimctl crash file: no secrets, no local variables; please attach it to your report",
        f"version: {_version()}",
        f"python: {platform.python_version()} on {platform.system()} {platform.release()}",
        "",
        trace,
    ]
    try:
        folder = crash_folder(environ)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _sweep(folder)
        place = folder / f"crash-{at}.txt"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
        with os.fdopen(os.open(place, flags, 0o600), "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(masked("\n".join(lines), environ))
    except OSError:
        return None
    return str(place)


def _version() -> str:
    from esimctl import __version__

    return __version__


def _sweep(folder: Path) -> None:
    for old in sorted(folder.glob("crash-*.txt"))[: -(KEPT - 1)]:
        old.unlink(missing_ok=True)
