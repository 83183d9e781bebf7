"""Lines: list, show, rename, remove, tag, and their activation codes."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from esimctl.advice.advised import advise
from esimctl.catalogue.carriers import by_name, issuers
from esimctl.documents.balance import RolloverHeldPart
from esimctl.documents.document import ABSENT, JSON, as_json
from esimctl.documents.lines import CarrierFactRow, LineDocument, LinePart, LinesDocument, QrDocument
from esimctl.documents.reading import read
from esimctl.documents.result import Result
from esimctl.errors import UsageError
from esimctl.lines.past import show_past
from esimctl.lines.sharing import tie_rows
from esimctl.market.counter import contacts
from esimctl.market.on_offer import PLAY, kind_of
from esimctl.profile.books import done_before, open_books, open_together
from esimctl.profile.codes import codes_of_line
from esimctl.profile.naming import check_name, known_line
from esimctl.profile.opened import unknown
from esimctl.profile.own_catalogue import market, own_carriers
from esimctl.providers.lpa import mask
from esimctl.purchase.document import activation
from esimctl.purchase.profile_lines import mend_lines
from esimctl.store.user_file import said
from esimctl.usage.balance import balance
from esimctl.usage.modelled import now_on_line
from esimctl.values.record import replace
from esimctl.values.sentence import Raw, commas
from esimctl.values.toml import Toml, text_at, texts_at

if TYPE_CHECKING:
    from esimctl.documents.balance import BalanceLine
    from esimctl.ledger.fold import Ledger
    from esimctl.profile.books import Books
    from esimctl.profile.opened import Session


def tags_of(table: Mapping[str, Toml]) -> list[str]:
    """The tags of a line's table, in their order; a single word that somebody wrote by hand is one tag."""
    return texts_at(table, "tags")


def list_lines(session: "Session", names: Sequence[str] = ()) -> "Result[LinesDocument]":
    """Lines (all, if none is named) in the order in which they came, each with what the books know to be left."""
    wanted = list(names or session.lines)
    known = left_on_lines(session, wanted)
    ledger = session.store.ledger_for_reading() if session.store.exists() else None
    rows = [with_left(line_entry(session, name, ledger=ledger), known[name]) for name in wanted]
    result = Result("lines", LinesDocument(lines=rows))
    if not session.lines:
        result.note("no lines yet: esimctl plans list shows what can be bought")
    return result


def line_entry(session: "Session", name: str, *, reveal: bool = False, ledger: "Ledger | None" = None) -> LinePart:
    """A line as the profile has it, with its ties by the ledger; numbers are masked unless asked for."""
    table = session.line(name)
    iccid, msisdn = text_at(table, "iccid"), text_at(table, "msisdn")
    ledger = ledger or (session.store.ledger_for_reading() if session.store.exists() else None)
    return LinePart(
        id=None if ledger is None else _id_of(ledger, name),
        line=name,
        provider=str(table["provider"]),
        carrier=text_at(table, "carrier"),
        plan=text_at(table, "plan"),
        play_money=kind_of(session, str(table.get("provider"))) == PLAY,
        iccid=iccid if reveal or iccid is None else mask(iccid),
        msisdn=msisdn if reveal or msisdn is None else mask(msisdn),
        order=text_at(table, "order"),
        tags=tags_of(table),
        owner=text_at(table, "owner"),
        note=text_at(table, "note"),
        open_orders=0,
        ties=[] if ledger is None or not ledger.ties else tie_rows(session, ledger, name),
    )


def _id_of(ledger: "Ledger", name: str) -> str | None:
    """The identity of a line; None of one that somebody wrote into the profile by hand."""
    fact = ledger.lines.get(name)
    return None if fact is None else fact.id


def left_on_lines(session: "Session", names: Sequence[str]) -> "dict[str, BalanceLine]":
    """What is left on lines, until when, and what renewing does, as `balance` says it; no provider is asked."""
    lines = balance(session, names, advise=advise, refresh=False).data.lines if names else []
    return {line.line: line for line in lines}


def with_left(row: LinePart, left: "BalanceLine") -> LinePart:
    """The line with what is left on it beside it."""
    data, rollover = left.data, left.rollover
    return replace(
        row,
        status=left.status,
        expires_at=left.expires_at,
        used_bytes=data.used_bytes,
        remaining_bytes=data.remaining_bytes,
        restricted_bytes=data.restricted_bytes,
        restricted_unlimited=data.restricted_unlimited,
        unlimited=data.unlimited,
        carry_if_renewed_bytes=rollover.carry_if_renewed_bytes,
        lost_anyway_bytes=rollover.lost_anyway_bytes,
        lost_if_not_bytes=rollover.lost_if_not_bytes,
        kept_anyway_bytes=rollover.kept_anyway_bytes,
        carried_until=rollover.carried_until,
        lost_anyway_at=rollover.lost_anyway_at,
        renew_by=rollover.renew_by,
        grace_until=rollover.grace_until,
    )


