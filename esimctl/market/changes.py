"""The person's own rows: taken from a file, compared with what was, and resellers' lists fetched anew."""

from collections.abc import Iterable, Mapping, Sequence
from json import dumps, loads
from pathlib import PurePath
from typing import TYPE_CHECKING, TypeAlias

from esimctl.catalogue.carriers import Carrier
from esimctl.catalogue.claims import Claim
from esimctl.catalogue.devices import Device
from esimctl.catalogue.plan import Plan
from esimctl.catalogue.promotions import Promotion
from esimctl.documents.advice import (
    ChangeRow,
    FetchedList,
    Field,
    ImportDocument,
    ImportedRows,
    PlanChangesDocument,
    WrongRow,
)
from esimctl.documents.kinds import kinds
from esimctl.documents.plans import PlanRow
from esimctl.documents.reading import value_of
from esimctl.documents.result import Result
from esimctl.errors import ExitCode, UsageError
from esimctl.market.plans import plan_row
from esimctl.profile.books import done_before, open_together
from esimctl.profile.opened import unknown
from esimctl.profile.own_catalogue import Market, market, note_wrong, rows_of, shipped_market
from esimctl.store.own_files import MOST_BYTES
from esimctl.store.user_file import read_given
from esimctl.values.record import as_dict
from esimctl.values.sentence import Raw, Sentence

if TYPE_CHECKING:
    from esimctl.profile.opened import Session
    from esimctl.profile.own_catalogue import Follow

Fields: TypeAlias = Mapping[str, Field]
State: TypeAlias = dict[tuple[str, str], Fields]  #: (kind, id) → fields of a row
EXAMPLE = "example"
STATES = ("shipped", "current")
KINDS = ("plan", "promotion", "claim", "carrier", "device")
COMPARED = (
    "name", "price", "data_bytes", "unlimited", "validity", "clock", "billing", "rollover", "overage", "shareable",
    "countries", "promotions", "source", "grade", "as_of",
)  # fmt: skip


def import_plans(
    session: "Session", path: str, name: str | None = None, *, follow: "Follow"
) -> "Result[ImportDocument]":
    """Take a file of rows into the profile's catalogue. Rows that are wrong are refused by key, the others count."""
    data = read_given(path, MOST_BYTES)
    taken = _rows_of(data, path)
    if not any(taken.rows().values()):
        empty = Sentence("{path}: there is no row in it", {"path": Raw(path)})
        first = taken.wrong[0].said if taken.wrong else empty
        raise UsageError("nothing was imported: {finding}", code="bad_catalogue", finding=first)
    session.begin()
    known = market(session)
    before = documents(session, known)
    with open_together(session, f"plans import {path}") as books:
        session.store.own_files.write(name or _file_name(PurePath(path).stem), data)
        _, told = follow(books, known.own)
    changes = difference(before, documents(session, market(session)))
    refused = [WrongRow(file=one.file or path, key=one.key or "file", message=str(one.reason)) for one in taken.wrong]
    result = Result(
        "import", ImportDocument(imported=ImportedRows(**taken.rows()), refused=refused, changes=changes), notes=told
    )
    if refused:
        result.exit_code = ExitCode.ATTENTION
        note_wrong(result, taken.wrong)
    return result


def forget_file(session: "Session", name: str, *, follow: "Follow") -> "Result[ImportDocument]":
    """Take an imported file away again."""
    purpose, files = f"plans import --remove {name}", session.store.own_files
    repeated = done_before(session, purpose, name) is not None
    if not repeated and (not session.store.exists() or name not in files.names()):
        raise unknown("catalogue file", name, files.names(), "esimctl plans diff")
    known = market(session)
    before = documents(session, known)
    told: list[Sentence] = []
    if not repeated:
        with open_together(session, purpose, name) as books:
            if not books.repeated:
                files.remove(name)
                _, told = follow(books, known.own)
    changes = difference(before, documents(session, market(session)))
    nothing = ImportedRows(**Market().rows())
    return Result("import", ImportDocument(imported=nothing, refused=(), changes=changes), notes=told)


def diff(session: "Session", before: str, after: str) -> "Result[PlanChangesDocument]":
    """What differs between two states: shipped, current, a file of rows, or a kept `plans list --json`."""
    (one, whole), (two, also) = _state(session, before), _state(session, after)
    if not (whole and also):  # a kept list holds nothing but the plans that were listed
        one, two = _as_listed(one, two), _as_listed(two, one)
    changes = difference(one, two)
    return Result("plan-changes", PlanChangesDocument(before=before, after=after, changes=changes))


