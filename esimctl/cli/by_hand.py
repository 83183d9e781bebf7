"""Purchases that a person makes elsewhere: the way there, and the person's word that it is done."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from esimctl.cli.shared import Run
from esimctl.cli.values import money_alone
from esimctl.documents.document import ABSENT
from esimctl.errors import OwnRules, UsageError
from esimctl.show.words import say
from esimctl.values.record import replace
from esimctl.values.sentence import Raw
from esimctl.values.volume import format_volume

if TYPE_CHECKING:
    from esimctl.documents.offers import OfferPart
    from esimctl.documents.orders import CounterStepRow
    from esimctl.purchase.offer import Intent
    from esimctl.values.money import Money

Paid = Annotated[
    str | None,
    typer.Option(
        "--paid",
        metavar="REFERENCE",
        help="You have paid it elsewhere: the receipt's number, or a word.",
        show_default=False,
    ),
]
Price = Annotated[
    "Money | None",
    typer.Option(
        "--price", parser=money_alone, metavar="MONEY", help="What you really pay at the counter.", show_default=False
    ),
]
Again = Annotated[
    bool,
    typer.Option("--again", help="It is bought once more, though a stopped run's same purchase was finished today."),
]
LONGEST = 128


def done_elsewhere(run: Run, intent: "Intent", offer: "OfferPart", plans: Sequence[str] = ()) -> str:
    """The receipt's number; shows the way and asks for it where `--paid` did not say it. Empty: there is no number."""
    from esimctl.cli.choosing import confirm
    from esimctl.show.cards.offer import describe, dial_line

    if offer.dial:
        run.terminal.note(dial_line(offer.dial))
    if intent.paid is not None:
        return reference(intent.paid)
    if not run.terminal.can_prompt:
        raise unsaid(intent, offer)
    for line in describe(replace(offer, dial=ABSENT)):
        run.terminal.note(line)
    if not confirm(run, say("Have you bought and paid it there?"), plans, instead="--paid REFERENCE"):
        raise OwnRules("not recorded: it has not been bought", code="declined_by_you")
    return reference(run.terminal.ask(say("The receipt's number (Enter: none): "), instead="--paid REFERENCE"))


def given_away(run: Run, to: str, octets: int, steps: "list[CounterStepRow]") -> None:
    """Show how the carrier itself moves data, and ask whether it is done: it is no gift before its owner says so."""
    from esimctl.show.cards.offer import way_line

    volume = format_volume(octets)
    if not run.terminal.can_prompt:
        way = "; ".join(way_line(step).removeprefix("- ") for step in steps) or say("ask the seller")
        raise UsageError(
            "only you can give {volume} to {line}: {way}", hint="--yes says that you have", code="gift_needed",
            volume=Raw(volume), line=Raw(to), way=Raw(way),
        )  # fmt: skip
    for step in steps:
        run.terminal.note(way_line(step))
    if not run.terminal.confirm(
        say("Have you given {volume} to {line} there?", volume=volume, line=to), instead="--yes"
    ):
        raise OwnRules("not recorded: nothing was given away", code="declined_by_you")


def unsaid(intent: "Intent", offer: "OfferPart") -> UsageError:
    """Where it is bought and what to give, for whoever cannot be asked whether it is done."""
    plan = offer.plan
    dial = None if plan is None else plan.dial
    return UsageError(
        "{what} is bought at a counter or in the app: nothing is booked before you say that it is done"
        if dial is None
        else "{what} is bought at a counter, in the app or by dialling {dial}: nothing is booked before you say that "
        "it is done",
        hint="--paid REFERENCE books it; --provider sandbox plays with it; the way there: --dry-run"
        if intent.kind == "new"
        else "--paid REFERENCE books it; the way there: --dry-run",
        code="prompt_impossible",
        what=Raw(plan.id if plan is not None else str(intent.amount)),
        dial=Raw(dial),
    )


def reference(text: str) -> str:
    """A receipt's number as it is kept: one line, at most 128 characters."""
    from esimctl.store.user_file import said

    return said(text, "--paid", LONGEST, code="bad_reference") or ""


def check_voucher(run: Run, *, from_stdin: bool) -> None:
    """Look whether a scratch voucher's code can be one. Whoever reads it can spend it: it is shown and kept nowhere."""
    if from_stdin:
        given = run.terminal.read_line(what=say("the voucher's code"))
    else:
        given = run.terminal.ask_secret(say("The voucher's code: "), instead="--voucher-stdin")
    digits = sum(c.isdecimal() for c in given)
    others = [c for c in given.strip() if not c.isdecimal() and c not in " -"]
    if others or not 8 <= digits <= 20:
        raise UsageError("a voucher's code has 8 to 20 digits", code="bad_voucher")