def show_line(session: "Session", name: str, *, reveal: bool = False) -> "Result[LineDocument]":
    """One line, by its name or identity, with its activation code (masked unless `reveal`) and its carrier's facts.

    Of one that was removed, what the journal keeps.
    """
    ledger = session.store.ledger_for_reading() if session.store.exists() else None
    if ledger is not None:
        name = known_line(session, ledger, name)
        if name not in session.lines:
            return show_past(session, ledger, name, reveal=reveal)
    row = with_left(line_entry(session, name, reveal=reveal, ledger=ledger), left_on_lines(session, [name])[name])
    secrets: Mapping[str, str] = codes_of_line(session, name, ledger) or {}
    table = session.line(name)
    has = bool(secrets or table.get("iccid"))
    held = None if ledger is None else now_on_line(session, ledger, name)
    whole = replace(
        row,
        activation=activation(secrets.get("lpa"), text_at(table, "iccid"), None, reveal=reveal) if has else None,
        confirmation_code=secrets.get("confirmation_code") if reveal else None,
        open_orders=0 if ledger is None else len(ledger.open_orders(line=name)),
        rollover=ABSENT
        if held is None
        else RolloverHeldPart(effective=held.mode, disputed=held.disputed, claim=held.claim, by=held.by),
        carrier_facts=carrier_facts(session, text_at(table, "carrier")),
        contacts=contacts(text_at(table, "carrier"), own_carriers(session)),
        prefix_guess=prefix_guess(session, text_at(table, "msisdn")),
        receipt=text_at(table, "receipt"),
    )
    return Result("line", LineDocument(line=whole))


def prefix_guess(session: "Session", msisdn: str | None) -> list[str] | None:
    """The carriers whose prefix the number has: a guess and never a fact; None where there is no number."""
    return None if msisdn is None else [row.id for row in issuers(msisdn, own_carriers(session))]


def carrier_facts(session: "Session", carrier: str | None) -> list[CarrierFactRow]:
    """How to check the balance, top up, unsubscribe, whom to call: each with source, date and grade."""
    from esimctl.market.carriers import claimed

    known = None if carrier is None else by_name(carrier, own_carriers(session))
    if known is None:
        return []
    return [
        CarrierFactRow(
            topic=fact.topic,
            values=fact.values,
            note=fact.note,
            source=fact.source,
            as_of=None if fact.as_of is None else date.fromisoformat(fact.as_of),
            grade=fact.grade,
        )
        for fact in (*known.facts, *claimed(known.id, tuple(market(session).own.values())))
    ]


def rename_line(session: "Session", name: str, to: str) -> "Result[LineDocument]":
    """Give a line another name; its history and its activation code follow."""
    check_name(to)
    if done_before(session, f"rename {name}", to) is None:
        session.line(name)
    with open_together(session, f"rename {name}", to) as books:
        if not books.repeated:
            _rename(books, name, to)
    return Result("line", LineDocument(line=line_entry(session, to)))


def _rename(books: "Books", name: str, to: str) -> None:
    """The new name in journal, vault and profile, and in the rules that buy for the line."""
    session = books.session
    mend_lines(books)
    session.line(name)
    if to in session.lines:
        raise UsageError("there is a line {name!r} already", code="name_taken", name=Raw(to))
    _no_open_order(books, name)
    books.write({"kind": "line.renamed", "line": name, "to": to})
    session.store.profile.rename_table("line", name, to)
    session.forget()
    if session.section("rule"):
        from esimctl.autotopup.rules import follow_rename

        follow_rename(books, name, to)


def set_owner(session: "Session", name: str, owner: str | None) -> "Result[LineDocument]":
    """Say whose line it is, for reports by person; None takes it back."""
    owner = said(owner, "OWNER", 64)
    if owner == "":
        raise UsageError("an owner is one line of text, 64 characters at most", code="bad_text")
    session.line(name)
    with session.store.locked(0.0, f"owner of {name}"):
        session.store.profile.set_table("line", name, {"owner": owner})
        session.forget()
    return Result("line", LineDocument(line=line_entry(session, name)))


def remove_line(session: "Session", name: str) -> "Result[LineDocument]":
    """Take a line out of the profile. Its history stays in the journal; the eSIM itself is not touched."""
    answer = done_before(session, f"remove {name}", name)
    if answer is None:
        session.line(name)
        with open_together(session, f"remove {name}", name) as books:
            answer = books.answer = books.answer if books.repeated else _remove(books, name)
    told, rules = answer["line"], answer["rules"]
    assert isinstance(told, Mapping)
    assert isinstance(rules, list)
    row = read(LinePart, told)
    result = Result("line", LineDocument(line=replace(row, removed=True)))
    result.note("{line} is no longer followed; its history and its code are kept", line=Raw(name))
    if row.id:
        result.note("it stays reachable as {id}: esimctl lines show {id}", id=Raw(row.id))
    if rules:
        result.note("its rules were removed with it: {rules}", rules=commas(map(str, rules)))
    return result


