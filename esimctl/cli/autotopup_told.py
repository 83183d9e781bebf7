"""`esimctl autotopup targets` and `reminders`: where alerts go, and what is worth one."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from esimctl.cli.pages import Completes
from esimctl.cli.shared import CommandGroup, Run
from esimctl.cli.values import duration, money
from esimctl.errors import OwnRules, UsageError
from esimctl.show.words import say
from esimctl.values.as_typed import money_in, plain
from esimctl.values.moments import Duration
from esimctl.values.money import Money
from esimctl.values.sentence import Raw, SaidError

if TYPE_CHECKING:
    from esimctl.documents.autotopup import RuleRow


def declare(app: CommandGroup) -> None:
    """Put both commands into the group."""
    codes = (5, 6, 75, 77, 78)
    app.command(
        "targets",
        lists=True,
        document="targets",
        codes=codes,
        examples=(
            "esimctl autotopup targets",
            "esimctl autotopup targets --add phone --kind command --confirm /usr/local/bin/tell < command.txt",
            "esimctl autotopup targets --remove phone",
        ),
    )(targets)
    app.command(
        "reminders",
        codes=codes,
        examples=("esimctl autotopup reminders --quiet-hours 22:00-07:00 --morning 07:30",),
    )(reminders)


def targets(
    run: Run,
    add: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Add one; its command or address is read from stdin.", show_default=False),
    ] = None,
    kind: Annotated[
        str, typer.Option(metavar="command|apprise|heartbeat", help="What kind of target it is.", show_default=False)
    ] = "command",
    confirm: Annotated[
        str | None, typer.Option(metavar="WHERE", help="Repeat its program or host.", show_default=False)
    ] = None,
    remove: Annotated[
        str | None, typer.Option(metavar="NAME", help="Remove one.", show_default=False), Completes("targets")
    ] = None,
    test: Annotated[
        str | None, typer.Option(metavar="NAME", help="Send a test to one.", show_default=False), Completes("targets")
    ] = None,
) -> None:
    """Where alerts go beside stderr: a command that gets JSON on stdin, an Apprise address, a heartbeat address."""
    from esimctl.alerts import targets as ways
    from esimctl.cli.telling import speaker
    from esimctl.profile import second_factor
    from esimctl.profile.alert_targets import KINDS

    session = run.session()
    if sum(one is not None for one in (add, remove, test)) > 1:
        raise UsageError("say one of --add, --remove and --test", code="bad_target")
    if add is not None:
        if kind not in KINDS:
            raise UsageError(
                "there is no kind {kind!r}: command, apprise or heartbeat", code="bad_kind", kind=Raw(kind)
            )
        value = run.terminal.read_line(what="the command or address").strip()
        part = ways.check_target(kind, value)
        if confirm is None:
            confirm = run.terminal.ask(say("Type {part} to confirm: ", part=part), instead=f"--confirm {part}")
        needed = second_factor.enrolled(session)
        code = code_of(run, needed, stdin=not run.terminal.can_prompt)
        run.show(ways.add_target(session, add, kind, value, confirm=confirm, code=code))
    elif remove is not None:
        run.show(ways.remove_target(session, remove))
    elif test is not None:
        run.show(ways.test_target(session, test, speaker(session)))
    else:
        run.show(ways.list_targets(session))


def reminders(
    run: Run,
    quiet_hours: Annotated[
        str | None,
        typer.Option(parser=plain, metavar="HH:MM-HH:MM", help="No reminders then; money is told.", show_default=False),
    ] = None,
    digest: Annotated[
        str | None,
        typer.Option(parser=plain, metavar="HH:MM", help="Reminders together, once a day.", show_default=False),
    ] = None,
    morning: Annotated[
        str | None, typer.Option(parser=plain, metavar="HH:MM", help="What is left, every morning.", show_default=False)
    ] = None,
    monthly: Annotated[
        bool | None,
        typer.Option("--monthly/--no-monthly", help="A review at the start of a month.", show_default=False),
    ] = None,
    each: Annotated[
        bool | None,
        typer.Option("--each/--no-each", help="One message for each alert, not for a run.", show_default=False),
    ] = None,
    used: Annotated[
        list[int] | None,
        typer.Option(metavar="PERCENT", min=1, max=100, help="So much used (90 and 100).", show_default=False),
    ] = None,
    expiry_days: Annotated[
        list[int] | None,
        typer.Option(metavar="DAYS", min=1, max=366, help="So long before an end (7, 3, 1).", show_default=False),
    ] = None,
    low_balance: Annotated[
        Money | None,
        typer.Option(parser=money, metavar="MONEY", help="Main balance at or below this.", show_default=False),
    ] = None,
    stale_after: Annotated[
        Duration | None,
        typer.Option(parser=duration, metavar="D", help="A reading is old after this (1d).", show_default=False),
    ] = None,
    reset: Annotated[bool, typer.Option("--reset", help="Back to what it is by default.")] = False,
) -> None:
    """What is worth a reminder and when; without options, what holds. --digest none takes one away."""
    from esimctl.alerts.settings import change, show

    values = {
        "quiet": quiet_hours,
        "digest": digest,
        "morning": morning,
        "monthly": monthly,
        "each": each,
        "used_percent": sorted(set(used)) if used else None,
        "expiry_days": sorted(set(expiry_days), reverse=True) if expiry_days else None,
        "low_balance": None if low_balance is None else str(low_balance),
        "stale_after": None if stale_after is None else str(stale_after),
    }
    given = {key: value for key, value in values.items() if value is not None}
    session = run.session()
    run.show(change(session, given, reset=reset) if given or reset else show(session))


def agreed_amount(run: Run, rule: "RuleRow") -> Money:
    """The monthly limit as it was typed; without a terminal the option is asked for instead."""
    from esimctl.show.cards.autotopup import describe

    for line in describe(rule):
        run.terminal.note(line)
    return repeated(run, say("Type the monthly limit to enable it: "), rule.max_per_month)


def agreed_sums(
    run: Run, rules: "Sequence[RuleRow]", sums: "Callable[[Sequence[RuleRow]], Sequence[Money]]"
) -> list[Money]:
    """The monthly limits of several rules together as they were typed, one sum for each currency."""
    from esimctl.show.cards.autotopup import limits

    if not run.terminal.can_prompt:
        return []
    for rule in rules:
        run.terminal.note(limits(rule))
    return [
        repeated(run, say("Type the sum of these monthly limits in {currency}: ", currency=each.currency), each)
        for each in sums(rules)
    ]


def repeated(run: Run, question: str, wanted: Money) -> Money:
    """An amount that has to be typed to be agreed to; one that is not it is asked for once more."""
    for last in (False, True):
        text = run.terminal.ask(question, instead=f"--confirm {wanted.amount}{wanted.currency}")
        try:
            if (given := money_in(text, wanted.currency)) == wanted:
                return given
        except SaidError:
            pass
        if not last:
            run.terminal.complain(say("that is not the amount; once more"))
    raise OwnRules("that is not the amount: nothing was enabled", code="declined_by_you")


def code_of(run: Run, needed: bool, *, stdin: bool) -> str | None:
    """A code of the second factor, where one is needed; from stdin only when that was asked for."""
    if not needed:
        return None
    if stdin:
        return run.terminal.read_line(what="the code")

    return run.terminal.ask(say("Code of your second factor: "), instead="--code-stdin")
