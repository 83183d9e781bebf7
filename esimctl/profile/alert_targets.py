"""The targets of alerts as a person gave them, each with a keyed digest; one that something else wrote is not valid."""

import shlex
from datetime import datetime
from hashlib import sha256
from hmac import compare_digest
from hmac import new as hmac_new
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from esimctl.ledger.said import instant
from esimctl.profile.opened import trust_of
from esimctl.store.private_files import PrivateTable
from esimctl.store.trust import Reach
from esimctl.values.record import record
from esimctl.values.toml import table_at

if TYPE_CHECKING:
    from esimctl.profile.opened import Session

#: kind of a target → what stands for it where others have a key of a provider's table
TARGET = "target.{kind}"


def target_reach(name: str, kind: str, value: str) -> Reach:
    """A way out of alerts as one of the values that need a word."""
    return Reach(name, TARGET.format(kind=kind), value)


KINDS: Final = ("command", "apprise", "heartbeat")


@record
class Target:
    """A way out. `value` is a command line or an address and is never shown. One that `waits` came along with a copy
    of the profile: it is not used before a person's word."""

    name: str
    kind: str
    value: str
    since: datetime
    valid: bool
    waits: bool = False

    @property
    def shown(self) -> str:
        """What may be shown of it: the program, or the scheme and host."""
        return shown(self.kind, self.value)


def _table(session: "Session") -> PrivateTable:
    return PrivateTable(session.store.folder / "targets.toml")


def targets(session: "Session") -> list[Target]:
    """All of them, those that nobody confirmed marked as not valid."""
    if not session.store.exists():
        return []
    rows = _table(session).read()
    if not rows:
        return []
    seed, trust = session.store.seed(), trust_of(session)
    found = []
    for name in rows:
        row = table_at(rows, name)
        kind, value = str(row.get("kind")), str(row.get("value"))
        valid = kind in KINDS and compare_digest(str(row.get("mac", "")), _mac(seed, name, kind, value))
        waits = valid and bool(trust.held([target_reach(name, kind, value)]))
        found.append(Target(name, kind, value, instant(row, "since"), valid and not waits, waits))
    return found


def _mac(seed: bytes, name: str, kind: str, value: str) -> str:
    return hmac_new(seed, f"target|{name}|{kind}|{value}".encode(), sha256).hexdigest()


def shown(kind: str, value: str) -> str:
    """The part of a target that a person types to confirm it: its program or its host."""
    if kind == "command":
        words = shlex.split(value)
        return words[0] if words else ""
    parts = urlsplit(value)
    return parts.hostname or parts.scheme
