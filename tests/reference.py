"""The README's reference, generated from what the help is made of: commands, codes, variables, documents."""

from collections.abc import Iterator
from pathlib import Path

from esimctl.cli import application
from esimctl.cli.pages import pages
from esimctl.documents.schemas import names
from esimctl.environment import VARIABLES
from esimctl.errors import EXIT_CODES
from esimctl.show.page import Page

README = Path(__file__).parent.parent / "README.md"
BEGIN, END = "<!-- reference: generated, do not edit -->", "<!-- end of reference -->"
CODES_BEGIN, CODES_END = "<!-- exit codes: generated, do not edit -->", "<!-- end of exit codes -->"


def reference() -> str:
    """Every command with its options, every variable, every document, as Markdown."""
    root, *rest = pages(application())
    common = {word.names[0]: word for page in rest for word in page.options if word.common}
    lines = ["### Commands", "", "Options that every command takes: " + ", ".join(
        f"`{', '.join(word.names)}{' ' + word.value if word.value else ''}`" for word in common.values()
    ) + ".", ""]  # fmt: skip
    for page in (root, *rest):
        if page is root or not page.commands:
            lines += list(_command(page))
    lines += ["", "### Environment", "", "| variable | meaning |", "| --- | --- |"]
    lines += [f"| `{name}` | {meaning.replace('|', chr(92) + '|')} |" for name, meaning in VARIABLES.items()]
    lines += ["", "### Documents", "", "`esimctl schema NAME` prints the JSON Schema of each: "]
    lines[-1] += ", ".join(f"`esimctl.{name}/1`" for name in names()) + "."
    return "\n".join(lines) + "\n"


def _command(page: Page) -> Iterator[str]:
    yield f"* `{page.usage}`: {' '.join(page.summary.split())}"
    own = [word for word in page.options if not word.common]
    if own:
        said = "; ".join(
            f"`{', '.join(word.names)}{' ' + word.value if word.value else ''}` {word.help.rstrip('.')}" for word in own
        )
        yield f"  Options: {said}."


def exit_codes() -> str:
    """The table of exit codes as Markdown."""
    lines = ["| code | meaning | did money move? |", "| --- | --- | --- |"]
    lines += [f"| {int(code)} | {meaning} | {moved} |" for code, (meaning, moved) in EXIT_CODES.items()]
    return "\n".join(lines) + "\n"


def generated(text: str) -> str:
    """A README with its generated parts as they have to be."""
    for begin, end, made in ((BEGIN, END, reference()), (CODES_BEGIN, CODES_END, exit_codes())):
        head, _, tail = text.partition(begin)
        _, _, rest = tail.partition(end)
        text = f"{head}{begin}\n{made}{end}{rest}"
    return text
