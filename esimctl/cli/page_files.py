"""What commands share that can give their answer as a page for people: HTML or Markdown, on stdout or in a file."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from esimctl.cli.shared import Run
from esimctl.errors import UsageError

if TYPE_CHECKING:
    from esimctl.actions.result import Result

Format = Annotated[
    str | None,
    typer.Option("--format", metavar="html|markdown", help="As a page, to read or to print.", show_default=False),
]
To = Annotated[
    str | None, typer.Option("--to", metavar="FILE", help="Write the page to this file.", show_default=False)
]
Pages = Mapping[str, Callable[[Mapping[str, Any]], str]]
FORMS = ("html", "markdown")


def check_form(run: Run, form: str | None, to: str | None) -> None:
    """UsageError (2) for a page that cannot be, before anything is worked out."""
    if form is not None and form not in FORMS:
        raise UsageError("--format takes {forms}, not {form!r}", code="bad_format", forms=", ".join(FORMS), form=form)
    if form is None and to is not None:
        raise UsageError("--to FILE is for a page: say which with --format html or markdown", code="no_format")
    if form is not None and to is None and run.output == "json":
        raise UsageError("a page and a JSON document have no room on one stdout: --to FILE", code="two_answers")


def show(run: Run, result: "Result", form: str | None, to: str | None, pages: Pages) -> None:
    """The answer as it was asked for; with a page in a file a terminal is told of it, `--json` gives the document."""
    if form is None:
        run.show(result)
        return
    if run.opened is not None:
        run.opened.store.check_whole()
    text = pages[form](result.data)
    if to is None:
        run.terminal.write(text)
        run.tell_flaws()
        return
    from esimctl.actions.report.files import hand_page

    if run.opened is not None:
        run.opened.check_may_replace(to)
    hand_page(to, text)
    if run.output == "json":
        run.show(result)
        return
    run.wrote(to)
    run.tell_flaws()
