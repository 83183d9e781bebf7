"""Names of lines: what one may be, as what its provider knows it, and under what the books keep it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from esimctl.errors import UsageError
from esimctl.ledger.lives import by_identity
from esimctl.profile.opened import unknown
from esimctl.providers.protocol import LineRef
from esimctl.values.moments import instant
from esimctl.values.regex import regex
from esimctl.values.sentence import Raw, Sentence
from esimctl.values.toml import Toml, text_at

if TYPE_CHECKING:
    from esimctl.ledger.fold import Ledger
    from esimctl.ledger.state import LedgerState
    from esimctl.profile.opened import Session


def key_of(ledger: "LedgerState", line: str) -> str:
    """Under what the books keep a line that is called by its name or its identity."""
    fact = by_identity(ledger, line)
    return line if fact is None else fact.name


def known_line(session: "Session", ledger: "Ledger", line: str) -> str:
    """Under what the books keep a line that is or was followed; UsageError says how one without its name is reached."""
    if line in session.lines:
        return line
    called = by_identity(ledger, line)
    if called is not None:
        return called.name
    fact = ledger.lines.get(line)
    if fact is not None and fact.removed_at is not None:
        raise UsageError(
            "{line} was removed on {at}", hint="esimctl lines show {id}", code="line_removed", line=Raw(line),
            id=Raw(fact.id),
            at=Raw(instant(fact.removed_at)),
        )  # fmt: skip
    raise unknown("line", line, list(session.lines), "esimctl lines list")


NAME = regex(r"[a-z0-9][a-z0-9_-]{0,31}\Z")


def check_name(name: str, what: str = "line") -> str:
    """A name as files and scripts can carry it: lower case, digits, - and _, at most 32."""
    if not NAME.match(name):
        raise UsageError(
            "{name!r} cannot be the name of a {what}: lower-case letters, digits, - and _, at most 32",
            code="bad_name",
            name=Raw(name),
            what=Sentence(what),
        )
    return name


def line_ref(name: str, table: Mapping[str, Toml]) -> LineRef:
    """A line of the profile as its provider knows it."""
    return LineRef(
        name,
        iccid=text_at(table, "iccid"),
        reference=text_at(table, "reference"),
        msisdn=text_at(table, "msisdn"),
        plan=text_at(table, "plan"),
    )
