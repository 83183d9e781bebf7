"""Which machine this is: a random id beside what else does not travel with the home; never a host's name."""

import errno
import os
from collections.abc import Mapping
from typing import Final

from esimctl.errors import ConfigurationError, reason_of
from esimctl.store.files import make_folder, replace
from esimctl.store.paths import open_private, state_folder
from esimctl.values.regex import regex
from esimctl.values.sentence import Raw

VARIABLE: Final = "ESIMCTL_MACHINE"
FILE: Final = "machine"
_ID: Final = regex(r"[!-~]{1,64}\Z")


def known_machine(environ: Mapping[str, str]) -> str | None:
    """The id of this machine, None where it has none yet. ConfigurationError (78) for a variable that can be none."""
    given = environ.get(VARIABLE, "")
    if given:
        if not _ID.match(given):
            raise ConfigurationError(
                "ESIMCTL_MACHINE takes 1 to 64 printable ASCII characters without spaces, not {text!r}",
                code="bad_variable", text=Raw(given),
            )  # fmt: skip
        return given
    folder = state_folder(environ)
    if folder is None or not folder.is_dir():
        return None
    try:
        fd = open_private(folder / FILE)
    except FileNotFoundError:
        return None
    with os.fdopen(fd, "rb") as file:
        text = file.read(80).decode("ascii", "replace").strip()
    return text if _ID.match(text) else None


def this_machine(environ: Mapping[str, str]) -> str:
    """The id of this machine, made and kept (0600) where there is none. ConfigurationError (78) where it cannot be."""
    known = known_machine(environ)
    if known is not None:
        return known
    made, folder = os.urandom(8).hex(), state_folder(environ)
    try:
        if folder is None:
            raise NotADirectoryError(errno.ENOTDIR, "there is no home folder")
        make_folder(folder)
        replace(folder / FILE, f"{made}\n".encode())
    except OSError as error:
        raise ConfigurationError(
            "the id of this machine cannot be kept in {path}: {why}",
            hint="set ESIMCTL_MACHINE, or XDG_STATE_HOME to a folder that can be written", code="no_machine",
            path=Raw(str(folder or "~/.local/state/esimctl")), why=reason_of(error),
        ) from error  # fmt: skip
    return made
