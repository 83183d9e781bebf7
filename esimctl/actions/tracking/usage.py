"""`usage record`, `usage import` and `usage learn`: figures typed in, pasted texts, patterns that a person teaches."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from esimctl.actions.balance.modelled import is_modelled
from esimctl.actions.books import open_books
from esimctl.actions.purchase.intent import check_name
from esimctl.actions.result import Result
from esimctl.actions.tracking.adding import parsed
from esimctl.actions.tracking.messages import KINDS, Seen, digest_of, looks_like_csv, messages, rows
from esimctl.actions.tracking.observing import UNKNOWN, not_in_the_future, observe, tell
from esimctl.catalogue.patterns import Figures, PatternError, compiled, own_pattern, plain, suggestion, understand
from esimctl.errors import UsageError

if TYPE_CHECKING:
    from datetime import datetime

    from esimctl.actions.session import Session
    from esimctl.charging.money import Money


def typed(
    session: "Session",
    line: str,
    *,
    remaining: int | None = None,
    used: int | None = None,
    balance: "Money | None" = None,
    minutes: int | None = None,
    expires: str | None = None,
    carried: int | None = None,
    at: str | None = None,
) -> tuple[Figures, "datetime"]:
    """What a person typed, and when it was read; UsageError for what is no reading at all."""
    if remaining is not None and used is not None:
        raise UsageError("say either --remaining or --used", code="remaining_or_used")
    if carried is not None and not is_modelled(session, session.line(line)):
        raise UsageError(
            "--carried is for lines whose provider does not say it: {provider} does",
            code="not_by_hand", provider=session.line(line).get("provider"),
        )  # fmt: skip
    now = session.clock.now()
    when = now if at is None else parsed(session, at, "--at")
    not_in_the_future(when, now)
    figures = Figures(
        remaining=remaining,
        used=used,
        balance=balance,
        minutes=minutes,
        expires=None if expires is None else parsed(session, expires, "--expires"),
        carried=carried,
    )
    if not figures.any:
        raise UsageError("say what you read: --remaining 4.2GB", code="nothing_read")
    return figures, when


def record(
    session: "Session",
    line: str,
    figures: Figures,
    when: "datetime",
    *,
    doubtful: bool = False,
    insisted: bool = False,
) -> Result:
    """A reading by hand, as it was typed or corrected; `doubtful` where a carry may have failed and nobody said so.

    `insisted`: it cannot be, and the person keeps it all the same.
    """
    parts = (figures.remaining, figures.used, figures.balance, figures.minutes, figures.expires, figures.carried)
    digest = digest_of("manual", when.isoformat(), *parts)
    (document,) = observe(session, line, [Seen(when, "manual", figures, digest, dated=True, insisted=insisted)])
    if doubtful:
        document["findings"] = [*document["findings"], "carry_doubtful"]
    return tell(Result("reading", {"reading": document}), [document])


def import_texts(session: "Session", line: str, text: str, kind: str | None, at: str | None) -> Result:
    """Readings from pasted SMS, a USSD reply or a CSV file."""
    session.line(line)
    if kind not in (None, "csv", *KINDS):
        raise UsageError("--kind takes sms, ussd or csv", code="bad_kind")
    when: datetime | None = None if at is None else parsed(session, at, "--at")
    if when is not None:
        not_in_the_future(when, session.clock.now())
    every: Sequence[Seen]
    if kind == "csv" or (kind is None and looks_like_csv(text)):
        every = list(rows(session, text))
    else:
        every = messages(session, line, text, kind, when)
    return imported(session, line, every)


def imported(session: "Session", line: str, every: Sequence[Seen], *, empty: bool = False) -> Result:
    """What texts state, journalled and told; the first that no pattern knows with how to teach it."""
    if not every and not empty:
        raise UsageError("there is nothing to read", hint="esimctl usage import {line} FILE", code="empty", line=line)
    documents = observe(session, line, every)
    states = [document["state"] for document in documents]
    data = {
        "line": line,
        "readings": documents,
        "recorded": states.count("recorded"),
        "duplicates": states.count("duplicate"),
        "unknown": states.count(UNKNOWN),
    }
    result = tell(Result("usage-import", data), documents)
    strange = next((document for document in documents if document["state"] == UNKNOWN), None)
    if strange is not None:
        result.note(
            "teach it: esimctl usage learn {line} --template '{sentence}'",
            line=line,
            sentence=suggestion(strange["text"]).replace("'", "’"),
        )
    return result


def learn(session: "Session", line: str, template: str, *, name: str | None, order: str, example: str | None) -> Result:
    """Keep a pattern for the messages of a line's carrier; with an example, what it gives is shown first."""
    from datetime import UTC

    carrier = session.line(line).get("carrier")
    try:
        places = list(compiled(template).groupindex)
    except PatternError as why:
        raise UsageError("{why}", code="bad_template", why=str(why)) from None
    if not places:
        raise UsageError(
            "a template needs a place for a figure, such as {place}", code="bad_template", place="{remaining}"
        )
    table: dict[str, Any] = {
        "template": " ".join(template.split()),
        "carriers": [carrier] if carrier else [],
        "order": order,
        "source": "taught by you",
        "as_of": session.clock.now().astimezone(UTC).date(),
        "grade": "own",
    }
    chosen = check_name(name or f"own-{digest_of(plain(template))[:8]}", "pattern")
    pattern = own_pattern(chosen, table, "profile.toml")
    figures = None
    if example is not None:
        from esimctl.charging.moments import zone

        reading = understand(example, carrier, None, zone(session.zone), (pattern,))
        if reading is None or reading.pattern.id != chosen:
            raise UsageError("the template does not fit that text", code="does_not_fit")
        figures = _plain(reading.figures)
    with open_books(session, f"usage learn {line}"):
        session.store.profile.set_table("pattern", chosen, table)
        session.forget()
    data = {"name": chosen, "carrier": carrier, "template": table["template"], "places": places, "figures": figures}
    return Result("pattern", {"pattern": data})


def _plain(figures: Figures) -> dict[str, Any]:
    """The figures of a message in plain JSON types."""
    from esimctl.actions.purchase.order_document import instant

    return {
        "remaining_bytes": figures.remaining,
        "used_bytes": figures.used,
        "granted_bytes": figures.granted,
        "main_balance": None if figures.balance is None else figures.balance.as_json(),
        "expires_at": instant(figures.expires),
        "percent_used": figures.percent_used,
        "bonus": None if figures.bonus is None else figures.bonus.as_json(),
        "bonus_expires_at": instant(figures.bonus_expires),
    }


__all__ = ["Figures", "import_texts", "imported", "learn", "record", "typed"]
