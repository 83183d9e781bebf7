"""`usage record` and `usage import`: figures typed in, pasted texts and tables."""

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from esimctl.catalogue.patterns import KINDS, Figures
from esimctl.documents.document import ABSENT, Absent
from esimctl.documents.reading import read
from esimctl.documents.result import Result
from esimctl.documents.usage import ReadingDocument, ReadingRow, RefusedRow, UsageImportDocument
from esimctl.errors import ExitCode, UsageError
from esimctl.profile.opened import parsed
from esimctl.profile.rows import Made, Rows
from esimctl.store.scratch import Digests, scratch
from esimctl.usage.messages import LONGEST, MOST_MODELLED, MessageTable, Seen, digest_of, looks_like_csv, messages
from esimctl.usage.modelled import is_modelled
from esimctl.usage.observing import (
    DUPLICATE,
    MOST_TOLD,
    PORTION,
    RECORDED,
    UNKNOWN,
    Contents,
    not_in_the_future,
    observe,
    observed,
    say_more,
    tell,
)
from esimctl.values.record import replace
from esimctl.values.sentence import Raw, Sentence, as_kept

if TYPE_CHECKING:
    from datetime import datetime

    from esimctl.profile.opened import Session
    from esimctl.values.money import Money
    from esimctl.values.text import LongText


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
            code="not_by_hand", provider=Raw(str(session.line(line).get("provider"))),
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
) -> "Result[ReadingDocument]":
    """A reading by hand, as it was typed or corrected; `doubtful` where a carry may have failed and nobody said so.

    `insisted`: it cannot be, and the person keeps it all the same.
    """
    parts = (figures.remaining, figures.used, figures.balance, figures.minutes, figures.expires, figures.carried)
    digest = digest_of("manual", when.isoformat(), *parts)
    (row,) = observe(session, line, [Seen(when, "manual", figures, digest, dated=True, insisted=insisted)])
    if doubtful:
        row = replace(row, findings=[*row.findings, "carry_doubtful"])
    return tell(Result("reading", ReadingDocument(reading=row)), [row])


def import_texts(
    session: "Session", line: str, text: "LongText", kind: str | None, at: str | None
) -> "Result[UsageImportDocument]":
    """Readings from pasted SMS, a USSD reply or a CSV file."""
    session.line(line)
    if kind not in (None, "csv", *KINDS):
        raise UsageError("--kind takes sms, ussd or csv", code="bad_kind")
    when: datetime | None = None if at is None else parsed(session, at, "--at")
    if when is not None:
        not_in_the_future(when, session.clock.now())
    if kind == "csv" or (kind is None and looks_like_csv(text)):
        return import_table(session, line, MessageTable(session, text))
    if len(text.data) > 4 * LONGEST:  # octets of one character: not even worth decoding
        raise UsageError("the text is longer than {most} characters", code="too_long", most=LONGEST)
    every = messages(session, line, text.whole(), kind, when)
    return imported(session, line, every)


def import_table(session: "Session", line: str, table: MessageTable) -> "Result[UsageImportDocument]":
    """Readings from a CSV file, the rows that could not be read with their numbers: then the code is 20."""
    if not len(table) and not len(table.refused):
        raise _empty(line)
    if len(table) > MOST_MODELLED and is_modelled(session, session.line(line)):
        raise UsageError("more than {most} rows", code="too_long", most=MOST_MODELLED)
    rows, places, states = Rows(lambda kept: read(ReadingRow, kept)), table.places(), Counter[str]()

    def kept(known: Contents) -> Iterator[ReadingRow]:
        for row in observed(session, line, table.seen(places), known):
            rows.append(row)
            states[row.state] += 1
            if not len(rows) % PORTION:
                session.progress(Sentence("importing"), len(rows), len(table))
            yield row

    result = Result("usage-import", _document(line, states, rows, table.refused))  # counted below, when all are told
    with scratch(Digests.TABLE) as database:
        tell(result, kept(Digests(database)))
    in_order: Made[ReadingRow] = rows
    if not isinstance(places, range):  # as the file has them
        where = array("L", sorted(range(len(places)), key=places.__getitem__))
        in_order = Made(lambda: map(rows.__getitem__, where))
    result.data = _document(line, states, in_order, table.refused)
    for refused in islice(table.refused, MOST_TOLD):
        result.note("row {row} was not taken: {why}", row=refused.row, why=as_kept(refused.why))
    say_more(result, len(table.refused) - MOST_TOLD)
    said = table.sheet.note()
    if said is not None:
        result.note(said)
    if len(table.refused):
        result.exit_code = ExitCode.ATTENTION
    return result


def _document(
    line: str, states: "Counter[str]", rows: Iterable[ReadingRow], refused: Iterable[RefusedRow] | Absent = ABSENT
) -> UsageImportDocument:
    return UsageImportDocument(
        line=line,
        readings=rows,
        recorded=states[RECORDED],
        duplicates=states[DUPLICATE],
        unknown=states[UNKNOWN],
        refused=refused,
    )


def _empty(line: str) -> UsageError:
    return UsageError("there is nothing to read", hint="esimctl usage import {line} FILE", code="empty", line=Raw(line))


def imported(
    session: "Session", line: str, every: Sequence[Seen], *, empty: bool = False
) -> "Result[UsageImportDocument]":
    """What texts state, journalled and told; the first that no pattern knows with how to teach it."""
    if not every and not empty:
        raise _empty(line)
    rows = observe(session, line, every)
    result = tell(Result("usage-import", _document(line, Counter(row.state for row in rows), rows)), rows)
    strange = next((row for row in rows if row.state == UNKNOWN), None)
    if strange is not None:
        from esimctl.usage.teaching import how_to_teach

        result.note(how_to_teach(session, line, strange.text or ""))
    return result
