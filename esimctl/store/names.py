"""Names out of a profile's files for shell completion: headings only, nothing is parsed, locked or checked."""

import re
from pathlib import Path

from esimctl.store.paths import active_profile, profile_folder
from esimctl.store.replace import read_bytes

#: How much of the newest journal segment is looked at for order ids, in octets.
TAIL = 65_536

_TAGS = re.compile(r"^[ \t]*tags[ \t]*=[ \t]*(\[[^\]]*\]|[^\n]*)", re.MULTILINE)
_WORD = re.compile(r"""["']([a-z0-9][a-z0-9_-]{0,31})["']""")
_ORDER = re.compile(r'^order = "([A-Za-z0-9_-]{1,64})"$', re.MULTILINE)


def table_names(home: Path, profile: str | None, table: str) -> tuple[str, ...]:
    """The names of `[table.NAME]` tables of profile.toml, in their order."""
    folder = profile_folder(home, profile or active_profile(home) or "default")
    try:
        text = read_bytes(folder / "profile.toml").decode()
    except (OSError, UnicodeDecodeError):
        return ()
    start = f"[{table}."
    lines = (line.strip() for line in text.splitlines())
    heads = (line[len(start) : -1].strip('"') for line in lines if line.startswith(start) and line.endswith("]"))
    return tuple(dict.fromkeys(name.partition(".")[0] for name in heads))


def tag_words(home: Path, profile: str | None) -> tuple[str, ...]:
    """The tags of lines in profile.toml, each once: the words of its `tags = [...]`, wherever they stand."""
    folder = profile_folder(home, profile or active_profile(home) or "default")
    try:
        text = read_bytes(folder / "profile.toml").decode()
    except (OSError, UnicodeDecodeError):
        return ()
    return tuple(dict.fromkeys(word for found in _TAGS.findall(text) for word in _WORD.findall(found)))


def order_ids(home: Path, profile: str | None) -> tuple[str, ...]:
    """The newest orders of the journal's last segment, the newest first."""
    folder = profile_folder(home, profile or active_profile(home) or "default") / "journal"
    try:
        newest = max(folder.glob("[0-9]*.toml"))
        text = read_bytes(newest)[-TAIL:].decode("utf-8", "replace")
    except (OSError, ValueError):
        return ()
    return tuple(dict.fromkeys(reversed(_ORDER.findall(text))))


def offered_plans(home: Path, profile: str | None) -> tuple[str, ...]:
    """The plan ids of resellers' catalogues, from the copies that are kept of them in the profile."""
    folder = profile_folder(home, profile or active_profile(home) or "default") / "cache"
    found: list[str] = []
    try:
        for copy in sorted(folder.glob("*.toml")):
            lines = read_bytes(copy).decode().splitlines()
            found += [line[7:-2] for line in lines if line.startswith('[plan."') and line.endswith('"]')]
    except (OSError, UnicodeDecodeError):
        return tuple(found)
    return tuple(found)


__all__ = ["offered_plans", "order_ids", "table_names", "tag_words"]
