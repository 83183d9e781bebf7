"""Ids that were given up: what journals, rules and people's files still name, and what stands in its place today.

Invented plans and promotions once bore carriers' names. A line keeps the terms that it was bought with; what is bought
under an old id is the row of the new one, and a row of a person's own under an old id stays that row.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import TypeVar

from esimctl.catalogue import shipped

T = TypeVar("T")


def find(kind: str, name: str, rows: Mapping[str, T]) -> T | None:
    """The row of that id among `rows`, else the one that stands in its place; `kind` is plan, promotion or claim."""
    row = rows.get(name)
    return rows.get(present(kind, name)) if row is None else row


def present(kind: str, name: str) -> str:
    """The id that stands in the place of one that was given up; any other id is itself."""
    return _table()[kind].get(name, name)


def every(kind: str, name: str) -> frozenset[str]:
    """An id with those that were given up for it."""
    return _former()[kind].get(name) or frozenset((name,))


@lru_cache(maxsize=1)
def _former() -> Mapping[str, Mapping[str, frozenset[str]]]:
    found: dict[str, dict[str, frozenset[str]]] = {}
    for kind, names in _table().items():
        ids = found[kind] = {}
        for old, new in names.items():
            ids[new] = ids.get(new, frozenset((new,))) | {old}
    return found


@lru_cache(maxsize=1)
def _table() -> Mapping[str, Mapping[str, str]]:
    found: Mapping[str, Mapping[str, str]] = shipped.compiled("renamed")
    return found
