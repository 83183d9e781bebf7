"""What a schedule carries of the environment in which it was installed: what decides where and how a run works.

Schedulers start a run with hardly any environment, HOME from the passwd. Credentials are never carried: crontabs and
units are no place for secrets.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from pwd import getpwuid
from typing import TYPE_CHECKING, Final

from esimctl.errors import ConfigurationError
from esimctl.profile.alert_targets import targets
from esimctl.values.sentence import Raw

if TYPE_CHECKING:
    from esimctl.profile.opened import Session

#: folders that the XDG specification names; one that is not absolute is ignored, here as everywhere
FOLDERS: Final = ("XDG_DATA_HOME", "XDG_STATE_HOME")


def carried(session: "Session") -> dict[str, str]:
    """Name → text of what the schedule sets. ConfigurationError (78) for a text that fits into no crontab or unit."""
    environ = session.environ
    found = {name: named for name in FOLDERS if (named := environ.get(name, "").strip()).startswith("/")}
    home = environ.get("HOME", "")
    if home.startswith("/") and home.rstrip("/") != passwd_home().rstrip("/"):
        found["HOME"] = home
    if _starts_commands(session) and (folders := _folders(environ.get("PATH", ""))):
        found["PATH"] = folders
    found |= {name: environ[name] for name in ("ESIMCTL_LANG", "ESIMCTL_MACHINE") if environ.get(name)}
    if not found.get("ESIMCTL_LANG") and (spoken := _spoken(environ)):
        found["LANG"] = spoken
    if environ.get("ESIMCTL_HOME"):
        found["ESIMCTL_HOME"] = str(session.home)
    for name, text in found.items():
        if not text.isprintable():
            raise ConfigurationError(
                "{name} holds a character that no schedule can carry: {text!r}", code="bad_variable",
                name=Raw(name), text=Raw(text),
            )  # fmt: skip
    return found


def _spoken(environ: Mapping[str, str]) -> str:
    """The locale of a person who reads another language than English, for messages; empty where it is English."""
    said = next((environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environ.get(name)), "")
    return "" if said.split(".")[0] in ("C", "POSIX") or said.startswith("en") else said


def passwd_home() -> str:
    """The home that the passwd has for this user, which every scheduler gives to a run; empty where there is none."""
    try:
        return getpwuid(os.geteuid()).pw_dir
    except KeyError:
        return ""


def login() -> str:
    """The name that the passwd has for this user; the number where there is none."""
    try:
        return getpwuid(os.geteuid()).pw_name
    except KeyError:
        return str(os.geteuid())


def _starts_commands(session: "Session") -> bool:
    """Whether a run may start a command of the person's own, which PATH finds, or which finds others by it."""
    commands = [table.get("key_command") for table in session.section("provider").values()]
    return any(commands) or any(target.kind == "command" for target in targets(session))


def _folders(path: str) -> str:
    """The folders of PATH that are there, each once; relative ones mean another place in a scheduler's hands."""
    folders = dict.fromkeys(each for each in path.split(os.pathsep) if each.startswith("/"))
    return os.pathsep.join(each for each in folders if Path(each).is_dir())
