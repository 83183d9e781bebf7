"""How records are said to other tools: one module for each format, each a stream of text made from plain rows."""

from collections.abc import Iterable, Iterator
from importlib import import_module
from typing import Any

from esimctl.documents.orders import ExportDocument

#: format → module of this folder with a `render(head, rows)`
MODULES = {
    "csv": "sheet", "json": "objects", "jsonl": "objects", "hledger": "hledger", "beancount": "beancount",
    "ics": "calendar", "prometheus": "metrics",
}  # fmt: skip


def render(form: str, head: ExportDocument, rows: Iterable[Any]) -> Iterator[str]:
    """The text of an export, piece by piece; the same head and rows give the same text."""
    module = import_module(f"esimctl.show.exports.{MODULES[form]}")
    made: Iterator[str] = module.render(head, rows)
    return made
