"""A person's later word on the lines that it is about: from a named day on their terms are others, and never before it.

Each line that changes gets an entry of the journal; an operator that plays by terms that are told to it is told.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from typing import TYPE_CHECKING

from esimctl.catalogue import holding
from esimctl.catalogue.claims import Claim, PlanNames
from esimctl.catalogue.holding import UNSAID, RolloverInForce
from esimctl.catalogue.plan import Plan
from esimctl.documents.claims import RestatedLine
from esimctl.errors import EsimctlError
from esimctl.market.holding import day_of, last_bought, of_line, plan_of_line, words_since
from esimctl.profile.own_catalogue import Market, Restated, market
from esimctl.values.moments import to_utc, zone
from esimctl.values.sentence import Raw, Sentence
from esimctl.values.toml import Toml

if TYPE_CHECKING:
    from esimctl.ledger.fold import Ledger
    from esimctl.profile.books import Books
    from esimctl.profile.opened import Session

NONE: Mapping[str, Toml] = {"mode": "none"}
#: what a person is told of a line beside the document
TOLD = {"since": "{line}: this counts from {day} on"}


def follow(books: "Books", before: Mapping[str, Claim]) -> Restated:
    """Let the person's claims, as they are now, count for the lines that they are about: (what changed, what to tell).

    `before` are the claims that stood before, by id: what is gone is taken back first, what is new counts after it.
    """
    now = market(books.session).own
    rows: list[RestatedLine] = []
    notes: list[Sentence] = []
    gone = [claim for name, claim in before.items() if name not in now]
    new = [claim for name, claim in now.items() if before.get(name) != claim and claim.kind == "person"]
    for answer in (*(_withdraw(books, claim) for claim in gone), *(_restate_lines(books, claim) for claim in new)):
        rows += answer[0]
        notes += answer[1]
    return rows, notes


def _restate_lines(books: "Books", about: Claim) -> Restated:
    """Let a word that was just spoken count for the lines of its subject."""
    session, found = books.session, list[RestatedLine]()
    notes: list[Sentence] = []
    for name, plan in _lines(books, about):
        at = _first_instant(session, books.ledger, name, about.since)
        if at is None:
            continue
        wanted = _wanted(session, about.topic, plan, at)
        if wanted is None or wanted[2] != about.id:
            continue
        row = _restate(books, about, name, at, wanted, always=about.since is not None, notes=notes)
        if row is not None:
            found.append(row)
    return found, notes


def _withdraw(books: "Books", about: Claim) -> Restated:
    """Take back what a word that is gone has changed, from where it began to count."""
    session, found = books.session, list[RestatedLine]()
    notes: list[Sentence] = []
    for name, plan in _lines(books, about):
        words = [word for word in books.ledger.restated if word.line == name and word.claim == about.id]
        by_it = of_line(session, books.ledger, name).claim == about.id
        if not words and not by_it:
            continue
        at = min((word.since for word in words), default=None) or term_begin(session, books.ledger, name)
        wanted = None if at is None else _wanted(session, about.topic, plan, at)
        if at is None or wanted is None:
            continue
        row = _restate(books, about, name, at, wanted, always=False, notes=notes)
        if row is not None:
            found.append(row)
    return found, notes


def _lines(books: "Books", about: Claim) -> Iterator[tuple[str, Plan]]:
    """The lines that a claim speaks of, as far as their plan is known: by the catalogue, or as it was bought."""
    session = books.session
    rows: Market = market(session)
    for name, table in session.lines.items():
        plan = plan_of_line(session, name, rows)
        bought = last_bought(books.ledger, name, books.now()) if plan is None else None
        if bought is not None and table.get("plan") and table.get("carrier"):
            plan = Plan(str(table["plan"]), str(table["carrier"]), name, str(table["provider"]), None, bought[3])
        if plan is not None and about.speaks_of(plan.carrier, PlanNames.of(plan)):
            yield name, plan


def _wanted(
    session: "Session", topic: str, plan: Plan, at: datetime
) -> tuple[dict[str, Toml], RolloverInForce | None, str | None] | None:
    """(keys of terms, the rollover, the claim) as they hold for a plan on the day of an instant; None: nothing does."""
    own, day = tuple(market(session).own.values()), day_of(session, at)
    if topic == "rollover":
        held = holding.rollover(own, plan.carrier, plan, day)
        return {"rollover": dict(NONE if held.table is None else held.table)}, held, held.claim
    found = holding.steered(topic, own, plan, day)
    return None if found is None else (found[0], None, found[1])


def _restate(
    books: "Books",
    about: Claim,
    name: str,
    at: datetime,
    wanted: tuple[dict[str, Toml], RolloverInForce | None, str | None],
    *,
    always: bool,
    notes: list[Sentence],
) -> RestatedLine | None:
    """Journal the change of one line, the operator being told first; None where nothing changes."""
    session, now = books.session, books.now()
    changed, held, _ = wanted
    before = of_line(session, books.ledger, name)
    after = before if held is None else held
    present = present_terms(books.ledger, name, now)
    same = all(present.get(key, UNSAID.get(key, NONE)) == value for key, value in changed.items())
    if same and not always and before.as_kept() == after.as_kept():
        return None
    try:
        _tell(session, name, changed, about.id, at, now)
    except EsimctlError as why:
        notes.append(Sentence("{line}: {what}", {"line": Raw(name), "what": why.said}))
        return None
    books.write(
        {
            "kind": "line.restated", "line": name, "since": at, "claim": about.id, "changed": changed,
            "holds": after.as_kept(),
        }
    )  # fmt: skip
    notes.append(Sentence(TOLD["since"], {"line": Raw(name), "day": Raw(day_of(session, at).isoformat())}))
    return RestatedLine(line=name, since=at, before=before.word, after=after.word)


def present_terms(ledger: "Ledger", name: str, now: datetime) -> Mapping[str, Toml]:
    """The terms of a line by its newest purchase and what was said of them since; empty where none is known."""
    bought = last_bought(ledger, name, now)
    if bought is None:
        return {}
    terms = bought[3]
    for word in words_since(ledger, name, now, bought[0]):
        terms = holding.with_changes(terms, word.changed)
    return terms


def _tell(session: "Session", name: str, changed: Mapping[str, Toml], claim: str, at: datetime, now: datetime) -> None:
    """An operator that lets itself be told works it out anew."""
    from esimctl.profile.naming import line_ref
    from esimctl.providers.abilities import Restates

    provider = session.provider(str(session.line(name)["provider"]))
    if isinstance(provider, Restates):
        provider.restate(line_ref(name, session.line(name)), changed, claim, at, now)


def _first_instant(session: "Session", ledger: "Ledger", name: str, since: date | None) -> datetime | None:
    """The first instant on which a word counts for a line: of a day, or of its present term; None without a term."""
    if since is None:
        return term_begin(session, ledger, name)

    bought = last_bought(ledger, name, session.clock.now())
    if bought is None:
        return None
    fact = ledger.lines.get(name)
    born = bought[1] if fact is None else min(bought[1], fact.born)
    return max(born, to_utc(datetime.combine(since, time()), zone(session.zone)))


def term_begin(session: "Session", ledger: "Ledger", name: str) -> datetime | None:
    """When the present term of a line began; None without one."""
    from esimctl.profile.naming import line_ref
    from esimctl.providers.abilities import Restates
    from esimctl.usage.modelled import is_modelled
    from esimctl.usage.playing import play

    now, table = session.clock.now(), session.line(name)
    if is_modelled(session, table):
        return play(session, ledger, name, now).engine.line(name).term_begin
    try:
        provider = session.provider(str(table["provider"]))
        if isinstance(provider, Restates):
            return provider.term_begin(line_ref(name, table), now)
    except EsimctlError:
        return None
    bought = last_bought(ledger, name, now)
    return None if bought is None else bought[1]
