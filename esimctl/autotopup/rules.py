"""What a person does with rules: set, show, enable, disable, pause, resume, remove, and the log of what they did."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from esimctl.autotopup.documents import rule_document
from esimctl.autotopup.inert import inert
from esimctl.autotopup.plan_checks import check_plan, check_wait, spelled
from esimctl.autotopup.rule import Rule, digest, is_confirmed, only_lowers, raised, read_rule
from esimctl.autotopup.situation import Context
from esimctl.autotopup.table import SENTENCES, retold
from esimctl.documents.autotopup import LogDocument, LogRow, RuleRow, RulesDocument
from esimctl.documents.document import as_json
from esimctl.documents.reading import read
from esimctl.documents.result import Result
from esimctl.errors import ConfigurationError, OwnRules, UsageError
from esimctl.ledger.lives import IDENTITY
from esimctl.ledger.said import instant_or_none, number, text, text_or_none
from esimctl.ledger.taken_back import dated
from esimctl.profile import second_factor
from esimctl.profile.books import Books, done_before, open_books, open_together
from esimctl.profile.naming import check_name
from esimctl.profile.opened import unknown
from esimctl.purchase.intent import choose_method
from esimctl.values.moments import instant, zone
from esimctl.values.money import Money
from esimctl.values.record import replace
from esimctl.values.sentence import Raw, Sentence, from_table
from esimctl.values.toml import Toml

if TYPE_CHECKING:
    from esimctl.documents.document import Document
    from esimctl.profile.opened import Session


def context_of(session: "Session", *, dry_run: bool = True) -> Context:
    """A look at the rules and the journal."""
    return Context(session, session.store.ledger_for_reading(), session.clock.now(), dry_run=dry_run)


def known_rule(session: "Session", name: str) -> Mapping[str, Toml]:
    """The table of a rule; an unknown name is refused with the nearest ones."""
    rules = session.section("rule")
    if name not in rules:
        raise unknown("rule", name, list(rules), "esimctl autotopup show")
    return rules[name]


def set_rule(
    session: "Session", line: str, values: Mapping[str, Toml], name: str | None = None, *, dry_run: bool = False,
    wait: float = 0.0,
) -> "Result[RulesDocument]":  # fmt: skip
    """Write a rule. A new or a wider one does nothing until it is enabled; one that only lowers stays as it stands."""
    rule_name = check_name(name or line, "rule")
    session.line(line)
    seller = str(session.line(line)["provider"])
    table: dict[str, Toml] = {"line": line, **{key: value for key, value in values.items() if value is not None}}
    pay = table.setdefault("pay", [choose_method(session, None, seller)[0]])
    for method in pay if isinstance(pay, list | tuple) else [pay]:
        choose_method(session, str(method), seller)
    try:
        rule = read_rule(rule_name, table, zone(session.zone), strict=True)
    except ConfigurationError as error:
        raise UsageError(
            "{key}: {what}",
            hint="esimctl autotopup set --help",
            code="bad_rule",
            key=error.params["key"],
            what=error.params["what"],
        ) from None
    check_plan(session, rule)
    check_wait(session, rule)
    if dry_run:
        return _only_reminds(session, rule, _preview(session, rule))
    with open_together(session, f"autotopup set {rule_name}", sorted(table.items()), wait=wait) as books:
        before = session.section("rule").get(rule_name)
        if before is not None and str(before.get("line", rule_name)) != line:
            raise UsageError(
                "rule {rule} belongs to {line}", hint="--rule gives this one another name", code="name_taken",
                rule=Raw(rule_name), line=Raw(before.get("line")),
            )  # fmt: skip
        kept = _keeps(books, rule_name, before, rule)
        enabled = before.get("enabled", False) if before is not None else False
        if not books.repeated:
            _write_table(session, rule_name, {**table, "enabled": bool(enabled)})
            if kept:
                confirm_entry(books, rule_name, lowered=True)
    result = _only_reminds(session, rule, show_rule(session, rule_name))
    if not kept or not enabled:
        result.note(
            "it does nothing until you enable it: esimctl autotopup enable {rule} --confirm {limit}",
            rule=Raw(rule_name),
            limit=Raw(spelled(rule.max_per_month)),
        )
    return result


def _only_reminds(session: "Session", rule: Rule, result: "Result[RulesDocument]") -> "Result[RulesDocument]":
    """Say of a rule on a line that only its owner can buy for what it does and does not."""
    context = context_of(session)
    if context.by_hand(rule.line):
        from esimctl.autotopup.by_hand import says_so

        said = says_so(context, rule)
        result.note(said)
    return result


def _preview(session: "Session", rule: Rule) -> "Result[RulesDocument]":
    row = replace(rule_document(context_of(session), rule), status="disabled")
    return Result("autotopup", RulesDocument(rules=[row], dry_run=True))


def _keeps(books: Books, name: str, before: Mapping[str, Toml] | None, rule: Rule) -> bool:
    """Whether the confirmation of the old rule covers the new one: it was valid, and the new one only lowers."""
    fact = books.ledger.rule(name)
    if before is None or not fact.enabled:
        return False
    if not is_confirmed(name, before, fact.confirmed, books.session.store.seed()):
        return False
    return only_lowers(read_rule(name, before, zone(books.session.zone)), rule)


def _write_table(session: "Session", name: str, table: Mapping[str, Toml]) -> None:
    """Replace the rule's table as a whole; comments elsewhere in the file stay."""
    before = session.section("rule").get(name, {})
    gone = {key: None for key in before if key not in table}
    session.store.profile.set_table("rule", name, {**gone, **table})
    session.forget()


