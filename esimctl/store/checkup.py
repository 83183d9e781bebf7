"""What can be seen of the machine without changing it: room on the disk, completion scripts that were put somewhere."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

#: shell → where people and packages put the script, below the home folder
PLACES: Final = {
    "bash": (".local/share/bash-completion/completions/esimctl",),
    "zsh": (".zfunc/_esimctl", ".zsh/completions/_esimctl", ".local/share/zsh/site-functions/_esimctl"),
    "fish": (".config/fish/completions/esimctl.fish", ".local/share/fish/vendor_completions.d/esimctl.fish"),
}


def free_bytes(folder: Path) -> int | None:
    """Octets that may still be written where a folder is, or will be; None where that cannot be told."""
    for place in (folder, *folder.parents):
        try:
            found = os.statvfs(place)
        except OSError:
            continue
        return found.f_bavail * found.f_frsize
    return None


def installed_completions(environ: Mapping[str, str]) -> dict[tuple[str, str], str]:
    """(shell, path) → text of every completion script of ours in the usual places of a person's home."""
    home = environ.get("HOME")
    found: dict[tuple[str, str], str] = {}
    if not home:
        return found
    for shell, places in PLACES.items():
        for place in places:
            path = Path(home) / place
            try:
                found[shell, str(path)] = path.read_text(encoding="utf-8")
            except (OSError, UnicodeDecodeError):
                continue
    return found
