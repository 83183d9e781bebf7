"""Rules of several lines enabled together: each is listed with its limits, and their sum is repeated in each currency.

A confirmation still covers one rule of one line as it was shown: one that changed meanwhile stays off.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from esimctl.autotopup.rule import read_rule
from esimctl.autotopup.rules import confirm_entry, known_rule, say_what_follows, show_rule
from esimctl.documents.autotopup import RuleRow, RulesDocument
from esimctl.documents.document import ABSENT
from esimctl.documents.result import Result
from esimctl.errors import ExitCode, OwnRules, UsageError
from esimctl.profile import second_factor
from esimctl.profile.books import open_together
from esimctl.values.moments import zone
from esimctl.values.money import Money
from esimctl.values.sentence import Raw, commas
from esimctl.values.toml import Toml

if TYPE_CHECKING:
    from esimctl.profile.opened import Session

#: how a rule stands that does nothing before a person's word
WAITING = frozenset({"disabled", "unconfirmed"})

Tables = Mapping[str, Mapping[str, Toml]]


def waiting(session: "Session", lines: Sequence[str]) -> Tables:
    """The rules of these lines that wait for a word, as they stand now; UsageError where there is none."""
    found = {
        name: known_rule(session, name)
        for name, table in session.section("rule").items()
        if str(table.get("line", name)) in lines and show_rule(session, name).data.rules[0].status in WAITING
    }
    if not found:
        raise UsageError(
            "no rule of these lines is waiting to be enabled: {lines}",
            hint="esimctl autotopup show",
            code="no_such_rule",
            lines=commas(lines),
        )
    return found


def rows(session: "Session", tables: Tables) -> list[RuleRow]:
    """The rules as documents."""
    return [show_rule(session, name).data.rules[0] for name in tables]


def sums(rules: Sequence[RuleRow]) -> list[Money]:
    """The monthly limits together, one sum for each currency."""
    made: dict[str, Money] = {}
    for rule in rules:
        limit = rule.max_per_month
        made[limit.currency] = made.get(limit.currency, Money.zero(limit.currency)) + limit
    return list(made.values())


def check_sums(rules: Sequence[RuleRow], given: Sequence[Money]) -> None:
    """UsageError (2) unless what was repeated is the sum of the monthly limits, to the last digit, in each currency."""
    wanted = sums(rules)
    if not given:
        raise UsageError(
            "repeat the monthly limits of all {count} rules together to enable them", hint="{options}",
            code="confirmation_needed", count=len(rules),
            options=Raw(" ".join(f"--confirm {money.amount}{money.currency}" for money in wanted)),
        )  # fmt: skip
    if len(given) != len(wanted) or set(given) != set(wanted):
        raise UsageError(
            "{given} is not the sum of the monthly limits: nothing was enabled", hint="esimctl autotopup show",
            code="confirmation_differs", given=commas(map(str, given)),
        )  # fmt: skip


def enable_rules(
    session: "Session", tables: Tables, confirm: Sequence[Money], code: str | None = None, *, wait: float = 0.0,
    dry_run: bool = False,
) -> "Result[RulesDocument]":  # fmt: skip
    """A person's word for all of these rules, as they were shown; exit 5 where one changed meanwhile and stays off."""
    check_sums(rows(session, tables), confirm)
    if dry_run:
        return Result("autotopup", RulesDocument(rules=rows(session, tables), dry_run=True))
    changed: list[str] = []
    with open_together(session, "autotopup enable", sorted(tables), sorted(map(str, confirm)), wait=wait) as books:
        if not books.repeated:
            second_factor.require(session, code)
            for name, table in tables.items():
                if session.section("rule").get(name) != table:
                    changed.append(name)
                    continue
                session.store.profile.set_table("rule", name, {"enabled": True})
                session.forget()
                confirm_entry(books, name)
    if len(changed) == len(tables):
        raise OwnRules("these rules were changed meanwhile: look at them again: {rules}", code="rule_changed",
                       rules=commas(changed))  # fmt: skip
    return _told(session, [name for name in tables if name not in changed], changed)


def _told(session: "Session", enabled: Sequence[str], changed: Sequence[str]) -> "Result[RulesDocument]":
    whole = Result("autotopup", RulesDocument(rules=[], dry_run=ABSENT))
    every: list[RuleRow] = []
    for name in enabled:
        each = show_rule(session, name)
        say_what_follows(session, read_rule(name, known_rule(session, name), zone(session.zone)), each)
        every += each.data.rules
        whole.notes.extend(each.notes)
    whole.data = RulesDocument(rules=every, dry_run=ABSENT)
    for name in changed:
        whole.note("rule {rule} was changed meanwhile and stays off: look at it again", rule=Raw(name))
    if changed:
        whole.exit_code = ExitCode.OWN_RULES
    return whole
