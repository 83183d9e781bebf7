"""`esimctl transactions`: orders and what became of them."""

from pathlib import Path
from typing import Annotated

import typer

from esimctl.cli.page_files import Format, To, check_form, put, show
from esimctl.cli.shared import CommandGroup, DryRun, Run, Tags, Wait, Yes, lines_of
from esimctl.cli.values import money, time_ago
from esimctl.errors import OwnRules, UsageError
from esimctl.show.words import say
from esimctl.values.as_typed import plain
from esimctl.values.money import Money
from esimctl.values.sentence import Raw, Sentence, Several, commas

app = CommandGroup()


@app.command(
    "list",
    lists=True,
    codes=(6, 78),
    examples=("esimctl transactions list --since 2026-11-01", "esimctl transactions list --tag router --state open"),
)
def list_transactions(
    run: Run,
    line: Annotated[
        str | None, typer.Option(metavar="LINE", help="Of this line, or of this id.", show_default=False)
    ] = None,
    since: Annotated[
        str | None, typer.Option(parser=time_ago, metavar="TIME", help="From then on.", show_default=False)
    ] = None,
    until: Annotated[
        str | None, typer.Option(parser=time_ago, metavar="TIME", help="Before then.", show_default=False)
    ] = None,
    state: Annotated[str | None, typer.Option(metavar="STATE", help="In this state.", show_default=False)] = None,
    tags: Tags = None,
) -> None:
    """List every order, refused and cancelled ones too."""
    from esimctl.records import transactions

    session = run.session()
    names = lines_of(session, [line] if line is not None else None, tags)
    states = None if state is None else states_named(state)
    run.show(transactions.list_transactions(session, lines=names, since=since, until=until, states=states))


def states_named(text: str) -> frozenset[str]:
    """The states that a word means, `done` or `settled`; UsageError (2) for one that there is not."""
    from esimctl.ledger.orders import STATES
    from esimctl.show.cards.orders import STATE_WORDS, states_called

    word = plain(text).casefold()
    found = frozenset({word}) if word in STATES else states_called(word)
    if not found:
        raise UsageError(
            "there is no state {state!r}; there are: {words}, and for programs {states}",
            code="bad_state",
            state=Raw(text),
            words=Several(tuple(map(Sentence, STATE_WORDS))),
            states=commas(STATES),
        )
    return found


@app.command("show", codes=(6, 78), examples=("esimctl transactions show 261120-1a2b3c4d",))
def show_transaction(run: Run, order: Annotated[str, typer.Argument(metavar="ORDER", help="The order's id.")]) -> None:
    """Show one order."""
    from esimctl.records import transactions

    run.show(transactions.show_transaction(run.session(), order))


@app.command(
    "audit",
    lists=True,
    document="audit",
    codes=(6, 20, 78),
    examples=("esimctl transactions audit", "esimctl transactions audit --bundle case.tar.gz"),
)
def audit_transactions(
    run: Run,
    line: Annotated[str | None, typer.Option(metavar="LINE", help="Of this line.", show_default=False)] = None,
    since: Annotated[
        str | None, typer.Option(parser=time_ago, metavar="TIME", help="From then on.", show_default=False)
    ] = None,
    bundle: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the case to this new tar.gz.", show_default=False)
    ] = None,
) -> None:
    """Match every attempt, charge, credit and effect with the providers' books; exit 20 with findings.

    Each finding has its evidence and the sentence for the provider's support; the bundle holds no secrets.
    """
    from esimctl.records.audit import audit

    run.show(audit(run.session(), line=line, since=since, bundle=bundle))


