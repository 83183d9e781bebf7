"""The data files that come with the package."""

import os
from typing import Any

_FOLDER = os.path.join(os.path.dirname(__file__), "data")  # noqa: PTH118, PTH120 (pathlib costs a completion 8 ms)


def text(name: str) -> str:
    """The text of a data file of the package, `plans.toml` for example."""
    with open(os.path.join(_FOLDER, name), encoding="utf-8") as file:  # noqa: PTH118, PTH123
        return file.read()


def table(name: str) -> dict[str, Any]:
    """A data file of the package, parsed."""
    import tomllib

    return tomllib.loads(text(name))


def headings(name: str, kind: str) -> tuple[str, ...]:
    """The ids of `[kind.ID]` tables in their order, found without parsing the file."""
    start = f"[{kind}."
    lines = (line for line in text(name).splitlines() if line.startswith(start))
    ids = (line[len(start) :].partition("]")[0] for line in lines)
    return tuple(found for found in ids if "." not in found)


__all__ = ["headings", "table", "text"]