def _remove(books: "Books", name: str) -> dict[str, JSON]:
    """The line out of journal and profile, with the rules that buy for it: what the person is told of it."""
    from esimctl.autotopup.rules import follow_removal

    session = books.session
    entry = line_entry(session, name, ledger=books.ledger)
    _no_open_order(books, name)
    rules = follow_removal(books, name)
    books.write({"kind": "line.removed", "line": name})
    session.store.profile.remove_table("line", name)
    session.forget()
    return {"line": as_json(entry), "rules": rules}


def _no_open_order(books: "Books", name: str) -> None:
    for order in books.ledger.open_orders(line=name):
        raise UsageError(
            "order {id} on {line} is still open",
            hint="esimctl reconcile",
            code="order_open",
            id=Raw(order.id),
            line=Raw(name),
        )


def activation_code(session: "Session", name: str) -> str:
    """The activation code of a line, also of one that was removed, for a QR code that the person asked for."""
    ledger = session.store.ledger_for_reading()
    name = known_line(session, ledger, name)
    secrets = codes_of_line(session, name, ledger)
    if not secrets or "lpa" not in secrets:
        raise UsageError(
            "no activation code is known for {line}",
            hint="esimctl lines show {line}",
            code="no_activation_code",
            line=Raw(name),
        )
    return str(secrets["lpa"])


def qr(session: "Session", name: str, *, reveal: bool) -> "Result[QrDocument]":
    """The activation code for drawing; the document itself carries it only when `--show-code` asked for it."""
    code = activation_code(session, name)
    ledger = session.store.ledger_for_reading()
    key = known_line(session, ledger, name)
    fact = ledger.lines.get(key)
    iccid = text_at(session.lines[key], "iccid") if key in session.lines else None if fact is None else fact.iccid
    called = key if fact is None else fact.once or key
    return Result("qr", QrDocument(line=called, activation=activation(code, iccid, None, reveal=reveal)))


def check_tags(tags: Sequence[str]) -> list[str]:
    """Each tag once, in order; UsageError for one that could not be a name."""
    return list(dict.fromkeys(check_name(tag, "tag") for tag in tags))


def tagged(session: "Session", tags: Sequence[str]) -> list[str]:
    """The lines that bear every one of these tags, in the profile's order; a tag that no line bears is refused."""
    known = list(dict.fromkeys(tag for table in session.lines.values() for tag in tags_of(table)))
    for tag in tags:
        if tag not in known:
            raise unknown("tag", tag, known, "esimctl lines list --columns line,tags")
    return [name for name, table in session.lines.items() if set(tags) <= set(tags_of(table))]


def selected(session: "Session", names: Sequence[str], tags: Sequence[str]) -> Sequence[str]:
    """Lines by name or by tag, not by both; empty where neither is given, which most commands take for all.

    UsageError for tags that no line bears together: what was meant for some lines must never become all of them.
    """
    if not tags:
        return names
    if names:
        raise UsageError("say either LINE or --tag, not both", code="line_or_tag")
    found = tagged(session, tags)
    if not found:
        raise UsageError(
            "no line bears all of these tags: {tags}",
            hint="esimctl lines list --columns line,tags",
            code="no_such_line",
            tags=commas(tags),
        )
    return found


def tag_lines(
    session: "Session", names: Sequence[str], add: Sequence[str], remove: Sequence[str]
) -> "Result[LineDocument] | Result[LinesDocument]":
    """Put tags on lines and take others off; what is there already, or is not there, is no error.

    One line's answer is the line, that of several is a list; all of them are changed, or none.
    """
    if not add and not remove:
        raise UsageError("say --add TAG or --remove TAG", hint="esimctl lines tag --help", code="tag_needed")
    wanted, unwanted = check_tags(add), set(check_tags(remove))
    if unwanted & set(wanted):
        raise UsageError("a tag cannot be added and removed at once", code="tag_twice")
    names = list(dict.fromkeys(names))
    for name in names:
        session.line(name)
    together = open_books if len(names) == 1 else open_together
    with together(session, f"tag {names[0]}"):
        for name in names:
            before = tags_of(session.line(name))
            after = [tag for tag in dict.fromkeys([*before, *wanted]) if tag not in unwanted]
            if after != before:
                session.store.profile.set_table("line", name, {"tags": after or None})
        session.forget()
    if len(names) == 1:
        return Result("line", LineDocument(line=line_entry(session, names[0])))
    return list_lines(session, names)
