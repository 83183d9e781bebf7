"""What an adapter may keep between runs, as it sees it: named bytes that can vanish at any time.

The store keeps them; an adapter gets them handed in, for providers touch no files.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, timedelta, tzinfo
from typing import Protocol

from esimctl.providers.addresses import Address


class Drawer(Protocol):
    """Named pieces of bytes, private to this profile."""

    def read(self, name: str) -> bytes | None:
        """The bytes, None where there are none."""

    def write(self, name: str, data: bytes) -> bool:
        """Keep them; whether that was possible."""

    def remove(self, name: str) -> None:
        """Forget them."""

    def change(self, name: str, edit: Callable[[bytes], bytes]) -> bool:
        """Read, edit and write while no other process does."""


class Forgetful:
    """A drawer for this run only; what lies in the one `beneath` is seen and never changed."""

    def __init__(self, beneath: Drawer | None = None) -> None:
        self._held: dict[str, bytes | None] = {}
        self._beneath = beneath

    def read(self, name: str) -> bytes | None:
        """The bytes, None where there are none."""
        if name in self._held or self._beneath is None:
            return self._held.get(name)
        return self._beneath.read(name)

    def write(self, name: str, data: bytes) -> bool:
        """Keep them until the run ends."""
        self._held[name] = data
        return True

    def remove(self, name: str) -> None:
        """Forget them."""
        self._held[name] = None

    def change(self, name: str, edit: Callable[[bytes], bytes]) -> bool:
        """Edit them."""
        self._held[name] = edit(self.read(name) or b"")
        return True


class Secrets(dict[str, str]):
    """Credentials by field. Its repr shows the fields alone."""

    def __repr__(self) -> str:
        return f"Secrets({', '.join(self)})"

    __str__ = __repr__


@dataclass(frozen=True, slots=True)
class Account:
    """An account at a reseller as an adapter gets it: its name here, its addresses, its credentials when asked for.

    `tokens` holds what expires (tokens, the pace of requests), `offers` the copies of price lists. `settle_window` is
    the person's own, for rehearsals on this machine; None means the adapter's. `zone` is where the person's days begin.
    """

    name: str
    address: Address
    credentials: Callable[[], Mapping[str, str]]
    tokens: Drawer
    offers: Drawer
    auth_address: Address | None = None
    settle_window: timedelta | None = None
    zone: tzinfo = UTC
    ca_file: str | None = None  #: certificates of roots that are trusted beside the public ones, PEM
