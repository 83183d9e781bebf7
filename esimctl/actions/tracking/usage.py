"""`usage record` and `usage import`: figures typed in, pasted texts and tables."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from esimctl.actions.balance.modelled import is_modelled
from esimctl.actions.result import Result
from esimctl.actions.tracking.adding import parsed
from esimctl.actions.tracking.messages import KINDS, LONGEST, Seen, digest_of, looks_like_csv, messages, rows
from esimctl.actions.tracking.observing import UNKNOWN, not_in_the_future, observe, tell
from esimctl.catalogue.patterns import Figures
from esimctl.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from datetime import datetime

    from esimctl.actions.session import Session
    from esimctl.actions.sheet import Sheet
    from esimctl.actions.tracking.messages import Refused
    from esimctl.charging.money import Money
    from esimctl.text import LongText


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


def import_texts(session: "Session", line: str, text: "LongText", kind: str | None, at: str | None) -> Result:
    """Readings from pasted SMS, a USSD reply or a CSV file."""
    session.line(line)
    if kind not in (None, "csv", *KINDS):
        raise UsageError("--kind takes sms, ussd or csv", code="bad_kind")
    when: datetime | None = None if at is None else parsed(session, at, "--at")
    if when is not None:
        not_in_the_future(when, session.clock.now())
    if kind == "csv" or (kind is None and looks_like_csv(text)):
        every, refused, sheet = rows(session, text)
        return _with_refused(imported(session, line, every, empty=bool(refused)), refused, sheet)
    if len(text.data) > 4 * LONGEST:  # octets of one character: not even worth decoding
        raise UsageError("the text is longer than {most} characters", code="too_long", most=LONGEST)
    every = messages(session, line, text.whole(), kind, when)
    return imported(session, line, every)


def _with_refused(result: Result, refused: "Sequence[Refused]", sheet: "Sheet") -> Result:
    """The rows that could not be read, each with its number: the others were taken, and the code is 20."""
    result.data["refused"] = [{"row": row, "why": why} for row, why in refused]
    for row, why in refused:
        result.note("row {row} was not taken: {why}", row=row, why=why)
    said = sheet.note()
    if said is not None:
        result.note(said[0], **said[1])
    if refused:
        result.exit_code = ExitCode.ATTENTION
    return result


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
        from esimctl.actions.tracking.teaching import how_to_teach

        template, params = how_to_teach(session, line, strange["text"])
        result.note(template, **params)
    return result


__all__ = ["Figures", "import_texts", "imported", "record", "typed"]