def _as_listed(state: State, other: State) -> State:
    """Plans alone, and the demo ones only where the other state has any: a list leaves them out unless asked for."""
    plans = {row: fields for row, fields in state.items() if row[0] == "plan"}
    if any(fields.get(EXAMPLE) for fields in other.values()):
        return plans
    return {row: fields for row, fields in plans.items() if not fields.get(EXAMPLE)}


def refresh(session: "Session", provider: str | None = None) -> "Result[PlanChangesDocument]":
    """Fetch the lists of the providers that have one, and say what changed since the last copy."""
    from esimctl.providers.abilities import Restocks

    names = list(session.section("provider"))
    if provider is not None and provider not in names:
        raise unknown("provider", provider, names, "esimctl providers list")
    asked: list[FetchedList] = []
    changes: list[ChangeRow] = []
    for name in [provider] if provider else names:
        opened = session.provider(name)
        if not isinstance(opened, Restocks):
            continue
        now = session.clock.now()
        own = tuple(market(session).own.values())
        before = _plans(session, opened.plans(now), own)
        opened.restock(now)
        after = _plans(session, opened.plans(now), own)
        asked.append(FetchedList(provider=name, plans=len(after)))
        changes += difference(before, after)
    result = Result("plan-changes", PlanChangesDocument(before="copy", after="now", providers=asked, changes=changes))
    if not asked:
        result.note("no provider here has a list to fetch; the bundled rows come with the program")
    return result


def difference(before: State, after: State) -> list[ChangeRow]:
    """Added, removed and changed rows, one for each field that differs: plans first, then the other kinds by id."""
    found: list[ChangeRow] = []
    for kind, name in sorted({*before, *after}, key=lambda row: (KINDS.index(row[0]), row[1])):
        old, new = before.get((kind, name)), after.get((kind, name))
        if old is None or new is None:
            change = "added" if old is None else "removed"
            found.append(ChangeRow(plan=name, of=kind, change=change, field=None, before=None, after=None))
            continue
        found += [
            ChangeRow(plan=name, of=kind, change="changed", field=key, before=old.get(key), after=new.get(key))
            for key in (COMPARED if kind == "plan" else new)
            if old.get(key) != new.get(key)
        ]
    return found


def _state(session: "Session", name: str) -> tuple[State, bool]:
    """The rows of a state, and whether it holds rows of every kind."""
    if name == "shipped":
        return documents(session, shipped_market()), True
    if name == "current":
        return documents(session, market(session)), True
    data = read_given(name, 4 * MOST_BYTES)
    if data.lstrip().startswith(b"{"):
        return _kept(data, name), False
    return documents(session, _rows_of(data, name)), True


def _rows_of(data: bytes, path: str) -> Market:
    """The rows of a file; UsageError where it is no table at all."""
    taken = rows_of(data, PurePath(path).name)
    if not taken.readable:
        raise UsageError("{finding}", code="bad_catalogue", finding=taken.wrong[0].said)
    return taken


def _kept(data: bytes, name: str) -> State:
    """The plans of a document that `plans list --json` gave, perhaps of a version that knew fewer fields."""
    kept = {key: value_of(kind) for key, kind in kinds(PlanRow).items() if key in (*COMPARED, EXAMPLE)}
    try:
        return {
            ("plan", str(row["id"])): {key: make(row[key]) for key, make in kept.items() if key in row}
            for row in loads(data)["plans"]
        }
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise UsageError(
            "{name} is not a document of plans list --json", code="bad_catalogue", name=Raw(name)
        ) from None


def _plans(session: "Session", rows: Iterable[Plan], own: Sequence[Claim]) -> State:
    """The fields of plans that are compared."""
    found: State = {}
    for row in rows:
        shown = vars(plan_row(session, row, own))
        fields = {key: shown[key] for key in (*COMPARED, EXAMPLE)}
        found["plan", row.id] = {key: list(each) if isinstance(each, tuple) else each for key, each in fields.items()}
    return found


def documents(session: "Session", rows: Market) -> State:
    """Every row of a state as plain fields."""
    found = _plans(session, rows.plans.values(), tuple(rows.own.values()))
    others: Mapping[str, Mapping[str, Promotion | Claim | Carrier | Device]] = {
        "promotion": rows.promotions, "claim": rows.own, "carrier": rows.carriers, "device": rows.devices,
    }  # fmt: skip
    for kind, table in others.items():
        for row in table.values():
            fields = {key: value for key, value in as_dict(row).items() if key != "id"}
            found[kind, row.id] = {
                key: value if value is None or isinstance(value, str) else dumps(value, ensure_ascii=False, default=str)
                for key, value in fields.items()
            }
    return found


def _file_name(stem: str) -> str:
    """A name for the copy, made of the file's own."""
    safe = "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in stem.lower()).strip("-")
    return safe[:32] or "own"
