"""Readings into the books: what was read is kept beside what was modelled, and a difference is an adjustment.

The same content is one reading. A balance never rises above what was granted without saying so.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Protocol

from esimctl.catalogue.plans import unknown
from esimctl.charging.events import CarriedOver
from esimctl.documents.result import D, Result
from esimctl.documents.usage import CarryPart, ClosedBucketRow, ReadingRow
from esimctl.errors import ExitCode, UsageError
from esimctl.profile.books import Books, open_books
from esimctl.profile.own_catalogue import market
from esimctl.providers.pools import usable_pools
from esimctl.providers.protocol import Reading
from esimctl.usage.last_reading import reading_table
from esimctl.usage.messages import Seen, outdated, too_new
from esimctl.usage.modelled import is_modelled
from esimctl.usage.playing import FOUND, Playing, play, playing
from esimctl.usage.present import present_reading, unseen
from esimctl.values.moments import instant
from esimctl.values.record import replace
from esimctl.values.sentence import Param, Raw, Sentence
from esimctl.values.toml import Toml, text_at
from esimctl.values.volume import Unlimited, format_volume

if TYPE_CHECKING:
    from esimctl.documents.document import Document
    from esimctl.profile.opened import Session
    from esimctl.usage.playing import Model

RECORDED, DUPLICATE, UNKNOWN, OUTDATED, FUTURE, EVENT, UNDONE = (
    "recorded",
    "duplicate",
    "unknown",
    "outdated",
    "future",
    "event",
    "undone",
)


MOST_TOLD = 100  #: sentences about single rows
PORTION = 500  #: readings that are written at once, and held in memory until then


class Contents(Protocol):
    """The contents that were understood before."""

    def __contains__(self, digest: str, /) -> bool: ...
    def add(self, digest: str, /) -> None:
        """One more."""


def observe(session: "Session", line: str, every: Sequence[Seen]) -> list[ReadingRow]:
    """Journal what was seen, oldest first, under one lock; one document a message, in the order given."""
    places = sorted(range(len(every)), key=lambda place: every[place].at)
    documents = dict(zip(places, observed(session, line, (every[place] for place in places), set()), strict=True))
    return [documents[place] for place in range(len(every))]


def observed(session: "Session", line: str, every: Iterable[Seen], known: Contents) -> Iterator[ReadingRow]:
    """Journal what was seen, oldest first as it comes, under one lock and some hundred with one fsync; their documents.

    What was taken over before a stop is known the next time.
    """
    session.line(line)
    with open_books(session, f"usage {line}") as books:
        for fact in books.ledger.walk_readings(line):
            if fact.digest is not None and fact.understood:
                known.add(fact.digest)
        looks = Looks(books, line, modelled=is_modelled(session, session.line(line)))
        left = iter(every)
        while portion := list(islice(left, PORTION)):
            with session.store.at_once(books.ledger):
                documents = [one(looks, seen, known) for seen in portion]
            session.store.keep_point()
            yield from documents


class Looks:
    """The books of one line while looks at it are written down, oldest first; `played` is what a model knows of it."""

    def __init__(self, books: Books, line: str, *, modelled: bool) -> None:
        self.books = books
        self.line = line
        self.modelled = modelled
        self._playing: Playing | None = None
        self._known: Reading | None = None

    def played(self, seen: Seen) -> "Model":
        """The line as it was modelled at that instant."""
        if seen.figures.carried is not None:  # what is then taken out of it is not to be taken out again
            return play(self.books.session, self.books.ledger, self.line, seen.at)
        if self._playing is None:
            self._playing = playing(self.books.session, self.books.ledger, self.line, seen.at)
        return self._playing.until(seen.at)

    def known(self, seen: Seen) -> "Reading":
        """What is known of a line whose provider answers for it.

        While an order stands that no look has seen, it is what was known when these looks began: they are older.
        """
        from esimctl.usage.readings import ask

        session, ledger, line = self.books.session, self.books.ledger, self.line
        if self._known is None or next(unseen(session, ledger, line), None) is None:
            known = present_reading(session, ledger, line) or ask(session, line, session.line(line), [])
            self._known = known or Reading(seen.at, "pending")
        return self._known

    def written(self) -> None:
        """The newest reading in the books was written since."""
        if self._playing is not None:
            self._playing.add(self.books.ledger.readings[self.line][-1])


def one(looks: Looks, seen: Seen, known: Contents) -> ReadingRow:
    """One message: written where it says something new, and told in any case."""
    books, line = looks.books, looks.line
    if seen.digest in known:
        return stated(line, seen, DUPLICATE)
    if not seen.understood:
        keep_text(looks, seen)
        return stated(line, seen, UNKNOWN)
    if too_new(seen, books.session.clock.now()):
        return stated(line, seen, FUTURE)
    if outdated(seen):
        return stated(line, seen, OUTDATED)
    known.add(seen.digest)
    if not seen.figures.any:
        keep_text(looks, seen)
        return stated(line, seen, EVENT)
    return adjust(looks, seen) if looks.modelled else beside_provider(looks, seen)


def stated(line: str, seen: Seen, state: str) -> ReadingRow:
    """What a message says, before anything is known of what it changes."""
    figures = seen.figures
    return ReadingRow(
        line=line,
        at=seen.at,
        source=seen.source,
        state=state,
        remaining_bytes=figures.remaining,
        used_bytes=figures.used,
        main_balance=figures.balance,
        expires_at=figures.expires,
        modelled_bytes=None,
        granted_bytes=None,
        adjusted_bytes=None,
        findings=(),
        pattern=seen.pattern,
        tells=seen.tells,
        text=seen.text,
        carry=None,
        bonus=figures.bonus,
        bonus_expires_at=figures.bonus_expires,
    )


def keep_text(looks: Looks, seen: Seen) -> None:
    """A text that gives no figure is kept as it came; the value stays unknown."""
    books, line = looks.books, looks.line
    data = {"text": seen.text, "digest": seen.digest, "understood": seen.understood, "pattern": seen.pattern}
    if not looks.modelled:
        books.write({"kind": "note", "text": seen.text or "", "line": line, "source": seen.source})
    elif not any(fact.digest == seen.digest for fact in books.ledger.all_readings(line)):
        read_at = min(seen.at, books.session.clock.now())
        books.write({"kind": "reading", "line": line, "read_at": read_at, "source": seen.source, "data": data})
        looks.written()


def adjust(looks: Looks, seen: Seen) -> ReadingRow:
    """A reading of a modelled line, with the adjustment that makes the model agree with it."""
    books, line = looks.books, looks.line
    known = looks.played(seen)
    carry = None if seen.figures.carried is None else uncarried(books, line, seen, known)
    before, shared = known.brief, usable_pools(known.engine, line)
    explained = not any(bucket.id.startswith(FOUND) for bucket in before.buckets)
    granted = before.granted if explained and before.buckets and not isinstance(before.granted, Unlimited) else None
    model = shared if not before.buckets else None if isinstance(before.remaining, Unlimited) else before.remaining
    remaining, derived = derive(seen, granted, model)
    findings = ["derived"] if derived else []
    if remaining is not None and granted is not None and remaining > granted:
        findings.append("above_granted")
    elif remaining is not None and model is not None and remaining > model:
        findings.append("raised")
    known_less = remaining is not None and not before.buckets and remaining > (shared or 0)
    if known_less and not volume_unsaid(books.session, line):
        findings.append("unexplained")
    difference = None if remaining is None else remaining - (model or 0)
    data = data_of(seen, remaining)
    books.write({"kind": "reading", "line": line, "read_at": seen.at, "source": seen.source, "data": data})
    looks.written()
    if difference and not isinstance(before.remaining, Unlimited):
        why = reason(seen, remaining, model)
        books.write({"kind": "adjust", "line": line, "octets": difference, "reason": why})
    return replace(
        stated(line, seen, RECORDED),
        remaining_bytes=remaining,
        modelled_bytes=model,
        granted_bytes=granted,
        adjusted_bytes=difference,
        findings=findings,
        carry=carry,
    )


def derive(seen: Seen, granted: int | None, model: int | None) -> tuple[int | None, bool]:
    """(what is left, whether it follows from a use or a share). A share announces a threshold: it raises nothing."""
    figures = seen.figures
    if figures.remaining is not None:
        return figures.remaining, False
    whole = figures.granted or granted
    if figures.used is not None and whole is not None:
        return max(0, whole - figures.used), True
    if figures.percent_used is not None and whole is not None:
        left = whole * (100 - figures.percent_used) // 100
        return left if model is None else min(left, model), True
    if figures.percent_used == 100:
        return 0, True
    return None, False


def data_of(seen: Seen, remaining: int | None) -> dict[str, Toml]:
    """A reading as the journal keeps it; what it does not state is left out."""
    figures = seen.figures
    return {
        "status": "unknown",
        "remaining_bytes": remaining,
        "used_bytes": figures.used,
        "main_balance": None if figures.balance is None else str(figures.balance),
        "expires_at": figures.expires,
        "expires_day": figures.expires_day or None,
        "voice_seconds": None if figures.minutes is None else figures.minutes * 60,
        "percent_used": figures.percent_used,
        "bonus": None if figures.bonus is None else str(figures.bonus),
        "bonus_expires_at": figures.bonus_expires,
        "carried_bytes": figures.carried,
        "digest": seen.digest,
        "text": seen.text,
        "pattern": seen.pattern,
    }


def reason(seen: Seen, remaining: int | None, model: int | None) -> str:
    """Why the model was corrected, for whoever reads the journal."""
    said = format_volume(remaining or 0)
    known = "nothing that could hold it" if model is None else format_volume(model)
    return f"{seen.source} of {instant(seen.at)}: {said} left, the model had {known}"


def beside_provider(looks: Looks, seen: Seen) -> ReadingRow:
    """A reading by hand of a line whose provider answers for itself: it stands until the provider is asked again."""
    books, line, before = looks.books, looks.line, looks.known(seen)
    remaining, derived = derive(seen, before.granted_bytes, before.remaining_bytes)
    changed = replace(
        unsaid(before, remaining, seen.figures.expires), at=seen.at, buckets=(), available_bytes=None, next_change=None,
        remaining_bytes=before.remaining_bytes if remaining is None else remaining,
        used_bytes=used(seen, before.granted_bytes, remaining),
        main_balance=seen.figures.balance or before.main_balance,
        expires_at=seen.figures.expires or before.expires_at,
    )  # fmt: skip
    data = {**reading_table(changed), "digest": seen.digest, "text": seen.text}
    books.write({"kind": "reading", "line": line, "read_at": seen.at, "source": seen.source, "data": data})
    above = remaining is not None and before.granted_bytes is not None and remaining > before.granted_bytes
    return replace(
        stated(line, seen, RECORDED),
        remaining_bytes=remaining,
        modelled_bytes=before.remaining_bytes,
        granted_bytes=before.granted_bytes,
        findings=(["derived"] if derived else []) + (["above_granted"] if above else []),
    )


def unsaid(before: "Reading", remaining: int | None, expires: datetime | None) -> "Reading":
    """The reading before without what it said of renewing and nobody knows any more, now that others are read.

    Octets are others with other data, instants with another end.
    """
    moved = expires is not None and expires != before.expires_at
    known = before
    if moved or (remaining is not None and remaining != before.remaining_bytes):
        known = replace(
            known, carry_if_renewed_bytes=None, lost_if_not_bytes=None, lost_anyway_bytes=None, kept_anyway_bytes=None
        )
    if moved:
        known = replace(
            known, renew_by=None, grace_until=None, carried_until=None, lost_anyway_at=None, plan_ends_at=None
        )
    return known


def volume_unsaid(session: "Session", line: str) -> bool:
    """Whether a line has a plan of which no source says how much data it gives: what is read explains itself then."""
    row = market(session).plan(text_at(session.line(line), "plan"))
    return row is not None and "data" in unknown(row)


def used(seen: Seen, granted: int | None, remaining: int | None) -> int | None:
    """What was used, as stated, or as it follows from what is left."""
    if seen.figures.used is not None:
        return seen.figures.used
    return None if granted is None or remaining is None else max(0, granted - remaining)


def uncarried(books: Books, line: str, seen: Seen, model: "Model") -> CarryPart:
    """What the operator did not carry over, taken out of the model that is about to be compared; and what to do now."""
    from esimctl.usage.complaint import complaint

    carried = seen.figures.carried or 0
    buckets = [bucket for bucket in model.balance.buckets if bucket.category == "rollover"]
    expected = sum(bucket.remaining for bucket in buckets if isinstance(bucket.remaining, int))
    model.engine.apply(CarriedOver(seen.at, line, carried))
    kept = {bucket.id for bucket in model.balance.buckets}
    closed = [
        ClosedBucketRow(bucket=bucket.id, since=bucket.start, octets=bucket.remaining, at=seen.at, reason="not_carried")
        for bucket in buckets
        if bucket.id not in kept and isinstance(bucket.remaining, int)
    ]
    failed = max(0, expected - carried)
    complain_by, call, say = complaint(books, line, max((bucket.start for bucket in buckets), default=seen.at), failed)
    return CarryPart(
        expected_bytes=expected,
        carried_bytes=carried,
        failed_bytes=failed,
        closed=closed,
        complain_by=complain_by,
        call=call,
        say=say,
    )


#: finding or state → the sentence for it
SENTENCES = {
    "above_granted": "{line}: {remaining} is more than the {granted} that were granted; kept as read, look at it again",
    "raised": "{line}: {remaining} is more than the {modelled} known before; kept as read",
    "unexplained": "{line}: no purchase in the books explains {remaining}; record it with esimctl renew {line} --paid",
    "derived": "{line}: {remaining} follows from what was used",
    DUPLICATE: "{line}: this was read before; it counts once",
    UNKNOWN: "{line}: no pattern knows this text; it is kept, the value stays unknown: {text}",
    OUTDATED: "{line}: what this text tells ended on {expires}; nothing was taken from it",
    FUTURE: "{line}: dated in the future ({at}); nothing was taken from it",
    "carry_doubtful": "{line}: what should have carried over is missing; if it was not carried, say so: "
    "esimctl usage record {line} --carried 0",
    EVENT: "{line}: this tells of a purchase or an order, not of what is left: esimctl renew {line} --paid REFERENCE",
}


def tell(result: "Result[D]", rows: Iterable[ReadingRow]) -> "Result[D]":
    """Say what a person should know of each message; a text that was not understood needs attention (20)."""
    untold = 0
    for row in rows:
        for word in (*row.findings, row.state):
            if word not in SENTENCES:
                continue
            if len(result.notes) < MOST_TOLD:
                result.note(SENTENCES[word], **_words(row))
            else:
                untold += 1
        if row.carry is not None and row.carry.failed_bytes:
            from esimctl.usage.complaint import told

            for said in told(row.line, row.carry):
                result.note(said)
        if row.state in (UNKNOWN, OUTDATED, FUTURE):
            result.exit_code = ExitCode.ATTENTION
    say_more(result, untold)
    return result


def say_more(result: "Result[Document]", untold: int) -> None:
    """How many sentences are left out where there are too many to read."""
    if untold > 0:
        result.note("{count} more sentences are left out; --json tells of every row", count=untold)


def _words(row: ReadingRow) -> dict[str, Param]:
    def volume(octets: int | None) -> Param:
        return Sentence("nothing") if octets is None else Raw(format_volume(octets))

    return {
        "line": Raw(row.line),
        "remaining": volume(row.remaining_bytes),
        "granted": volume(row.granted_bytes),
        "modelled": volume(row.modelled_bytes),
        "expires": Raw(instant(row.expires_at)),
        "at": Raw(instant(row.at)),
        "text": Raw(row.text or ""),
    }


def not_in_the_future(at: datetime, now: datetime) -> None:
    """A reading is of the past."""
    if at > now:
        raise UsageError("--at lies in the future", code="bad_time")
