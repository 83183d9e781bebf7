"""Names out of a profile's files for shell completion: headings only, nothing is parsed, locked or checked."""

import re
from collections.abc import Iterator
from pathlib import Path

from esimctl.store.files import read_bytes
from esimctl.store.paths import active_profile, profile_folder
from esimctl.values.regex import regex

#: How much of the newest journal segment is looked at for order ids, in octets.
TAIL = 65_536

_TAGS = regex(r"^[ \t]*tags[ \t]*=[ \t]*(\[[^\]]*\]|[^\n]*)", re.MULTILINE)
_OWNER = regex(r'^owner = "([^"\\]+)"$', re.MULTILINE)
_WORD = regex(r"""["']([a-z0-9][a-z0-9_-]{0,31})["']""")
_ORDER = regex(r'^order = "([A-Za-z0-9_-]{1,64})"$', re.MULTILINE)
_HEAD = regex(r"""^\[["']?([^]"'.]+)["']?\]$""", re.MULTILINE)
_TEXT = regex(r"""^([a-z_]+) = ["'](.*)["']$""")


class ProfileNames:
    """The names in one profile's files; what is not there, or cannot be read, holds none."""

    def __init__(self, home: Path, profile: str | None) -> None:
        self.folder = profile_folder(home, profile or active_profile(home) or "default")
        self._profile: str | None = None

    @property
    def profile(self) -> str:
        """The text of profile.toml."""
        if self._profile is None:
            self._profile = _text(self.folder / "profile.toml")
        return self._profile

    def tables(self, table: str) -> tuple[str, ...]:
        """The names of `[table.NAME]` tables of profile.toml, in their order."""
        start = f"[{table}."
        lines = (line.strip() for line in self.profile.splitlines())
        heads = (line[len(start) : -1].strip('"') for line in lines if line.startswith(start) and line.endswith("]"))
        return tuple(dict.fromkeys(name.partition(".")[0] for name in heads))

    def texts(self, table: str, name: str) -> dict[str, str]:
        """The plain texts of `[table.NAME]`, by their keys."""
        found: dict[str, str] = {}
        here = False
        for line in map(str.strip, self.profile.splitlines()):
            if line.startswith("["):
                here = line in (f"[{table}.{name}]", f'[{table}."{name}"]')
            elif here and (pair := _TEXT.match(line)):
                found[pair[1]] = pair[2]
        return found

    def tags(self) -> tuple[str, ...]:
        """The tags of lines, each once: the words of `tags = [...]`, wherever they stand."""
        return tuple(dict.fromkeys(word for found in _TAGS.findall(self.profile) for word in _WORD.findall(found)))

    def owners(self) -> tuple[str, ...]:
        """Whose lines there are."""
        return tuple(dict.fromkeys(_OWNER.findall(self.profile)))

    def orders(self) -> tuple[str, ...]:
        """The newest orders of the journal's last segment, the newest first."""
        try:
            newest = max((self.folder / "journal").glob("[0-9]*.toml"))
            text = read_bytes(newest)[-TAIL:].decode("utf-8", "replace")
        except (OSError, ValueError):
            return ()
        return tuple(dict.fromkeys(reversed(_ORDER.findall(text))))

    def offers(self, seller: str | None = None) -> Iterator[str]:
        """The plan ids of resellers' lists, of one or of all, from the copies that are kept of them."""
        for copy in sorted((self.folder / "offers").glob("*.toml")):
            if seller in (None, copy.stem):
                yield from (line[7:-2] for line in _text(copy).splitlines() if line.startswith('[plan."'))

    def targets(self) -> tuple[str, ...]:
        """Where alerts go."""
        return tuple(_HEAD.findall(_text(self.folder / "targets.toml")))

    def own_files(self) -> list[Path]:
        """The person's own rows of the catalogue."""
        return sorted(path for path in (self.folder / "catalogue").glob("*.toml") if not path.name.startswith("."))

    def own_rows(self) -> str:
        """All of them as one text."""
        return "\n".join(_text(path) for path in self.own_files())


def _text(path: Path) -> str:
    try:
        return read_bytes(path).decode()
    except (OSError, UnicodeDecodeError):
        return ""
