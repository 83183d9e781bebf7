"""What one revision of a document has that another has not, key by key, and the same done to a third one."""

from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from typing import Any

from esimctl.ledger.said import texts
from esimctl.values.toml import Toml, parse_toml


def differences(before: bytes, after: bytes) -> list[dict[str, Toml]]:
    """The edits from one TOML document to another: `path` with its new `value`, or without one where it is gone."""
    return list(_between((), parse_toml(before.decode("utf-8-sig")), parse_toml(after.decode("utf-8-sig"))))


def _between(path: tuple[str, ...], old: Mapping[str, Toml], new: Mapping[str, Toml]) -> Iterator[dict[str, Toml]]:
    for key in old.keys() - new.keys():
        yield {"path": [*path, key]}
    for key, value in new.items():
        known = old.get(key)
        if isinstance(value, dict) and isinstance(known, dict):
            yield from _between((*path, key), known, value)
        elif key not in old or old[key] != value:
            yield {"path": [*path, key], "value": value}


def edited(document: MutableMapping[str, Toml], edits: Sequence[Mapping[str, Toml]]) -> None:
    """Do such edits to a document; what is there already, or gone already, is no mistake."""
    for edit in edits:
        *way, key = texts(edit, "path")
        table: Any = document
        for name in way:
            if name not in table and "value" not in edit:
                break
            table = table.setdefault(name, {})
        else:
            if "value" in edit:
                table[key] = edit["value"]
            else:
                table.pop(key, None)
