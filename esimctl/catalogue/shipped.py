"""The data files that come with the package: written as TOML in data/, loaded as they were checked and compiled.

Nothing is checked here. `python -m tests.write_generated` reads data/ with the readers of a person's own rows and
writes compiled/, and the suite fails where the two do not say the same.
"""

import os
from collections.abc import Mapping
from typing import Any

_HERE = os.path.dirname(__file__)  # noqa: PTH120 (pathlib costs a completion 8 ms)


def text(name: str) -> str:
    """The text of a data file of the package, `plans.toml` for example."""
    return _text("data", name)


def compiled(name: str) -> Any:
    """What a data file says (`plans`), each record in it as a table of the fields that are not as the record has them.

    JSON, since a file of Python takes as long where it lies compiled, and seven times as long where it does not.
    """
    from json import loads

    return loads(_text("compiled", f"{name}.json"))["rows"]


def fields(row: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a compiled record: lists are tuples again, as records have them."""
    return {key: tuple(value) if value.__class__ is list else value for key, value in row.items()}


def _text(folder: str, name: str) -> str:
    with open(os.path.join(_HERE, folder, name), encoding="utf-8") as file:  # noqa: PTH118, PTH123
        return file.read()


def table(name: str) -> dict[str, Any]:
    """A data file of the package as it was written, parsed and not checked."""
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
