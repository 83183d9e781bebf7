"""The command tree as completion scripts need it: for every path its commands, options and arguments."""

from collections.abc import Iterable

from esimctl.show.page import Page, Word
from esimctl.show.screen import first_sentence

FREE, FILES = "free", "files"


def takes(word: Word) -> str:
    """How a value is completed: `ask KIND`, `one WORD …`, `list WORD …` (commas), `files`, `free`, '' for a flag."""
    if word.value is None:
        return ""
    if word.kind == "columns":
        return "list " + " ".join(word.choices)
    if word.choices:
        return "one " + " ".join(word.choices)
    if word.kind == FILES:
        return FILES
    return f"ask {word.kind}" if word.kind else FREE


class Tree:
    """The command tree as the scripts need it. Keys are paths without the program's name: `plans list`."""

    def __init__(self, pages: Iterable[Page]) -> None:
        self.pages = {" ".join(page.path[1:]): page for page in pages}

    def commands(self, path: str) -> list[tuple[str, str]]:
        """The commands of a group with their line of help."""
        return [pair for _, pairs in self.pages[path].commands for pair in pairs]

    def options(self, path: str) -> tuple[Word, ...]:
        """The options of a command."""
        return self.pages[path].options

    def arguments(self, path: str) -> list[tuple[str, str]]:
        """The arguments of a command that are completed: how many stand before it, or `many` → how."""
        words = enumerate(self.pages[path].arguments)
        return [("many" if word.many else str(at), takes(word)) for at, word in words if takes(word) != FREE]

    def valued(self) -> list[str]:
        """Every option that takes a value; such a name is a flag nowhere (a test says so)."""
        names = {name for path in self.pages for word in self.options(path) if word.value for name in word.names}
        return sorted(names)

    def shared(self) -> dict[str, str]:
        """Options that take the same everywhere → how their value is completed."""
        seen: dict[str, set[str]] = {}
        for path in self.pages:
            for word in self.options(path):
                for name in word.names:
                    if word.value is not None:
                        seen.setdefault(name, set()).add(takes(word))
        return {name: ways.pop() for name, ways in sorted(seen.items()) if len(ways) == 1}

    def special(self, path: str) -> list[tuple[Word, str]]:
        """The options of a path whose value is completed otherwise than elsewhere."""
        shared = self.shared()
        own = [word for word in self.options(path) if word.value is not None and word.names[0] not in shared]
        return [(word, takes(word)) for word in own]


def short(text: str) -> str:
    """The first sentence of a help text, without its full stop."""
    return first_sentence(text).rstrip(".")
