"""Pages for people, HTML or Markdown, on stdout or in the file that a person named."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from esimctl.cli.shared import Run
from esimctl.documents.result import Result
from esimctl.errors import UsageError
from esimctl.show.words import say
from esimctl.store.output_file import hand_out, hand_out_stream
from esimctl.values.record import replace
from esimctl.values.sentence import Raw, Sentence, commas

if TYPE_CHECKING:
    from esimctl.documents.document import Document
    from esimctl.records.exporting import Export

Format = Annotated[
    str | None,
    typer.Option("--format", metavar="html|markdown", help="As a page, to read or to print.", show_default=False),
]

To = Annotated[
    str | None, typer.Option("--to", metavar="FILE", help="Write the page to this file.", show_default=False)
]

Pages = Mapping[str, Callable[[Any], str]]

FORMS = ("html", "markdown")


def check_form(run: Run, form: str | None, to: str | None) -> None:
    """UsageError (2) for a page that cannot be, before anything is worked out."""
    if form is not None and form not in FORMS:
        raise UsageError("--format takes {forms}, not {form!r}", code="bad_format", forms=commas(FORMS), form=Raw(form))
    if form is None and to is not None:
        raise UsageError("--to FILE is for a page: say which with --format html or markdown", code="no_format")
    if form is not None and to is None and run.output == "json":
        raise UsageError("a page and a JSON document have no room on one stdout: --to FILE", code="two_answers")


def show(run: Run, result: "Result[Document]", form: str | None, to: str | None, pages: Pages) -> None:
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

    if run.opened is not None:
        run.opened.check_may_replace(to)
    hand_page(to, text)
    if run.output == "json":
        run.show(result)
        return
    run.wrote(to)
    run.tell_flaws()


def put(run: Run, export: "Export", to: str | None) -> None:
    """Render the rows once. With `--json` the answer is one document: with `content`, or the file's `path`.

    A file is told of on a terminal alone.
    """
    from esimctl.show.exports import render

    pieces = render(export.form, export.head, export.counted())
    to_file = to not in (None, "-")
    if not to_file and run.output != "json":
        for piece in pieces:
            run.terminal.write(piece)
        for sentence in export.notes:
            run.terminal.note(say(sentence))
        run.tell_flaws()
        return
    content = None
    if to_file:
        if run.opened is not None:
            run.opened.check_may_replace(str(to))
        run.terminal.progress(Sentence("exporting"))
        hand_out_stream(str(to), (piece.encode() for piece in pieces), mode=export.mode)
    else:
        content = "".join(pieces)
    told = replace(export.head, records=export.count, path=to if to_file else None, content=content)
    run.show(Result("export", told, notes=export.notes), written=to_file)


def hand_page(path: str, text: str) -> None:
    """Write a page whole or not at all, readable by its owner alone; OutputFailed (74) says why it could not be."""
    hand_out(path, text.encode())
