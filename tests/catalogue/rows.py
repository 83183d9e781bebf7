"""The rows of a file of a person's own, as tests of the catalogue read them."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from esimctl.values.tables import Table, TableProblem, TomlText, read_rows

T = TypeVar("T")


def rows_of(
    document: Mapping[str, Any], kind: str, read: Callable[[str, Table], T]
) -> tuple[dict[str, T], list[TableProblem]]:
    """The rows `[kind.ID]` by id, and what is wrong in the file."""
    problems: list[TableProblem] = []
    return read_rows(TomlText("mine.toml", "").of(document), kind, read, problems), problems
