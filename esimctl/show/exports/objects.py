"""JSON lines: each line is one `esimctl.order/1` document."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from esimctl.show.present import document


def render(_head: Mapping[str, Any], rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """One document a line, keys in a fixed order."""
    for row in rows:
        yield document("order", {"order": row})


__all__ = ["render"]
