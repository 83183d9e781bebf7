"""What one revision of a document has that another has not, key by key, and the same done to a third one."""

from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from typing import Any

from esimctl.values.toml import parse_toml


def differences(before: bytes, after: bytes) -> list[dict[str, Any]]:
    """The edits from one TOML document to another: `path` with its new `value`, or without one where it is gone."""
    return list(_between((), parse_toml(before.decode("utf-8-sig")), parse_toml(after.decode("utf-8-sig"))))


def _between(path: tuple[str, ...], old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for key in old.keys() - new.keys():
        yield {"path": [*path, key]}
    for key, value in new.items():
        if isinstance(value, dict) and isinstance(old.get(key), dict):
            yield from _between((*path, key), old[key], value)
        elif key not in old or old[key] != value:
            yield {"path": [*path, key], "value": value}


def edited(document: MutableMapping[str, Any], edits: Sequence[Mapping[str, Any]]) -> None:
    """Do such edits to a document; what is there already, or gone already, is no mistake."""
    for edit in edits:
        *way, key = edit["path"]
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
