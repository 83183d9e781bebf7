"""A help page on one screen (`-h`): usage, the options that are used most, two examples, and where the rest stands."""

from collections.abc import Iterator, Sequence
from typing import Final

from esimctl.show.page import WIDEST, Page, Word, cells, described, paragraphs, rows, wrap
from esimctl.show.words import say

ROWS: Final = 23  #: of a terminal of 24, the last of which is the shell's prompt
MOST: Final = 12  #: arguments and options, the required ones among them
EXAMPLES: Final = 2


def screen(page: Page, width: int) -> str:
    """The page in at most 23 rows of `width` columns: what matters least is left out until it fits."""
    width = max(min(width, WIDEST), 40)
    for lines in _commands(page, width) if page.commands else _options(page, width):
        if len(lines) <= ROWS:
            break
    return "\n".join(lines) + "\n"


def _head(page: Page, width: int) -> list[str]:
    """How it is typed, and in one paragraph what it is for."""
    usage = f"{say('Usage')}: {page.usage}"
    about = paragraphs(page.summary)[:1]
    return [*_usage(usage, width), "", *(f"  {line}" for text in about for line in wrap(say(text), width - 2))]


def _usage(usage: str, width: int) -> list[str]:
    first, *rest = wrap(usage, width - 4)
    return [first, *(f"    {line}" for line in rest)]


def _options(page: Page, width: int) -> Iterator[list[str]]:
    """Screens with fewer and fewer options."""
    words = [*page.arguments, *most_used(page)]
    head = _head(page, width)
    examples = [line for example in shortest(page.examples) for line in typed(example, width)]
    end = ["", f"{say('Examples')}:", *examples, "", *wrap(say("all options: --help"), width)]
    for count in range(min(len(words), MOST), -1, -1):
        table = rows([_brief(word) for word in words[:count]], width)
        yield [*head, *([""] if table else []), *table, *end]


def typed(command: str, width: int) -> list[str]:
    """A command as it can be typed or pasted: where it is long it goes on after a backslash."""
    lines = [""]
    for part in command.replace(" -", "\0-").split("\0"):  # an option stays with its value
        if lines[-1] and cells(lines[-1]) + 1 + cells(part) > width - 2:
            lines.append("   ")
        lines[-1] += f" {part}" if lines[-1] else part
    return [f"  {line} \\" for line in lines[:-1]] + [f"  {lines[-1]}"]


def most_used(page: Page) -> list[Word]:
    """Options in the order in which a person looks for them: required ones, what the command names, then the others."""
    wanted = [word for word in page.own if "--help" not in word.names]
    places = {name: at for at, name in enumerate(page.first)}
    return sorted(wanted, key=lambda word: (not word.required, places.get(word.names[0], len(places))))


def shortest(examples: Sequence[str]) -> list[str]:
    """Two examples, the first one always among them."""
    return [*examples[:1], *sorted(examples[1:], key=len)[: EXAMPLES - 1]]


def _brief(word: Word) -> tuple[str, str]:
    """The row of an option with the first of its sentences."""
    return described(word._replace(help=word.help and first_sentence(say(word.help))))


def first_sentence(text: str) -> str:
    """A sentence up to its full stop, in Latin, Chinese or Khmer script."""
    ends = [at + len(mark.rstrip()) for mark in (". ", "。", "។") if (at := text.find(mark)) >= 0]
    return text[: min(ends)].rstrip() if ends else text


def _commands(page: Page, width: int) -> Iterator[list[str]]:
    """Screens of a group, ever denser: sentences are cut to a row, blanks go, the last headings keep names alone."""
    head = _head(page, width)
    close = wrap(" ".join([*filter(None, [first_sentence(say(page.closing))]), say("all commands: --help")]), width)
    sections = [
        (f"{say(heading)}:", [(name, first_sentence(say(sentence))) for name, sentence in commands])
        for heading, commands in page.commands
    ]
    yield [*head, *(line for heading, pairs in sections for line in ("", heading, *rows(pairs, width))), "", *close]
    for whole in range(len(sections), -1, -1):
        body = [line for heading, pairs in sections[:whole] for line in (heading, *_cut_rows(pairs, width))]
        names = [(heading, ", ".join(name for name, _ in pairs)) for heading, pairs in sections[whole:]]
        yield [*head, "", *body, *(line[2:] for line in rows(names, width + 2)), "", *close]


def _cut_rows(pairs: Sequence[tuple[str, str]], width: int) -> Iterator[str]:
    """A row for each command, the sentence cut where it is longer."""
    column = max(cells(name) for name, _ in pairs) + 4
    for name, sentence in pairs:
        first, *rest = wrap(sentence, width - column - 1)
        yield f"  {name}".ljust(column) + first + ("…" if rest else "")
