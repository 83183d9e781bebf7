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
    return tuple(carriers(text(name), kind))


def carriers(rows: str, kind: str) -> dict[str, str]:
    """The ids of `[kind.ID]` tables of a text → whose carrier each is of, empty where it does not say."""
    start, here = f"[{kind}.", ""
    found: dict[str, str] = {}
    for line in rows.splitlines():
        if line.startswith("["):
            here = line[len(start) :].partition("]")[0].strip('"') if line.startswith(start) else ""
            here = "" if "." in here else here
            if here:
                found.setdefault(here, "")
        elif here and line.startswith("carrier = "):
            found[here] = line.removeprefix("carrier = ").strip('"')
    return found
