"""Payment methods, profiles, providers, budgets."""

from esimctl.documents.balance import BudgetDocument, BudgetRow
from esimctl.documents.setup import (
    MessageDocument,
    PaymentRow,
    ProfileDocument,
    ProfileRow,
    ProviderCheckRow,
    ProviderRow,
    ProvidersCheckDocument,
)
from esimctl.show.amounts import money
from esimctl.show.styles import GOOD, styled
from esimctl.show.terminal import Terminal
from esimctl.show.view import Column, Columns, View, columns
from esimctl.show.words import say

PAYMENT_COLUMNS: Columns[PaymentRow] = (
    *columns(PaymentRow, "name"),
    Column("kind", lambda row: row.kind, lambda row: say(row.kind)),
    *columns(PaymentRow, "provider default reference"),
)


PAYMENTS: Columns[PaymentRow] = (
    Column("name", lambda r: r.name, priority=0),
    Column("kind", lambda r: r.kind, lambda r: say(r.kind), priority=2),
    Column("only for", lambda r: r.provider, lambda r: r.provider or "", priority=3),
    Column("default", lambda r: r.default, lambda r: styled(say("default"), GOOD) if r.default else "", priority=1),
    Column("note", lambda r: r.reference, lambda r: r.reference or "", priority=4, cut=True),
)


def _credentials(row: ProviderRow) -> str:
    if not row.needs_credentials:
        return "-"
    return row.credentials or say("missing")


COLUMNS: Columns[ProviderRow] = (
    *columns(ProviderRow, "name kind"),
    Column("tier", lambda row: row.tier),
    Column("credentials", lambda row: row.credentials, _credentials),
    Column("lines", lambda row: len(row.lines), right=True),
    *columns(ProviderRow, "payment_methods"),
    *columns(ProviderRow, "base_url", shown=False),
    Column("not_trusted", lambda row: ",".join(each.key for each in row.not_trusted), shown=False),
    *columns(ProviderRow, "about experimental", shown=False),
)

CHECKS: Columns[ProviderCheckRow] = (
    *columns(ProviderCheckRow, "provider"),
    Column("check", lambda row: row.name, lambda row: say(row.name)),
    *columns(ProviderCheckRow, "ok detail fix"),
)


def checked(data: ProvidersCheckDocument, terminal: Terminal) -> None:
    """The rows as a table, then the lines that could be adopted."""
    from esimctl.show.table import draw

    draw(CHECKS, data.checks, terminal)
    for line in data.lines or ():
        terminal.write(line.adopt + "\n")


def rows(data: ProvidersCheckDocument) -> list[ProviderCheckRow]:
    """What programs get: the answers, and after them a row of its own for every line that could be adopted."""
    lines = [
        ProviderCheckRow(provider=line.provider, name="line", ok=True, detail=line.iccid, fix=line.adopt, balance=None)
        for line in data.lines or ()
    ]
    return [*data.checks, *lines]


def sentence(row: BudgetRow) -> str:
    """One budget in a line: a line's own is named."""
    template = "budget: {spent} of {budget} spent this month, {left} left"
    left = money(row.left)
    if row.left.minor < 0:
        template, left = "budget: {spent} of {budget} spent this month, {over} too much", money(-row.left)
    said = say(template, spent=money(row.spent), budget=money(row.budget), left=left, over=left)
    if row.reserved:
        said += say(", {reserved} held by open orders", reserved=money(row.reserved))
    if row.expected is not None:
        said += say("; at this pace {expected} by the end of the month", expected=money(row.expected))
    said += "  SANDBOX" if row.play_money else ""
    return f"{row.line}: {said}" if row.line else said


def person(data: BudgetDocument, terminal: Terminal) -> None:
    """One sentence a budget."""
    if not data.budgets:
        terminal.note(say("no budget is set: esimctl profile budget set 20USD/month"))
    for row in data.budgets:
        terminal.tell(sentence(row) + "\n")


BUDGET_COLUMNS: Columns[BudgetRow] = columns(
    BudgetRow, "scope line budget spent reserved left expected from until play_money"
)


VIEWS = {
    "payments": View(PAYMENT_COLUMNS, lambda data: data.payments, None, "no payment methods", PAYMENTS),
    "payment": View(PAYMENT_COLUMNS, lambda data: [data.payment]),
    "profiles": View(columns(ProfileRow, "name active path rehearsal"), lambda data: data.profiles),
    "profile": View(
        (*columns(ProfileDocument, "path"), *columns(ProfileDocument, "name", shown=False)),
        None,
        lambda data, terminal: terminal.write(f"{data.path}\n"),
    ),
    "providers": View(COLUMNS, lambda data: data.providers, None, "no providers"),
    "provider": View(COLUMNS, lambda data: [data.provider]),
    "providers-check": View(CHECKS, rows, checked),
    "budget": View(BUDGET_COLUMNS, lambda data: data.budgets, person),
    "message": View(
        columns(MessageDocument, "text"), None, lambda data, terminal: terminal.tell(say(data.text) + "\n")
    ),
}
