"""What a profile that came from elsewhere would run or talk to, and whether a person has said that it may.

Values that came with a backup are named, by a digest, in the file `brought` of the profile. A person's word for one of
them lies outside the home, in the platform's folder for state, so that no backup, copy or archive can bring it along;
there it also stands which profiles were made here. What the owner writes into profile.toml by hand is not brought.
"""

import json
import os
from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, NamedTuple

from esimctl.errors import CredentialsError
from esimctl.store.files import make_folder, read_bytes, replace, write_all
from esimctl.store.paths import profile_names
from esimctl.values.sentence import Raw, Sentence
from esimctl.values.toml import Toml, tables_at

FILE: Final = "brought"
#: keys of a provider's table that start a program, name who is asked and believed, or a file that is read and written
KEYS: Final = ("key_command", "base_url", "ca_file", "key_file")
_HERE: Final = "here"
_MOST: Final = 4 << 20  #: octets of a file of ours that are read
_MORE: Final = os.O_WRONLY | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK


class Reach(NamedTuple):
    """One value by which a profile reaches beyond itself. `owner` is the provider or the target that has it."""

    owner: str
    key: str
    value: Any

    @property
    def digest(self) -> str:
        """Of key and value: whoever renames its owner changes nothing."""
        return sha256(json.dumps([self.key, self.value], default=str).encode()).hexdigest()[:32]

    @property
    def word(self) -> str:
        """What a person's word is given for: this value at this owner."""
        return sha256(f"{self.owner}|{self.digest}".encode()).hexdigest()[:32]

    @property
    def shown(self) -> str:
        """The value as it stands in profile.toml, nearly."""
        return self.value if isinstance(self.value, str) else json.dumps(self.value, ensure_ascii=False, default=str)


def reaches(doc: Mapping[str, Toml]) -> list[Reach]:
    """Every such value of a profile's providers, in their order."""
    return [
        Reach(name, key, table[key])
        for name, table in tables_at(doc, "provider").items()
        for key in KEYS
        if table.get(key)
    ]


def keep_brought(folder: Path, doc: Mapping[str, Toml], known: frozenset[str] = frozenset()) -> None:
    """Note in a profile's folder which of its values came from elsewhere, but for those that are `known` (digests)."""
    brought = sorted({reach.digest for reach in reaches(doc)} - known | _brought(folder))
    if brought:
        replace(folder / FILE, "".join(f"{digest}\n" for digest in brought).encode())


class Trust:
    """The words given for the profiles of a home. `state` is the platform's folder for our state, None without one."""

    def __init__(self, home: Path, profile: str, folder: Path, state: Path | None) -> None:
        self._home, self._profile, self._folder = home, profile, folder
        real = os.path.realpath(home)
        self._file = None if state is None else state / "trust" / sha256(os.fsencode(real)).hexdigest()[:32]

    @property
    def has_begun(self) -> bool:
        """Whether anything is noted of this home, or nothing could be."""
        return self._file is None or os.path.lexists(self._file)

    def held(self, found: Iterable[Reach]) -> list[Reach]:
        """Those of these values that nobody has given a word for: they are not used."""
        asked = list(found)
        if not asked:
            return []
        words = self._words()
        if words is None or _HERE in words:
            brought = _brought(self._folder)
            asked = [reach for reach in asked if reach.digest in brought]
        return [reach for reach in asked if reach.word not in (words or ())]

    def in_force(self, found: Iterable[Reach]) -> frozenset[str]:
        """The digests of those values that are used here."""
        every = list(found)
        held = {reach.word for reach in self.held(every)}
        return frozenset(reach.digest for reach in every if reach.word not in held)

    def settle(self, *, begin: bool = True) -> None:
        """Note that this profile was made here. The first note of a home takes in all profiles that stand there;
        without `begin` nothing is noted before that."""
        words = self._words()
        if self._file is None or (words is None and not begin):
            return
        if words is None:
            names = sorted({*profile_names(self._home), self._profile})
            self._begin([(name, _HERE) for name in names])
        elif _HERE not in words:
            self._add([(self._profile, _HERE)])

    def give(self, given: Iterable[Reach]) -> None:
        """A person's word for these values. CredentialsError (77) where there is no place to keep it."""
        if self._file is None:
            raise _no_place("XDG_STATE_HOME")
        try:
            if self._words() is None:
                self._begin([(name, _HERE) for name in profile_names(self._home)])
            self._add([(self._profile, reach.word) for reach in given])
        except OSError as error:
            raise _no_place(str(self._file), error.strerror) from None

    def moved(self, new: str) -> None:
        """The profile goes on under another name, and so do the words given for it."""
        words = self._words()
        if words:
            self._add([(new, word) for word in sorted(words)])

    def _words(self) -> set[str] | None:
        """What stands there of this profile; None where nothing stands there of the home."""
        try:
            lines = _lines(self._file) if self._file is not None else None
        except OSError:
            return set()  # there is something that cannot be read: nothing is taken for granted
        if lines is None:
            return None
        return {word for name, _, word in (line.partition(" ") for line in lines) if name == self._profile}

    def _begin(self, rows: Iterable[tuple[str, str]]) -> None:
        assert self._file is not None
        make_folder(self._file.parent)
        head = f"# esimctl: profiles that were made in {os.path.realpath(self._home)!a}, and what was trusted there\n"
        replace(self._file, head.encode() + _rows(rows))

    def _add(self, rows: Iterable[tuple[str, str]]) -> None:
        assert self._file is not None
        fd = os.open(self._file, _MORE)
        try:
            write_all(fd, b"\n" + _rows(rows))
            os.fsync(fd)
        finally:
            os.close(fd)


def _rows(rows: Iterable[tuple[str, str]]) -> bytes:
    return "".join(f"{name} {word}\n" for name, word in rows).encode()


def _brought(folder: Path) -> set[str]:
    return set(_lines(folder / FILE) or ())


def _lines(path: Path) -> list[str] | None:
    """The lines of a small file of ours, None where there is none. OSError where it cannot be read."""
    try:
        return read_bytes(path, _MOST).decode("ascii", "replace").splitlines()
    except FileNotFoundError:
        return None


def _no_place(path: str, why: str | None = None) -> CredentialsError:
    return CredentialsError(
        "your word cannot be kept: {path}: {why}",
        hint="set XDG_STATE_HOME to a folder of yours, an absolute path",
        code="no_place_for_trust",
        path=Raw(path),
        why=Raw(why) if why else Sentence("there is no folder for state"),
    )
