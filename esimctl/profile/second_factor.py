"""A second factor for standing orders: one-time codes by RFC 6238 (SHA-1, six digits, 30 seconds), as every phone has.

The seed is a file of its own, mode 0600. A code counts once, one step early or late; after five wrong ones nothing
counts for a quarter of an hour. It guards against accidents, scripts and edited files, not against a program that runs
as the same user and reads that file.
"""

import base64
import os
from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha1
from hmac import compare_digest
from hmac import new as hmac_new
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from esimctl.documents.result import Result
from esimctl.documents.setup import SecondFactorDocument, SecondFactorPart
from esimctl.errors import OwnRules, UsageError
from esimctl.ledger.said import instant_or_none, number, number_or_none
from esimctl.profile.books import open_books
from esimctl.store.private_files import PrivateTable
from esimctl.values.moments import instant
from esimctl.values.sentence import Raw
from esimctl.values.toml import Toml

if TYPE_CHECKING:
    from esimctl.profile.opened import Session

STEP: Final = 30  #: seconds
DIGITS: Final = 6
TRIES: Final = 5
LOCKED: Final = timedelta(minutes=15)


def totp(secret: bytes, step: int, digits: int = DIGITS) -> str:
    """The code of a time step (RFC 6238 over RFC 4226)."""
    mac = hmac_new(secret, step.to_bytes(8, "big"), sha1).digest()
    at = mac[-1] & 0x0F
    number = int.from_bytes(mac[at : at + 4], "big") & 0x7FFFFFFF
    return str(number % 10**digits).rjust(digits, "0")


def _table(session: "Session") -> PrivateTable:
    return PrivateTable(session.store.folder / "second-factor.toml")


def enrolled(session: "Session") -> bool:
    """Whether a second factor is asked for."""
    return session.store.exists() and _table(session).read().get("enrolled") is True


def status(session: "Session") -> "Result[SecondFactorDocument]":
    """Whether one is enrolled, and until when codes are refused."""
    return _document(session, _table(session).read() if session.store.exists() else {})


def enroll(session: "Session") -> "Result[SecondFactorDocument]":
    """Make a new secret; it counts once a code made with it was given (`confirm`). An old one is removed first."""
    with open_books(session, "second factor"):
        if enrolled(session):
            raise UsageError(
                "a second factor is enrolled already",
                hint="esimctl profile second-factor remove --code-stdin",
                code="second_factor_enrolled",
            )
        secret = base64.b32encode(os.urandom(20)).decode()
        _table(session).write({"secret": secret, "enrolled": False})
    return _document(session, {"secret": secret}, uri(session, secret))


def uri(session: "Session", secret: str) -> str:
    """The otpauth address for a phone's camera: it is the secret itself."""
    label = quote(f"esimctl:{session.store.name}")
    return f"otpauth://totp/{label}?secret={secret}&issuer=esimctl&algorithm=SHA1&digits={DIGITS}&period={STEP}"


def confirm(session: "Session", code: str) -> "Result[SecondFactorDocument]":
    """The first code: from now on one is asked for."""
    with open_books(session, "second factor"):
        table = _table(session).read()
        if not table:
            raise UsageError(
                "no second factor was begun", hint="esimctl profile second-factor enroll", code="not_enrolled"
            )
        _check(session, table, code)
        _table(session).write({**_table(session).read(), "enrolled": True})
    return status(session)


def remove(session: "Session", code: str) -> "Result[SecondFactorDocument]":
    """Take the second factor away; needs a code of it."""
    with open_books(session, "second factor"):
        table = _table(session).read()
        if table.get("enrolled"):
            _check(session, table, code)
        _table(session).remove()
    return status(session)


def require(session: "Session", code: str | None) -> None:
    """Raise unless no second factor is enrolled or `code` is right. Under the lock, so that a code counts once."""
    table = _table(session).read()
    if not table.get("enrolled"):
        return
    if not code:
        raise UsageError("a code of your second factor is needed", hint="--code-stdin", code="code_needed")
    _check(session, table, code)


def _check(session: "Session", table: Mapping[str, Toml], code: str) -> None:
    """Count a wrong code, remember the step of a right one."""
    now = session.clock.now()
    locked = instant_or_none(table, "locked_until")
    if locked is not None and now < locked:
        raise OwnRules(
            "too many wrong codes: none is taken until {until}", code="second_factor_locked", until=Raw(instant(locked))
        )
    step = matching_step(str(table["secret"]), code, now, number(table, "last_step") if "last_step" in table else -1)
    if step is None:
        failures = (number_or_none(table, "failures") or 0) + 1
        until = now + LOCKED if failures >= TRIES else None
        _table(session).write({**table, "failures": 0 if until else failures, "locked_until": until})
        raise OwnRules("this code is not right, or was used already", code="wrong_code", hint="wait for the next one")
    _table(session).write({**table, "failures": 0, "locked_until": None, "last_step": step})


def matching_step(secret: str, code: str, now: datetime, used: int) -> int | None:
    """The time step whose code this is: now, one earlier or one later, and later than the last one used."""
    present = int(now.timestamp()) // STEP
    found = None
    for step in (present - 1, present, present + 1):
        right = compare_digest(totp(base64.b32decode(secret), step).encode(), code.strip().encode())
        if right and step > used:
            found = step
    return found


def _document(session: "Session", table: Mapping[str, Toml], uri: str | None = None) -> "Result[SecondFactorDocument]":
    locked = instant_or_none(table, "locked_until")
    part = SecondFactorPart(
        enrolled=table.get("enrolled") is True,
        pending=bool(table) and table.get("enrolled") is not True,
        locked_until=locked if locked is not None and session.clock.now() < locked else None,
        uri=uri,
    )
    return Result("second-factor", SecondFactorDocument(second_factor=part))