@app.command(
    "export",
    document="export",
    codes=(6, 74, 78),
    examples=(
        "esimctl transactions export --format csv --to orders.csv",
        "esimctl transactions export --format hledger --since 2026-11-01",
        "esimctl transactions export --format prometheus --to /var/lib/node_exporter/esimctl.prom",
    ),
)
def export_transactions(
    run: Run,
    form: Annotated[
        str, typer.Option("--format", metavar="csv|json|hledger|beancount|ics|prometheus", help="For which tool.")
    ],
    to: Annotated[
        str | None, typer.Option(metavar="FILE", help="Replace this file (default: stdout).", show_default=False)
    ] = None,
    since: Annotated[
        str | None, typer.Option(parser=time_ago, metavar="TIME", help="From then on.", show_default=False)
    ] = None,
    until: Annotated[
        str | None, typer.Option(parser=time_ago, metavar="TIME", help="Before then.", show_default=False)
    ] = None,
    line: Annotated[str | None, typer.Option(metavar="LINE", help="Of this line.", show_default=False)] = None,
) -> None:
    """Write orders and dates for other tools; the same state gives the same bytes, and no secret is in them.

    json is one order a line (jsonl is another word for it). Account books hold what was paid and came back, a calendar
    has alarms, metrics tell the present. A file is replaced whole; nothing is asked of a provider.
    """
    from esimctl.records.exporting import export

    put(run, export(run.session(), form, since=since, until=until, line=line), to)


@app.command(
    "import",
    document="transactions-import",
    codes=(6, 20, 75, 77, 78),
    examples=(
        "esimctl transactions import orders.csv --dry-run",
        "esimctl transactions export --format json --profile old | esimctl transactions import - --format json",
    ),
)
def import_transactions(
    run: Run,
    file: Annotated[str, typer.Argument(metavar="FILE|-", help="A CSV file, or JSON lines of another esimctl.")],
    form: Annotated[
        str | None,
        typer.Option("--format", metavar="csv|json", help="What it is (default: as it looks).", show_default=False),
    ] = None,
    dry_run: DryRun = False,
    wait: Wait = None,
) -> None:
    """Take over records of purchases made elsewhere: for lists, reports and exports, not for any limit.

    What is known already is told and left alone, so the same file twice changes nothing. A row that cannot be read
    is refused by its number, the others are taken; exit 20 if there are such rows, or some perhaps known already.
    """
    from esimctl.cli.given import given
    from esimctl.profile.opened import wait_seconds
    from esimctl.records.importing import import_records

    text = given(run, file, "transactions")
    run.show(import_records(run.session(), file, text, form, dry_run=dry_run, wait=wait_seconds(wait)))


@app.command(
    "resolve",
    codes=(4, 6, 75, 78),
    examples=(
        "esimctl transactions resolve 261120-1a2b3c4d --charged B24112016540001",
        "esimctl transactions resolve 261120-1a2b3c4d --not-charged --yes",
    ),
)
def resolve_transaction(
    run: Run,
    order: Annotated[str, typer.Argument(metavar="ORDER", help="The order's id.")],
    charged: Annotated[
        str | None, typer.Option(metavar="PROVIDER_ORDER", help="It was, under this number.", show_default=False)
    ] = None,
    not_charged: Annotated[bool, typer.Option("--not-charged", help="It was not.")] = False,
    yes: Yes = False,
    wait: Wait = None,
) -> None:
    """Decide about an open order what only a person can: whether it was charged.

    Without a decision it says where to look at the provider. The provider is asked once more before yours counts.
    """
    from esimctl.profile.opened import wait_seconds
    from esimctl.purchase.resolve import resolve, to_decide

    session = run.session()
    found, steps = to_decide(session, order, charged, not_charged=not_charged)
    if not yes and found.open:
        for place, step in enumerate(steps, 1):
            run.terminal.note(f"{place}. {step}")
        what = say("charged as {number}", number=charged) if charged else say("not charged")
        question = say("{what}: type the order's id to say so: ", what=what)
        if run.terminal.ask(question, instead="--yes") != found.id:
            raise OwnRules("not decided: that is not the order's id", code="declined_by_you")
    run.show(resolve(session, order, charged, wait=wait_seconds(wait)))


