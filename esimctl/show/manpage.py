"""The manual page esimctl(1), in roff, from the same pages and tables as the help. In English, like the scripts."""

from collections.abc import Iterable, Iterator

from esimctl.environment import VARIABLES
from esimctl.errors import EXIT_CODES
from esimctl.show.page import Page, Word, paragraphs
from esimctl.show.pages import FORMATS, VALUES

FILES = {
    "$ESIMCTL_HOME/profiles/NAME/profile.toml": "what you decided: providers, payment methods, lines, rules",
    "$ESIMCTL_HOME/profiles/NAME/journal/": "what happened: append only, checksummed, the truth about money",
    "$ESIMCTL_HOME/profiles/NAME/state.toml": "what follows from both; may be deleted at any time",
    "$ESIMCTL_HOME/profiles/NAME/vault/": "activation codes, a file a line",
    "$ESIMCTL_HOME/profiles/NAME/evidence/": "raw answers of providers, without secrets",
    "$ESIMCTL_HOME/sandbox/": "the embedded operator's own books",
    "$ESIMCTL_HOME/crash/": "tracebacks of bugs, without secrets",
}


def escaped(text: str) -> str:
    """Text as roff takes it: its own characters made harmless, hyphens that can be typed again."""
    made = text.replace("\\", "\\e").replace("-", "\\-").replace("…", "...")
    return "\\&" + made if made.startswith((".", "'")) else made


def manpage(pages: Iterable[Page], version: str) -> str:
    """The whole manual, ended by a newline."""
    root, *rest = pages
    lines = [
        f'.TH ESIMCTL 1 "" "esimctl {version}" "User Commands"',
        ".SH NAME",
        "esimctl \\- " + escaped(root.summary.rstrip(".")),
        ".SH SYNOPSIS",
        ".B esimctl",
        "COMMAND [OPTIONS]",
        ".SH DESCRIPTION",
        "Begin with",
        '.BR "esimctl tour" ,',
        "which shows the whole journey in a throw\\-away profile.",
        ".SH COMMANDS",
    ]
    common: dict[str, Word] = {}
    for page in rest:
        lines += _command(page)
        common |= {word.names[0]: word for word in page.options if word.common}
    lines += [".SH COMMON OPTIONS", *_words(common.values())]
    lines += [".SH OUTPUT", *_terms(FORMATS.items()), ".SH VALUES", *_terms(VALUES.items())]
    codes = ((str(int(code)), f"{meaning} (money moved: {moved})") for code, (meaning, moved) in EXIT_CODES.items())
    lines += [".SH EXIT STATUS", *_terms(codes)]
    lines += [".SH ENVIRONMENT", *_terms(VARIABLES.items()), ".SH FILES", *_terms(FILES.items())]
    return "\n".join(lines) + "\n"


def _command(page: Page) -> Iterator[str]:
    yield ".SS " + escaped(page.usage if not page.commands else " ".join(page.path) + " COMMAND")
    for paragraph in paragraphs(page.summary):
        yield ".PP"
        yield escaped(paragraph)
    if page.commands:
        return
    yield from _words(page.arguments)
    yield from _words(word for word in page.options if not word.common)
    if page.examples:
        yield ".PP"
        yield ".nf"
        yield from ("    " + escaped(example) for example in page.examples)
        yield ".fi"


def _words(words: Iterable[Word]) -> Iterator[str]:
    for word in words:
        names = ", ".join(f"\\fB{escaped(name)}\\fR" for name in word.names)
        value = f"\\fI{escaped(word.value)}\\fR" if word.value else ""
        yield ".TP"
        yield " ".join(part for part in (names, value) if part)
        yield escaped(word.help) + (f" (default: {escaped(word.default)})" if word.default else "")


def _terms(pairs: Iterable[tuple[str, str]]) -> Iterator[str]:
    for term, sentence in pairs:
        yield ".TP"
        yield f"\\fB{escaped(term)}\\fR"
        yield escaped(sentence)
