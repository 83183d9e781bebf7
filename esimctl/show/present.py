"""One result, shown once: as a document, as rows for a pipe, or for a person on a terminal.

Every document has a view: its columns, the name of its list, and how a person sees it. The views are in this room,
one module for each kind of document, loaded when it is shown.
"""

from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from itertools import islice
from json import dumps
from typing import Any

from esimctl.documents.document import ABSENT, Document, json_text
from esimctl.errors import EsimctlError, UsageError
from esimctl.show.terminal import Terminal
from esimctl.show.view import Column, OutputForm, View, heading
from esimctl.show.words import say
from esimctl.values.sentence import Raw, commas
from esimctl.values.text import clean

NOTHING: Mapping[str, bool] = {}

#: document → module of this room that holds its VIEW
VIEWS = {
    "balance": "balance",
    "plans": "plans",
    "plan": "plan_card",
    "carriers": "carriers",
    "policy": "policies",
    "promotions": "promotions",
    "recommendation": "recommendation",
    "comparison": "plans",
    "plan-changes": "changes",
    "import": "changes",
    "order": "order",
    "transactions": "orders",
    "export": "records",
    "transactions-import": "records",
    "lines": "lines",
    "line": "line",
    "qr": "qr",
    "bulk": "bulk",
    "payments": "setup",
    "providers": "setup",
    "provider": "setup",
    "providers-check": "setup",
    "payment": "setup",
    "profiles": "setup",
    "profile": "setup",
    "message": "setup",
    "autotopup": "autotopup",
    "autotopup-set": "autotopup",
    "autotopup-why": "autotopup",
    "autotopup-run": "autotopup",
    "autotopup-log": "autotopup",
    "targets": "reminders",
    "reminders": "reminders",
    "second-factor": "reminders",
    "check": "check",
    "schedule": "schedule",
    "reconcile": "records",
    "simulation": "simulation",
    "story": "simulation",
    "what-if": "simulation",
    "audit": "records",
    "report": "report",
    "receipt": "receipt",
    "doctor": "doctor",
    "sharing": "use",
    "khqr": "qr",
    "device": "policies",
    "reading": "use",
    "usage-import": "use",
    "usage": "use",
    "forecast": "forecast",
    "pattern": "use",
    "patterns": "use",
    "budget": "setup",
    "backup": "doctor",
    "restore": "doctor",
    "merge": "doctor",
    "install": "lines",
    "install-guide": "lines",
}


def view_of(name: str) -> View:
    """The view of a document; unknown names have none and are shown as JSON."""
    module = import_module(f"esimctl.show.cards.{VIEWS[name]}")
    views: Mapping[str, View] = module.VIEWS
    return views[name]


def schema_of(name: str) -> str:
    """What a document says that it is."""
    return f"esimctl.{name}/1"


def document(name: str, data: Document) -> str:
    """The one JSON document of an answer, ended by a newline."""
    return "".join(pieces(name, data, {}))


def pieces(name: str, data: Document, beside: Mapping[str, bool]) -> Iterator[str]:
    """The document in pieces: one, or many where it holds `profile.rows`, which may be a million.

    `beside` is what stands in documents of every kind: whether rows were left out, whether this is a rehearsal.
    """
    own = {key: getattr(data, name) for name, key in data.__record_fields__.items()}
    whole = {"schema": schema_of(name), **{key: each for key, each in own.items() if each is not ABSENT}, **beside}
    if not any(hasattr(value, "pieces") for value in whole.values()):
        yield json_text(whole) + "\n"
        return
    before = "{"
    for key, value in whole.items():
        yield f"{before}{dumps(key)}: "
        if hasattr(value, "pieces"):
            yield from value.pieces()
        else:
            yield json_text(value)
        before = ", "
    yield "}\n"


def error_document(error: EsimctlError, exit_code: int | None = None) -> str:
    """A failure as `esimctl.error/1`; its sentences are in English. `exit_code` is this run's, where it differs."""
    from esimctl.documents.orders import ErrorDocument, FailurePart

    failure = FailurePart(
        code=error.code,
        exit_code=int(error.exit_code) if exit_code is None else exit_code,
        message=clean(error.message),
        hint=None if error.hint is None else clean(error.hint),
        retry_safe=error.retry_safe,
    )
    return document("error", ErrorDocument(error=failure, order=error.order))


def present(
    form: OutputForm,
    name: str,
    data: Document,
    terminal: Terminal,
    beside: Mapping[str, bool] = NOTHING,
) -> None:
    """Put a result on stdout in the form that was asked for; `beside` are further keys of its JSON."""
    if form.output == "json":
        if form.columns is not None:
            choose(view_of(name), form.columns)
        first, more = _limited(form, name, data)
        for piece in pieces(name, first, {**beside, "more": True} if more else beside):
            terminal.write(piece)
        return
    view = view_of(name)
    if form.output == "table" and view.person is not None and form.columns is None:
        view.person(_limited(form, name, data)[0], terminal)
        return
    columns = choose(view, form.columns, sheet=form.output == "csv")
    every = islice(view.rows(data) if view.rows is not None else [data], form.limit)
    if form.output == "table":
        _table(view, form, columns, list(every), terminal)
        return
    from esimctl.show.separated import csv_line, tsv_line

    line = csv_line if form.output == "csv" else tsv_line
    with_header = form.header if form.header is not None else form.output == "csv"
    if with_header:
        terminal.write(line([column.name for column in columns]))
    for row in every:
        terminal.write(line([column.cell(row) for column in columns]))


def _table(view: View, form: OutputForm, columns: Sequence[Column[Any]], rows: list[Any], terminal: Terminal) -> None:
    """A list for a person: the view's own columns, or those that were asked for."""
    from esimctl.show.table import draw, listed

    if not rows:
        if view.empty:
            terminal.note(say(view.empty))
    elif form.columns is not None or form.header is False:
        draw(columns, rows, terminal, header=form.header is not False, chosen=form.columns is not None)
    else:
        listed(view.screen or columns, rows, terminal, most=view.most, showing=view.showing)


def choose(view: View, names: str | None, *, sheet: bool = False) -> list[Column[Any]]:
    """The columns asked for, in that order, by their keys or by the heads that a person sees.

    An unknown one is refused with the list of those there are.
    """
    if names is None:
        return [column for column in view.columns if column.shown or (sheet and column.sheet)]
    every = (*view.screen, *view.columns)
    known = {heading(column).lower(): column for column in every} | {column.name: column for column in every}
    chosen = []
    for name in (part.strip() for part in names.split(",")):
        if name.lower() not in known:
            keys = [column.name for column in view.columns]
            raise UsageError(
                "there is no column {column!r}; there are: {columns}", column=Raw(name), columns=commas(keys)
            )
        chosen.append(known[name.lower()])
    return chosen


def _limited(form: OutputForm, name: str, data: Document) -> tuple[Document, bool]:
    """The document with its first rows only, and whether there are others.

    Its rows are the list that is named after it, else the first list in it.
    """
    own = {key: getattr(data, key) for key in data.KEYS}
    lists = [key for key, value in own.items() if isinstance(value, list | tuple) or hasattr(value, "pieces")]
    if form.limit is None or not lists:
        return data, False
    key = name if name in lists else lists[0]
    kept = list(islice(own[key], form.limit + 1))  # one more tells whether there are others
    if len(kept) <= form.limit:
        return data, False
    return data.__replace__(**{key: kept[: form.limit]}), True