def confirm_entry(books: Books, name: str, *, lowered: bool = False) -> None:
    session = books.session
    table = session.section("rule")[name]
    rule = read_rule(name, table, zone(session.zone))
    fact = books.ledger.rule(name)
    limit = rule.max_per_month
    same = fact.enabled and text_or_none(fact.confirmed or {}, "schedule") == _schedule(rule)
    since = instant_or_none(fact.confirmed or {}, "since") if same else None
    entry = {
        "kind": "rule.confirmed", "rule": name, "line": rule.line, "digest": digest(name, table, session.store.seed()),
        "limit_minor": None if limit is None else limit.minor,
        "limit_currency": None if limit is None else limit.currency,
        "schedule": _schedule(rule), "since": since or books.now(), **raised(rule, fact, books.now(), lowered=lowered),
    }  # fmt: skip
    if lowered:
        entry["lowered"] = True
    books.write(entry)


def _schedule(rule: Rule) -> str:
    return f"{rule.every} {rule.start}" if rule.every else ""


def enable_rule(
    session: "Session", name: str, confirm: Money | None, code: str | None = None, *, wait: float = 0.0,
    dry_run: bool = False,
) -> "Result[RulesDocument]":  # fmt: skip
    """A person's word: the monthly limit repeated, and a code where a second factor is enrolled."""
    table = known_rule(session, name)
    rule = read_rule(name, table, zone(session.zone))
    check_amount(rule, confirm)
    if rule.until is not None and session.clock.now() >= rule.until:
        raise UsageError(
            "rule {rule} ended on {until}",
            hint="set another --until",
            code="rule_ended",
            rule=Raw(name),
            until=Raw(instant(rule.until)),
        )
    if dry_run:
        return show_rule(session, name)
    with open_together(session, f"autotopup enable {name}", str(confirm), wait=wait) as books:
        if not books.repeated:
            if session.section("rule").get(name) != table:
                raise OwnRules(
                    "rule {rule} was changed meanwhile: look at it again", code="rule_changed", rule=Raw(name)
                )
            second_factor.require(session, code)
            if not table.get("enabled", True):
                session.store.profile.set_table("rule", name, {"enabled": True})
                session.forget()
            confirm_entry(books, name)
    result = show_rule(session, name)
    say_what_follows(session, rule, result)
    return result


