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
from esimctl.show.failure import coloured_way
from esimctl.show.styles import ACT, COMMAND, GOOD, PLAY, styled
from esimctl.show.terminal import Terminal
from esimctl.show.view import Column, Columns, View, columns
from esimctl.show.words import say
from esimctl.values.text import clean

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

#: where credentials come from → what a person calls it
SOURCES = {
    "environment": "from the environment",
    "key_command": "from a command",
    "systemd": "from systemd",
    "keyring": "from the keyring",
    "file": "from a private file",
}


def _source(row: ProviderRow) -> str:
    """Where the credentials come from, or that they are missing."""
    if not row.needs_credentials:
        return say("none needed")
    return say(SOURCES[row.credentials]) if row.credentials else styled(say("missing"), ACT)


def play(row: ProviderRow) -> str:
    """SANDBOX, where no real money is spent."""
    return styled("SANDBOX", PLAY) if row.play_money else ""


def kind_of(row: ProviderRow) -> str:
    """The kind of a provider that has another name."""
    return "" if row.kind == row.name else row.kind


def paid_with(row: ProviderRow) -> str:
    """Its payment methods."""
    return ", ".join(row.payment_methods)


SCREEN: Columns[ProviderRow] = (
    Column("provider", lambda row: row.name, priority=0),
    Column("", lambda row: row.play_money, play, priority=2),
    Column("kind", lambda row: row.kind, kind_of, priority=4),
    Column("credentials", lambda row: row.credentials, _source, priority=1),
    Column("lines", lambda row: len(row.lines), right=True, priority=3),
    Column(
        "paid with", lambda row: ",".join(row.payment_methods), lambda row: ", ".join(row.payment_methods), priority=5
    ),
)


def in_use(row: ProfileRow) -> str:
    """`in use` beside the profile that commands mean when nothing else is said."""
    return styled(say("in use"), GOOD) if row.active else ""


PROFILES_SCREEN: Columns[ProfileRow] = (
    Column("profile", lambda row: row.name, priority=0),
    Column("", lambda row: row.active, in_use, priority=1),
    Column("", lambda row: row.rehearsal, lambda row: styled("REHEARSAL", PLAY) if row.rehearsal else "", priority=2),
    Column("kept in", lambda row: row.path, priority=3),
)

CHECKS: Columns[ProviderCheckRow] = (
    *columns(ProviderCheckRow, "provider"),
    Column("check", lambda row: row.name, lambda row: say(row.name)),
    *columns(ProviderCheckRow, "ok detail fix"),
)


def checked(data: ProvidersCheckDocument, terminal: Terminal) -> None:
    """The failures first, each with what mends it, then what is fine; last the lines that could be adopted."""
    for row in sorted(data.checks, key=lambda row: row.ok):
        mark = (
            styled("✓" if terminal.blocks else "ok", GOOD) if row.ok else styled("✗" if terminal.blocks else "x", ACT)
        )
        terminal.tell(f"{mark} {row.provider}, {say(row.name)}: {clean(row.detail)}\n")
        if row.fix:
            terminal.tell(f"    {coloured_way(clean(row.fix))}\n")
    for line in data.lines or ():
        terminal.tell(styled(line.adopt, COMMAND) + "\n")


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
    "profiles": View(
        columns(ProfileRow, "name active path rehearsal"), lambda data: data.profiles, screen=PROFILES_SCREEN
    ),
    "profile": View(
        (*columns(ProfileDocument, "path"), *columns(ProfileDocument, "name", shown=False)),
        None,
        lambda data, terminal: terminal.write(f"{data.path}\n"),
    ),
    "providers": View(COLUMNS, lambda data: data.providers, None, "no providers", screen=SCREEN),
    "provider": View(COLUMNS, lambda data: [data.provider], screen=SCREEN),
    "providers-check": View(CHECKS, rows, checked),
    "budget": View(BUDGET_COLUMNS, lambda data: data.budgets, person),
    "message": View(
        columns(MessageDocument, "text"), None, lambda data, terminal: terminal.tell(say(data.text) + "\n")
    ),
}
