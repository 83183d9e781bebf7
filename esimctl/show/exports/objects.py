"""JSON lines: each line is one `esimctl.order/1` document."""

import re
from collections.abc import Iterable, Iterator

from esimctl.documents.document import json_text
from esimctl.documents.offers import OrderDocument
from esimctl.documents.orders import ExportDocument, OrderRow
from esimctl.show.present import schema_of

#: what JSON may hold as it is, but a terminal would obey and some readers take for the end of a line
_RAW = re.compile("[\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")
_DELETE = "\x7f"  #: the only one of them in ASCII


def render(_head: ExportDocument, rows: Iterable[OrderRow]) -> Iterator[str]:
    """One document a line, keys in a fixed order."""
    schema = schema_of(OrderDocument.SCHEMA)
    for row in rows:
        text = json_text({"schema": schema, "order": row})
        yield f"{text if text.isascii() and _DELETE not in text else _RAW.sub(_escaped, text)}\n"


def _escaped(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"
