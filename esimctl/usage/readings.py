"""Readings: asked of the provider when they are wanted, kept in the journal, and turned into a line's document."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from esimctl.documents.balance import BalanceLine, HintRow
from esimctl.documents.document import JSON, as_json, json_text
from esimctl.errors import Busy, ConfigurationError, CredentialsError, EsimctlError
from esimctl.profile.books import Books
from esimctl.profile.budget import month_rows
from esimctl.profile.mistakes import mistakes
from esimctl.profile.naming import line_ref
from esimctl.providers.protocol import Reading
from esimctl.usage.asking_many import ask_all
from esimctl.usage.kept_documents import keep_documents
from esimctl.usage.last_reading import is_stale, last_reading, reading_table
from esimctl.usage.line import line_document
from esimctl.usage.modelled import is_modelled
from esimctl.usage.present import present
from esimctl.usage.use import UseHistory, line_use, recent
from esimctl.values.sentence import Raw, Sentence
from esimctl.values.toml import Toml

if TYPE_CHECKING:
    from esimctl.ledger.fold import Ledger
    from esimctl.profile.opened import Session
    from esimctl.usage.modelled import Modelled

Documents = dict[str, tuple[BalanceLine, datetime | None, datetime]]


class Fresh(NamedTuple):
    """Documents of lines as they were worked out just now, what to tell, what is kept beside them, and from what.

    `known` is each line's use and newest reading, also one that said nothing new and is not in the journal therefore.
    """

    lines: list[BalanceLine]
    notes: list[Sentence]
    beside: dict[str, JSON]
    known: "dict[str, tuple[UseHistory, Reading | None]]"
    ledger: "Ledger"


def fresh_documents(
    session: "Session", names: Sequence[str], *, refresh: bool | None, explain: bool = False
) -> tuple[list[BalanceLine], list[Sentence]]:
    """The documents of these lines (all, if none is named), asking providers as `refresh` says; and what to tell."""
    fresh = fresh_balance(session, names, refresh=refresh, explain=explain)
    return fresh.lines, fresh.notes


def fresh_balance(
    session: "Session",
    names: Sequence[str],
    *,
    refresh: bool | None,
    explain: bool = False,
    advise: Callable[[list[BalanceLine]], list[HintRow]] | None = None,
) -> Fresh:
    """The documents of the lines, each with its last days' use, the month's budgets, and hints where `advise` is."""
    ledger = session.store.ledger_for_reading()
    notes: list[Sentence] = []
    documents: Documents = {}
    wanted = list(names) or list(session.lines)
    known_by_line = {
        name: last_reading(ledger, name) for name in wanted if not is_modelled(session, session.line(name))
    }
    stale = [
        name
        for name, known in known_by_line.items()
        if refresh or (refresh is None and is_stale(session, ledger, name, session.line(name), known))
    ]
    taken = ask_all(session, stale, notes) if stale else {}
    uses: dict[str, tuple[UseHistory, Reading | None]] = {}
    for name in wanted:
        table = session.line(name)
        model = None if name in taken else present(session, ledger, name, explain=explain)
        known = taken.get(name, known_by_line.get(name)) if model is None else model.reading
        use = use_of(session, ledger, name, known, model)
        documents[name] = line_document(
            session, ledger, name, table, known, fresh=name in taken, explain=explain, model=model, use=use
        )
        uses[name] = (use, known)
    days = {name: row for name, (use, _) in uses.items() if (row := recent(use, session))}
    lines = [documents[name][0] for name in wanted]
    beside: dict[str, JSON] = {
        "budget": month_budgets(session, ledger, notes),
        "use": days,
        "mistake": first_mistake(session),
    }
    if advise is not None:
        beside["hints"] = json_text(advise(lines))
    keep(session, ledger, taken, {} if names else documents, beside)
    return Fresh(lines, notes, beside, uses, ledger)


def first_mistake(session: "Session") -> dict[str, JSON] | None:
    """What a kept balance says of the profile without reading it."""
    found = mistakes(session)
    return found[0].said.as_table() if found else None


def known_use(session: "Session", ledger: "Ledger", name: str) -> UseHistory:
    """What is known of a line's use, without asking anybody."""
    model = present(session, ledger, name)
    return use_of(session, ledger, name, last_reading(ledger, name) if model is None else model.reading, model)


def use_of(
    session: "Session", ledger: "Ledger", name: str, known: Reading | None, model: "Modelled | None"
) -> UseHistory:
    """What is known of a line's use: of one without an interface from its story, else from what was read."""
    by_hand = model is not None and model.by_hand
    seen = known if model is None or by_hand else last_reading(ledger, name)
    return line_use(session, ledger, name, seen, model.movements if model is not None and by_hand else None)


def month_budgets(session: "Session", ledger: "Ledger", notes: list[Sentence]) -> list[dict[str, JSON]] | None:
    """The budgets of this month; None, and a note, where one cannot be read: nothing is kept then."""
    try:
        return [as_json(row) for row in month_rows(session, ledger, session.clock.now())]
    except ConfigurationError as error:
        notes.append(error.said)
        return None


def ask(session: "Session", name: str, table: Mapping[str, Toml], notes: list[Sentence]) -> Reading | None:
    """The provider's reading of a line; a provider that cannot be asked becomes a note, and the old reading stays."""
    try:
        provider = session.provider(str(table["provider"]))
        return provider.reading(line_ref(name, table), session.clock.now())
    except EsimctlError as error:
        notes.append(Sentence("{line}: {what}", {"line": Raw(name), "what": error.said}))
        return None


def keep(
    session: "Session",
    ledger: "Ledger",
    taken: Mapping[str, Reading],
    documents: Documents,
    beside: Mapping[str, JSON],
) -> None:
    """Journal new readings and keep the documents. Looking must never fail because it could not be written down."""
    if beside["budget"] is None:
        documents = {}
    try:
        if taken and not ledger.astray:  # what was written elsewhere may still come: nothing is put in its place
            with session.store.locked(0.0, "balance"):
                books = Books(session, session.store.ledger_for_writing())
                journal_readings(books, taken)
                session.store.note()
                if documents:
                    keep_documents(session, documents, beside)
        elif documents:
            keep_documents(session, documents, beside)
    except (Busy, CredentialsError, OSError):
        return
    except EsimctlError:
        return  # damaged books: reading still works, `doctor` says what is wrong


def journal_readings(books: Books, taken: Mapping[str, Reading]) -> None:
    """Append the readings that say something new; the same figures again are not history."""
    entries: list[dict[str, Toml]] = []
    for name, reading in taken.items():
        table = reading_table(reading)
        before = books.ledger.last_reading(name)
        if before is not None and dict(before.data) == table and reading.at - before.read_at < timedelta(hours=1):
            continue
        entries.append({"kind": "reading", "line": name, "read_at": reading.at, "source": "provider", "data": table})
    if entries:
        books.write(*entries)
