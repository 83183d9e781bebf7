"""Small TOML files of a profile that only its owner may read: targets, second factor, what was delivered, last run."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from esimctl.errors import Damaged
from esimctl.store.paths import open_private
from esimctl.store.replace import replace
from esimctl.toml import parse_toml


class PrivateTable:
    """One such file. Its content is never part of a message."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> dict[str, Any]:
        """Its content, empty where there is none. CredentialsError (77) when open to others, Damaged (6) when cut."""
        try:
            fd = open_private(self.path)
        except FileNotFoundError:
            return {}
        with os.fdopen(fd, "rb") as file:
            data = file.read()
        try:
            return parse_toml(data.decode())
        except ValueError:
            raise Damaged("{path} is damaged", hint="esimctl doctor", path=str(self.path)) from None

    def write(self, content: Mapping[str, Any], *, durable: bool = True) -> None:
        """Replace it as a whole, mode 0600. `durable=False` lets a power cut bring the old one back."""
        from tomli_w import dumps

        replace(self.path, dumps(_without_none(content)).encode(), directory=durable)

    def remove(self) -> None:
        """Take it away; harmless where there is none."""
        self.path.unlink(missing_ok=True)


@contextmanager
def only_one(path: Path) -> Iterator[None]:
    """Hold a lock of its own beside a profile's files, at once or not at all: Busy (75) while another holds it."""
    from esimctl.store.lock import locked

    with locked(path, 0.0):
        yield


def _without_none(table: Mapping[str, Any]) -> dict[str, Any]:
    plain = {}
    for key, value in table.items():
        if isinstance(value, Mapping):
            plain[key] = _without_none(value)
        elif value is not None:
            plain[key] = value
    return plain