def say_what_follows(session: "Session", rule: Rule, result: "Result[RulesDocument]") -> None:
    """What the next run would do: enabling evaluates at once, and buys nothing by itself."""
    from esimctl.autotopup.run import run

    held = result.data.rules[0].raised
    if held is not None:
        result.note(
            "limits that were raised more than twofold count from {at} on, the old ones until then",
            at=Raw(instant(held.from_)),
        )
    for decision in run(session, rule.line, dry_run=True).data.decisions:
        if decision.rule != rule.name:
            continue
        if decision.decision == "would_topup":
            result.note("it is due now, and the next run tops {line} up: esimctl autotopup run", line=Raw(rule.line))
        elif decision.reason == "would_wait":
            result.note("{what}", what=decision.said or Raw(decision.explanation))


def check_amount(rule: Rule, given: Money | None) -> None:
    """The typed amount must be the monthly limit, to the last digit."""
    limit = rule.max_per_month
    if given is None:
        raise UsageError(
            "repeat the monthly limit of {rule} to enable it", hint="--confirm {limit}", code="confirmation_needed",
            rule=Raw(rule.name), limit=Raw(str(limit).replace(" ", "")),
        )  # fmt: skip
    if given != limit:
        raise UsageError(
            "{given} is not the monthly limit of {rule}: nothing was enabled", hint="esimctl autotopup show {rule}",
            code="confirmation_differs", given=Raw(str(given)), rule=Raw(rule.name),
        )  # fmt: skip


def disable_rule(session: "Session", name: str, *, wait: float = 0.0) -> "Result[RulesDocument]":
    """Turn a rule off, at once; needs nothing."""
    known_rule(session, name)
    with open_together(session, f"autotopup disable {name}", wait=wait) as books:
        session.store.profile.set_table("rule", name, {"enabled": False})
        session.forget()
        if books.ledger.rule(name).enabled:
            books.write({"kind": "rule.disabled", "rule": name})
    return show_rule(session, name)


def remove_rule(session: "Session", name: str, *, wait: float = 0.0) -> "Result[RulesDocument]":
    """Forget a rule; its orders stay in the books and count against the limits of line and profile."""
    document = done_before(session, f"autotopup remove {name}", name)
    if document is not None:
        row = read(RuleRow, document)
    else:
        row = show_rule(session, name).data.rules[0]
        with open_together(session, f"autotopup remove {name}", name, wait=wait) as books:
            if books.ledger.rule(name).enabled:
                books.write({"kind": "rule.disabled", "rule": name, "reason": "removed"})
            session.store.profile.remove_table("rule", name)
            session.forget()
            books.answer = as_json(row)
    return Result("autotopup", RulesDocument(rules=[replace(row, status="removed")]))


def follow_rename(books: Books, old: str, new: str) -> None:
    """Rules of a line that was given another name stay with it; a confirmation that covered them still does."""
    session = books.session
    for name, table in list(session.section("rule").items()):
        if str(table.get("line", name)) != old:
            continue
        fact = books.ledger.rule(name)
        covered = fact.enabled and is_confirmed(name, table, fact.confirmed, session.store.seed())
        session.store.profile.set_table("rule", name, {"line": new})
        session.forget()
        if covered:
            confirm_entry(books, name, lowered=True)


def follow_removal(books: Books, line: str) -> list[str]:
    """The rules of a line that leaves the profile go with it; their names."""
    session = books.session
    gone = [name for name, table in session.section("rule").items() if str(table.get("line", name)) == line]
    for name in gone:
        if books.ledger.rule(name).enabled:
            books.write({"kind": "rule.disabled", "rule": name, "reason": "removed"})
        session.store.profile.remove_table("rule", name)
    session.forget()
    return gone


def pause(session: "Session", name: str | None = None) -> "Result[RulesDocument]":
    """Stop all spending at once, that of runs under way included as far as nothing was sent; or one rule alone."""
    if name is None:
        session.begin()
        session.store.pause()
        result = show_rules(session)
        result.note("all spending is paused; it goes on with: esimctl autotopup resume")
        return result
    known_rule(session, name)
    with open_books(session, f"autotopup pause {name}") as books:
        books.write({"kind": "rule.paused", "rule": name})
    return show_rule(session, name)


