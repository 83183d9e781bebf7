"""`usage learn` and `usage patterns`: sentences that a person teaches, what they read, and how one is taken back."""

from collections.abc import Sequence
from datetime import UTC
from shlex import quote
from typing import TYPE_CHECKING

from esimctl.catalogue.patterns import (
    Figures,
    ParsedMessage,
    Pattern,
    PatternError,
    compiled,
    places_of,
    plain,
    read_pattern,
    readings,
)
from esimctl.documents.result import Result
from esimctl.documents.usage import PatternDocument, PatternFiguresPart, PatternRow, PatternsDocument
from esimctl.errors import UsageError
from esimctl.profile.books import open_books, open_together
from esimctl.profile.naming import check_name
from esimctl.profile.opened import unknown
from esimctl.usage.messages import digest_of, ending, messages, own_patterns
from esimctl.usage.observing import observe
from esimctl.values.moments import zone
from esimctl.values.record import record, replace
from esimctl.values.sentence import Raw, Sentence
from esimctl.values.tables import Table, TableError
from esimctl.values.toml import Toml, text_at

if TYPE_CHECKING:
    from esimctl.ledger.facts import ReadingFact
    from esimctl.profile.opened import Session


@record
class Lesson:
    """A pattern that is about to be kept: what it reads off `example`, and the older ones that read it otherwise."""

    line: str
    name: str
    table: dict[str, Toml]
    pattern: Pattern
    example: str | None
    figures: Figures | None
    replaces: tuple[str, ...]


def how_to_teach(session: "Session", line: str, text: str) -> Sentence:
    """What to say of a text that nobody understood: a command that was tried on it, or who disagrees on it."""
    from esimctl.catalogue.suggesting import suggestion

    fitting = _fitting(session, line, text, own_patterns(session))
    if len(fitting) > 1:
        names = " and ".join(sorted(reading.pattern.id for reading in fitting))
        return Sentence("{names} disagree on this text: esimctl usage patterns forget NAME", {"names": Raw(names)})
    template = suggestion(text, zone(session.zone))
    if template is None:
        return Sentence(
            "teach it: esimctl usage learn {line} --template TEXT, the message with {place} where its figure stands",
            {"line": Raw(line), "place": Raw("{remaining}")},
        )
    return Sentence(
        "teach it: esimctl usage learn {line} --template {sentence}",
        {"line": Raw(line), "sentence": Raw(quote(template))},
    )


def lesson(
    session: "Session", line: str, template: str, *, name: str | None, order: str, example: str | None
) -> Lesson:
    """What keeping a template would do, tried on `example` or on the newest kept text that it fits.

    UsageError for what can be no template, and for one that does not fit the example.
    """
    carrier = session.line(line).get("carrier")
    try:
        compiled(template)
    except PatternError as why:
        raise UsageError("{why}", code="bad_template", why=why.said) from None
    if not set(places_of(template)) & {"remaining", "used", "balance", "bonus", "expires", "days", "minutes",
                                       "percent_used", "percent_left"}:  # fmt: skip
        raise UsageError(
            "a template needs a place for a figure, such as {place}", code="bad_template", place=Raw("{remaining}")
        )
    table: dict[str, Toml] = {
        "template": " ".join(template.split()),
        "carriers": [carrier] if carrier else [],
        "order": order,
        "source": "taught by you",
        "as_of": session.clock.now().astimezone(UTC).date(),
        "grade": "own",
    }
    chosen = check_name(name or f"own-{digest_of(plain(template))[:8]}", "pattern")
    try:
        pattern = read_pattern(chosen, Table(table, ("pattern", chosen)))
    except TableError as error:
        raise UsageError("{why}", code="bad_template", why=error.said) from None
    others = [each for each in own_patterns(session) if each.id != chosen]
    texts = [example] if example is not None else [fact.text or "" for fact in _kept(session, line)]
    for text in texts:
        own = _fitting(session, line, text, (pattern,))
        if own:
            older = _fitting(session, line, text, others)
            replaces = tuple(each.pattern.id for each in older if each.figures != own[0].figures)
            return Lesson(line, chosen, table, pattern, text, own[0].figures, replaces)
    if example is not None:
        raise UsageError("the template does not fit that text", code="does_not_fit")
    return Lesson(line, chosen, table, pattern, None, None, ())