@app.command(
    "refund",
    codes=(3, 4, 5, 6, 69, 75, 77, 78),
    examples=(
        "esimctl transactions refund 261120-1a2b3c4d",
        "esimctl transactions refund 261120-1a2b3c4d --yes --json",
        "esimctl transactions refund 261120-1a2b3c4d --received 1.50USD",
        "esimctl transactions refund 261120-1a2b3c4d --reason NO_COVERAGE",
    ),
)
def refund_transaction(
    run: Run,
    order: Annotated[str, typer.Argument(metavar="ORDER", help="The order's id.")],
    received: Annotated[
        "Money | None",
        typer.Option(parser=money, metavar="MONEY", help="So much came back at the counter.", show_default=False),
    ] = None,
    reason: Annotated[
        str | None, typer.Option(metavar="REASON", help="Why, in the provider's word.", show_default=False)
    ] = None,
    note: Annotated[
        str | None, typer.Option(metavar="TEXT", help="What you add to the reason.", show_default=False)
    ] = None,
    yes: Yes = False,
    wait: Wait = None,
) -> None:
    """Give an unused line back and get its price back, where the provider takes lines back.

    For what was bought at a counter it says whom to call and what to say; --received books what came back there. Some
    providers ask why and take only a reason out of a list of theirs: it is yours to state, none is assumed.
    """
    from esimctl.profile.opened import wait_seconds
    from esimctl.purchase import counter_refund
    from esimctl.purchase.refund import reasons, refund, refundable, stated

    session = run.session()
    by_hand = counter_refund.at_counter(session, order)
    if by_hand is not None and by_hand.state != "refunded" and received is None:
        raise counter_refund.refused(session, by_hand)
    if by_hand is not None:
        back = (by_hand.refund or by_hand.counted) if received is None else received
        run.show(counter_refund.received(session, order, back, wait=wait_seconds(wait)))
        return
    if received is not None:
        raise UsageError(
            "--received is for what was bought at a counter: this order's seller is asked by itself",
            code="not_by_hand",
        )
    found = refundable(session, order)
    if found.state == "settled":
        known = reasons(session, found)
        if known and reason is None and run.terminal.can_prompt:
            for each in known:
                run.terminal.note(each)
            reason = run.terminal.ask(say("Why does it go back? "), instead="--reason REASON")
        stated(session, found, reason, note)
    if found.state == "settled" and not yes:
        question = say("Give {line} back for {price}? It stops working.", line=found.line, price=str(found.counted))
        if not run.terminal.confirm(question, instead="--yes"):
            raise OwnRules("nothing was given back", code="declined_by_you")
    run.show(refund(session, order, reason, note, wait=wait_seconds(wait)))


@app.command(
    "attach",
    codes=(6, 74, 75, 77, 78),
    document="order",
    examples=("esimctl transactions attach 261120-1a2b3c4d bill.pdf --note 'from the kiosk'",),
)
def attach_file(
    run: Run,
    order: Annotated[str, typer.Argument(metavar="ORDER", help="The order's id.")],
    file: Annotated[str, typer.Argument(metavar="FILE", help="A bill, a screenshot, a mail: 8 MiB at most.")],
    note: Annotated[str | None, typer.Option(metavar="TEXT", help="What it is.", show_default=False)] = None,
    wait: Wait = None,
) -> None:
    """Keep a copy of a file with an order: closed to others, in every backup, never overwritten."""
    from esimctl.profile.opened import wait_seconds
    from esimctl.records.attachments import attach

    run.show(attach(run.session(), order, file, note, wait=wait_seconds(wait)))


@app.command(
    "receipt",
    codes=(6, 74, 78),
    document="receipt",
    examples=(
        "esimctl transactions receipt 261120-1a2b3c4d",
        "esimctl transactions receipt 261120-1a2b3c4d --format html --to receipt.html",
    ),
)
def receipt_of(
    run: Run,
    order: Annotated[str, typer.Argument(metavar="ORDER", help="The order's id.")],
    form: Format = None,
    to: To = None,
) -> None:
    """Show what was paid, promised and delivered, the references for support, and the files kept with it.

    No activation code is in it, so that it can be given away.
    """
    from esimctl.records.receipt import receipt
    from esimctl.show.cards import receipt as pages

    check_form(run, form, to)
    show(run, receipt(run.session(), order), form, to, {"html": pages.html, "markdown": pages.markdown_text})
