"""`lines add --provider P`: a line that was bought elsewhere in the same account is followed from now on."""

import os
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from esimctl.documents.lines import LineDocument
from esimctl.documents.result import Result
from esimctl.errors import EsimctlError, UsageError
from esimctl.ledger.lives import birth
from esimctl.lines.lines import check_tags, line_entry
from esimctl.profile.books import open_together
from esimctl.profile.naming import check_name
from esimctl.profile.opened import unknown
from esimctl.providers.abilities import TellsCodes
from esimctl.providers.lpa import plain_iccid, same_iccid
from esimctl.purchase.gates import check_whole
from esimctl.purchase.outcome import secrets_of
from esimctl.purchase.profile_lines import set_free
from esimctl.values.sentence import Raw

if TYPE_CHECKING:
    from esimctl.profile.books import Books
    from esimctl.profile.opened import Session
    from esimctl.providers.protocol import LineRef

LOOK_BACK = timedelta(days=366)


def findable(session: "Session", provider: str, *, iccid: str | None, order: str | None) -> "LineRef":
    """The line as its provider has it, by its ICCID or by the provider's number of its order; writes nothing."""
    if provider not in session.section("provider"):
        raise unknown("provider", provider, [*session.section("provider"), "manual"], "esimctl providers list")
    if (iccid is None) == (order is None):
        raise UsageError("say either --iccid N or --order ID", code="iccid_or_order")
    return _found(session, provider, None if iccid is None else plain_iccid(iccid), order)


def adopt(
    session: "Session", name: str, provider: str, *, iccid: str | None, order: str | None, tags: Sequence[str] = ()
) -> "Result[LineDocument]":
    """Take a line of the account at a provider, by its ICCID or by the provider's number of its order."""
    check_name(name)
    tags = check_tags(tags)
    found = findable(session, provider, iccid=iccid, order=order)
    secrets = _code(session, provider, found)
    with open_together(session, f"lines add {name}", provider, found.iccid, tags) as books:
        if not books.repeated:
            _follow(books, name, provider, found, secrets, tags)
    result = Result("line", LineDocument(line=line_entry(session, name)))
    if not secrets:
        result.note("{provider} does not tell the activation code of {line}", provider=Raw(provider), line=Raw(name))
    return result


def _follow(
    books: "Books", name: str, provider: str, found: "LineRef", secrets: Mapping[str, str], tags: Sequence[str]
) -> None:
    """The line in journal, vault and profile."""
    session = books.session
    check_whole(session, books.ledger)
    set_free(books, name)
    if name in session.lines:
        raise UsageError("there is a line {name!r} already", code="name_taken", name=Raw(name))
    for other, table in session.lines.items():
        if table.get("provider") == provider and table.get("iccid") == found.iccid:
            raise UsageError("that line is followed as {other}", code="line_known", other=Raw(other))
    facts = {
        "provider": provider, "iccid": found.iccid, "reference": found.reference, "msisdn": found.msisdn,
        "plan": found.plan,
    }  # fmt: skip
    fresh = f"L{books.now():%y%m%d}-{os.urandom(4).hex()}"
    own = birth(books.ledger, name, order=None, iccid=found.iccid, fresh=fresh)
    if secrets:
        session.store.vault.write(own, secrets)
    books.write({"kind": "line.added", "line": name, "id": own, **facts})
    kept = {**facts, "tags": tags or None}
    session.store.profile.set_table("line", name, {key: value for key, value in kept.items() if value is not None})
    session.forget()


def _code(session: "Session", provider: str, line: "LineRef") -> dict[str, str]:
    """The activation code of a line where its provider tells it again; a line can be followed without it."""
    opened = session.provider(provider)
    if not isinstance(opened, TellsCodes):
        return {}
    try:
        goods = opened.goods(line, session.clock.now())
    except EsimctlError:
        return {}
    return {} if goods is None or not goods.lpa else dict(secrets_of(goods))


def _found(session: "Session", provider: str, iccid: str | None, order: str | None) -> "LineRef":
    opened, now = session.provider(provider), session.clock.now()
    if order is not None:
        rows = opened.orders(now - LOOK_BACK, now) or ()
        iccid = next((row.iccid for row in rows if row.provider_order == order), None)
    for line in opened.lines(now):
        if same_iccid(iccid, line.iccid) or (iccid is not None and iccid == line.reference):
            return line
    raise UsageError(
        "{provider} has no such line",
        hint="esimctl providers check {provider}",
        code="line_not_there",
        provider=Raw(provider),
    )
