"""The command tree as completion scripts need it: for every path its commands, options and arguments."""

from collections.abc import Iterable, Mapping, Sequence

from esimctl.show.page import Page, Word

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
    """The command tree as the scripts need it. Keys are paths without the program's name: `plans list`.

    `closed` are the kinds whose words are all known when a script is written.
    """

    def __init__(self, pages: Iterable[Page], closed: Mapping[str, Sequence[str]]) -> None:
        self.closed = closed
        self.pages = {
            " ".join(page.path[1:]): page._replace(
                options=tuple(map(self._known, page.options)), arguments=tuple(map(self._known, page.arguments))
            )
            for page in pages
        }

    def commands(self, path: str) -> list[tuple[str, str]]:
        """The commands of a group with their line of help."""
        return [pair for _, pairs in self.pages[path].commands for pair in pairs]

    def options(self, path: str) -> tuple[Word, ...]:
        """The options of a command."""
        return self.pages[path].options

    def arguments(self, path: str) -> tuple[Word, ...]:
        """The arguments of a command."""
        return self.pages[path].arguments

    def _known(self, word: Word) -> Word:
        words = self.closed.get(word.kind or "")
        return word if words is None else word._replace(choices=tuple(words), kind=None)

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
        return [
            (word, takes(word)) for word in self.options(path) if word.value is not None and word.names[0] not in shared
        ]


def short(text: str) -> str:
    """The first sentence of a help text, without its full stop."""
    return text.split(". ")[0].rstrip(".")
