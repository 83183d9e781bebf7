"""JSON lines: each line is one `esimctl.order/1` document."""

import re
from collections.abc import Iterable, Iterator

from esimctl.documents.offers import OrderDocument
from esimctl.documents.orders import ExportDocument, OrderRow
from esimctl.show.present import document

#: what JSON may hold as it is, but a terminal would obey and some readers take for the end of a line
_RAW = re.compile("[\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")


def render(_head: ExportDocument, rows: Iterable[OrderRow]) -> Iterator[str]:
    """One document a line, keys in a fixed order."""
    for row in rows:
        yield _RAW.sub(lambda found: f"\\u{ord(found[0]):04x}", document("order", OrderDocument(order=row)))
