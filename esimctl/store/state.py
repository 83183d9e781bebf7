"""state.toml: numbers that were worked out before, so that they need not be worked out again. Derived: may vanish."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from zlib import crc32

_SEAL: Final = b"#! state 1 "


class StateFile:
    """The file of one profile. Neither reading nor writing ever fails: without it everything is computed anew."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self, stamp: str | None = None) -> dict[str, Any] | None:
        """What was written, None if it is missing, damaged, or was made from other files than `stamp` says."""
        try:
            data = self.path.read_bytes()
            body, _, seal = data.rpartition(_SEAL)
            if seal != b"%08x\n" % crc32(body):
                return None
            table = tomllib.loads(body.decode())
        except (OSError, ValueError, RecursionError):
            return None
        return table if stamp is None or table.get("stamp") == stamp else None

    def write(self, table: Mapping[str, Any], stamp: str) -> bool:
        """Replace the document; the answer says whether that was possible. None values are left out."""
        from tomli_w import dumps

        from esimctl.ledger.entries import without_none
        from esimctl.store.replace import replace

        try:
            body = dumps(without_none({"stamp": stamp, **table})).encode()
            replace(self.path, body + _SEAL + b"%08x\n" % crc32(body), directory=False)
        except (OSError, ValueError, TypeError, RecursionError):
            return False
        return True

    def forget(self) -> None:
        """Remove it."""
        self.path.unlink(missing_ok=True)


__all__ = ["StateFile"]
