"""state.toml: numbers that were worked out before, so that they need not be worked out again. Derived: may vanish.

The whole document stands as JSON in one literal string of a TOML file, so that the seal's checksum and one pass of
the JSON reader are all that `balance` needs: parsing as many TOML tables takes ten times as long.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from zlib import crc32

from esimctl.store.files import read_bytes, replace

_SEAL: Final = b"#! state 1 "
_HEAD: Final = b"# Derived from the journal and the profile: may be deleted at any time.\nderived = '"
_TAIL: Final = b"'\n"


class StateFile:
    """The file of one profile. Neither reading nor writing ever fails: without it everything is computed anew.

    A `sealed` one is never written.
    """

    def __init__(self, path: Path, *, sealed: bool = False) -> None:
        self.path = path
        self.sealed = sealed

    def read(self, stamp: str | None = None) -> dict[str, Any] | None:
        """What was written, None if it is missing, damaged, or was made from other files than `stamp` says."""
        try:
            data = read_bytes(self.path)
            body, _, seal = data.rpartition(_SEAL)
            if seal != b"%08x\n" % crc32(body) or not (body.startswith(_HEAD) and body.endswith(_TAIL)):
                return None
            from json import loads

            table: dict[str, Any] = loads(body[len(_HEAD) : -len(_TAIL)])
        except (OSError, ValueError, RecursionError):
            return None
        return table if stamp is None or table.get("stamp") == stamp else None

    def write(self, table: Mapping[str, Any], stamp: str) -> bool:
        """Replace the document, which is of JSON's types; the answer says whether that was possible.

        None values are left out.
        """
        if self.sealed:
            return False
        from json import dumps

        from esimctl.ledger.entries import without_none

        try:
            text = dumps(without_none({"stamp": stamp, **table}), ensure_ascii=False, separators=(",", ":"))
            # Neither may stand in a literal string of TOML; both occur inside JSON's own strings alone.
            literal = text.replace("'", "\\u0027").replace("\x7f", "\\u007f").encode()
            body = _HEAD + literal + _TAIL
            replace(self.path, body + _SEAL + b"%08x\n" % crc32(body), directory=False)
        except (OSError, ValueError, TypeError, RecursionError):
            return False
        return True

    def forget(self) -> None:
        """Remove it."""
        self.path.unlink(missing_ok=True)