def keep(session: "Session", lesson: Lesson) -> "Result[PatternDocument]":
    """Keep a pattern in place of those that it corrects, and read the kept texts again that it fits."""
    line = lesson.line
    kept = [fact for fact in _kept(session, line) if _fitting(session, line, fact.text or "", (lesson.pattern,))]
    with open_together(session, f"usage learn {line}"):
        for name in lesson.replaces:
            session.store.profile.remove_table("pattern", name)
        session.store.profile.set_table("pattern", lesson.name, lesson.table)
        session.forget()
    again = [
        replace(seen, digest=fact.digest or "")  # the same text pasted once more is no other reading
        for fact in kept
        for seen in messages(session, line, fact.text or "", None, fact.read_at)
        if seen.understood
    ]
    rows = observe(session, line, again) if again else []
    taught = replace(
        pattern_row(lesson.pattern),
        figures=None if lesson.figures is None else figures_part(lesson.figures),
        replaces=lesson.replaces,
        read_again=len(rows),
    )
    result = Result("pattern", PatternDocument(pattern=taught))
    for name in lesson.replaces:
        result.note("it replaces {name}, which read the same text otherwise", name=Raw(name))
    if rows:
        result.note("{count} kept texts of {line} were read with it", count=len(rows), line=Raw(line))
    return result


def patterns(session: "Session", name: str | None = None) -> "Result[PatternsDocument]":
    """The person's own patterns, or one of them."""
    found = {each.id: each for each in own_patterns(session)}
    if name is not None and name not in found:
        raise unknown("pattern", name, list(found), "esimctl usage patterns list")
    chosen = found.values() if name is None else [found[name]]
    result = Result("patterns", PatternsDocument(patterns=[pattern_row(each) for each in chosen]))
    if not found:
        result.note("no pattern of yours yet: esimctl usage learn LINE --template TEXT")
    return result


def forget(session: "Session", name: str) -> "Result[PatternsDocument]":
    """Take a pattern back; readings that it gave stay in the books: esimctl usage undo takes the last one back."""
    result = patterns(session, name)
    with open_books(session, f"usage patterns forget {name}"):
        session.store.profile.remove_table("pattern", name)
        session.forget()
    return result


def pattern_row(pattern: Pattern) -> PatternRow:
    """A pattern with the carrier it is for and its places in their order."""
    return PatternRow(
        name=pattern.id,
        carrier=pattern.carriers[0] if pattern.carriers else None,
        template=pattern.template,
        places=list(dict.fromkeys(places_of(pattern.template))),
    )


def figures_part(figures: Figures) -> PatternFiguresPart:
    """The figures of a message."""
    return PatternFiguresPart(
        remaining_bytes=figures.remaining,
        used_bytes=figures.used,
        granted_bytes=figures.granted,
        main_balance=figures.balance,
        expires_at=figures.expires,
        percent_used=figures.percent_used,
        minutes=figures.minutes,
        bonus=figures.bonus,
        bonus_expires_at=figures.bonus_expires,
    )


def _fitting(session: "Session", line: str, text: str, among: Sequence[Pattern]) -> list[ParsedMessage]:
    where, now = zone(session.zone), session.clock.now()
    found = readings(text, text_at(session.line(line), "carrier"), None, where, among)
    return [ParsedMessage(each.pattern, ending(each.figures, now, where)) for each in found]


def _kept(session: "Session", line: str) -> "list[ReadingFact]":
    """Texts of the line that nobody understood, the newest first."""
    if not session.store.exists():
        return []
    facts = session.store.ledger_for_reading().all_readings(line)
    unread = [fact for fact in facts if fact.text and not fact.understood]
    return sorted(unread, key=lambda fact: (fact.read_at, fact.seq), reverse=True)
