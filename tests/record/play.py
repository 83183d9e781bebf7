"""Playing a story in this process, and writing down what a script would see of it.

Whatever is drawn by chance or belongs to the machine (ids, keys, digests, paths, versions) is written as the kind of
thing that it is and the number of its first appearance in the story, so that what remains is the same on every machine
for as long as the program answers as it did.
"""

import os
import random
import re
import secrets
import shlex
import tarfile
import tempfile
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Final
from unittest.mock import patch

from esimctl import __version__
from tests.in_process import command
from tests.record.stories import BEGIN, FORMER, STORIES

OUTPUTS: Final = ("table", "tsv", "csv", "json")
LANGUAGES: Final = ("en", "zh-CN", "km")
Answer = tuple[int, str, str]  #: exit code, stdout, stderr
LENGTH: Final = 100  #: characters of the path of every home: columns that show it are as wide everywhere
FORMER_HOME: Final = Path(__file__).parent / "former" / "home-20b50ae.tar.gz"
#: every output in every language
FORMS: Final = tuple(product(OUTPUTS, LANGUAGES))

#: kind → what it looks like; the first that fits names it
CHANCE: Final = {
    "order": re.compile(r"(?:(?<=\\n)|\b)L?\d{6}-[0-9a-f]{8}\b"),
    "uuid": re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"),
    "sale": re.compile(r"\bSB-\d{6}\b"),
    "many": re.compile(r"\bmany-[0-9a-f]{12}\b"),
    "digest": re.compile(r"\b[0-9a-f]{64}\b"),
    "token": re.compile(r"\b(?=[0-9a-f]*[a-f])(?=[0-9a-f]*\d)(?:[0-9a-f]{16}|[0-9a-f]{32}|[0-9a-f]{40})\b"),
}
_ANY: Final = re.compile("|".join(f"(?P<{kind}>{pattern.pattern})" for kind, pattern in CHANCE.items()))
_NAMED: Final = re.compile(r"<(?:order|uuid|sale|many|digest|token)-\d+>")


class Names:
    """What the things of chance in one story are called: `order-1`, `order-2`, `digest-1` …, and back."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.called: dict[str, str] = {}
        self.meant: dict[str, str] = {}
        self.seen: dict[str, int] = {}

    def hide(self, text: str) -> str:
        """A text without chance and machine."""
        told = text.replace(str(self.home), "HOME").replace(f"esimctl {__version__}", "esimctl VERSION")
        return _ANY.sub(self._called, told)

    def _called(self, found: re.Match[str]) -> str:
        drawn, kind = found[0], str(found.lastgroup)
        if drawn not in self.called:
            self.seen[kind] = self.seen.get(kind, 0) + 1
            self.called[drawn] = f"<{kind}-{self.seen[kind]}>"
            self.meant[self.called[drawn]] = drawn
        return self.called[drawn]

    def meaning(self, word: str) -> str:
        """A word of a step, with the things that it stands for."""
        return _NAMED.sub(lambda found: self.meant.get(found[0], found[0]), word)


def steps(story: str) -> Iterator[tuple[str, str, str]]:
    """(time, command line, stdin) of each step."""
    now = BEGIN
    for line in filter(None, map(str.strip, story.splitlines())):
        if line.startswith("@"):
            time, _, line = line.partition(" ")
            now = time[1:]
        words, _, given = line.partition(" << ")
        yield now, words, given.replace("\\n", "\n")


def answered(words: list[str], home: Path, language: str, now: str, given: str, drawn: random.Random) -> Answer:
    """(exit code, stdout, stderr) of a command line in an environment that holds nothing of this machine."""
    kept = {name: value for name, value in os.environ.items() if name in {"PYTHONPATH", "SYSTEMROOT"}}
    environ = {
        **kept, "HOME": str(home), "ESIMCTL_HOME": str(home / "home"), "XDG_STATE_HOME": str(home / "state"),
        "ESIMCTL_LANG": language, "ESIMCTL_NOW": now, "COLUMNS": "80", "PATH": str(home / "bin"), "TZ": "UTC",
    }  # fmt: skip
    # the operator's card numbers and codes
    with patch.object(secrets, "randbelow", drawn.randrange), patch.object(secrets, "choice", drawn.choice):
        return command(words, environ, given)


def play(name: str, output: str, language: str) -> tuple[str, str]:
    """(what was answered, what the journal got) of a story in one output and language."""
    with tempfile.TemporaryDirectory() as place:
        home = Path(place) / ("h" * (LENGTH - len(place) - 1))
        home.mkdir()
        return play_in(home, name, output, language)


def play_in(home: Path, name: str, output: str, language: str) -> tuple[str, str]:
    """A story in a folder of its own."""
    if name in FORMER:
        unpack_former(home)
    before = {path: path.read_text("utf-8") for path in journals(home)}
    names, told, drawn = Names(home), [], random.Random(name)
    for now, line, given in steps(STORIES[name]):
        words = [names.meaning(word) for word in shlex.split(line)]
        words += ["-o", output] if takes_output(words) else []
        code, out, err = answered(words, home, language, now, given, drawn)
        heard = "".join(f"! {each}\n" for each in err.splitlines())
        # hidden step by step, so that the next step can name what this one drew
        told.append(names.hide(f"$ {line}\n[{code}]\n{out}{heard}".replace("\r\n", "\\r\n")))
    kept = [f"== {path.relative_to(home / 'home')}\n{added(path, before)}" for path in journals(home)]
    return "".join(told), names.hide("".join(kept))


def unpack_former(home: Path) -> None:
    """Put the home of 20b50ae where a story begins."""
    with tarfile.open(FORMER_HOME) as archive:
        archive.extractall(home, filter="data")


def journals(home: Path) -> list[Path]:
    """The segments of every profile's journal, in order."""
    return sorted((home / "home").glob("profiles/*/journal/*.toml"))


def added(path: Path, before: dict[Path, str]) -> str:
    """What a segment got; what was there already must be there still."""
    text, former = path.read_text("utf-8"), before.get(path, "")
    assert text.startswith(former), f"{path.name}: what was written has changed"
    return text[len(former) :]


def takes_output(words: list[str]) -> bool:
    """Whether a command line may be given `-o`: a monitor's line and the program's version have one form."""
    return "--plugin" not in words and words[0] not in {"--version", "help"}


__all__ = ["FORMS", "LANGUAGES", "OUTPUTS", "play", "unpack_former"]