def resume(session: "Session", name: str | None = None, *, wait: float = 0.0) -> "Result[RulesDocument]":
    """Let spending go on; with a name, wake one rule from its pause or its suspension."""
    if name is not None:
        known_rule(session, name)
    with open_books(session, "autotopup resume", wait) as books:
        if name is None:
            session.store.resume()
        books.write({"kind": "rule.resumed", "rule": name})
    return show_rules(session) if name is None else show_rule(session, name)


def show_rules(session: "Session") -> "Result[RulesDocument]":
    """All rules, by line, and what runs them."""
    if not session.store.exists():
        return Result("autotopup", RulesDocument(rules=[]))
    context = context_of(session)
    rules = context.rules()
    result = Result("autotopup", RulesDocument(rules=[rule_document(context, rule) for rule in rules]))
    for rule in rules:
        _say_if_inert(context, rule, result)
    for error in context.bad.values():
        result.note(error.said)
    return result


def show_rule(session: "Session", name: str) -> "Result[RulesDocument]":
    """One rule."""
    table = known_rule(session, name)
    context, rule = context_of(session), read_rule(name, table, zone(session.zone))
    result = Result("autotopup", RulesDocument(rules=[rule_document(context, rule)]))
    _say_if_inert(context, rule, result)
    return result


def _say_if_inert(context: Context, rule: Rule, result: "Result[Document]") -> None:
    """Say of a rule whose line was removed that it does nothing, also where another line has the name."""
    why = inert(context.ledger, context.session.lines, rule)
    if why is not None:
        result.note("rule {rule}: {why}", rule=Raw(rule.name), why=Sentence(SENTENCES[why], {"line": Raw(rule.line)}))


def log(session: "Session", name: str | None = None) -> "Result[LogDocument]":
    """What rules decided and what was told of it, oldest first, from the journal."""
    if not session.store.exists():
        return Result("autotopup-log", LogDocument(log=[]))
    ledger, rows = session.store.ledger_for_reading(), []
    lines: dict[str, str] = {}  #: rule → its line, as far as it was told
    for entry, at in reversed([*dated(session.store.journal.load().entries)]):
        if not _is_logged(entry):
            continue
        told = text_or_none(entry, "line")
        row = _log_row(entry, at, None if told is None else ledger.renamed(number(entry, "seq"), told))
        line = row.line or lines.get(row.rule or "", "")
        if row.rule is not None:
            lines[row.rule] = line
        if name is None or name in _names(row, line):
            rows.append(row)
    return Result("autotopup-log", LogDocument(log=rows))


def _names(row: LogRow, line: str) -> tuple[str | None, ...]:
    """What a row is found by; the rule of a line that has lost its name since has lost its own as well."""
    return (line,) if IDENTITY.match(line) else (row.rule, row.line)


def _is_logged(entry: Mapping[str, Toml]) -> bool:
    """Whether an entry is about a rule, or an alert that was told."""
    if entry["kind"] == "alert":
        return entry.get("resolved") is not True and entry["class"] != "silent"
    return str(entry["kind"]).startswith("rule.")


def _log_row(entry: Mapping[str, Toml], at: datetime, line: str | None) -> LogRow:
    decided, reason = entry["kind"] == "rule.decision", text_or_none(entry, "reason")
    said = from_table(entry.get("said"))
    return LogRow(
        at=at,
        kind=str(entry["kind"]).removeprefix("rule."),
        rule=text_or_none(entry, "rule"),
        line=line,
        decision=text_or_none(entry, "decision"),
        reason=reason if decided else text_or_none(entry, "alert") or reason,
        order=text_or_none(entry, "order"),
        explanation=text_or_none(entry, "text") or (None if decided else reason),
        said=retold(text(entry, "reason"), said) if decided else said,
    )
