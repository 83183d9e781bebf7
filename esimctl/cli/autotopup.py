"""`esimctl autotopup`: standing orders, each within limits that a person confirmed."""

from typing import Annotated

import typer

from esimctl.cli import autotopup_told
from esimctl.cli.autotopup_told import agreed_amount, agreed_sums, code_of
from esimctl.cli.pages import Completes
from esimctl.cli.reading import lacking
from esimctl.cli.shared import CommandGroup, Run, Tags, Wait, Yes, lines_of
from esimctl.cli.values import day_ahead, duration, level, money, money_alone
from esimctl.errors import UsageError
from esimctl.profile.books import done_before
from esimctl.show.words import say
from esimctl.values.moments import Duration
from esimctl.values.money import Money
from esimctl.values.record import replace
from esimctl.values.toml import Toml

app = CommandGroup()
Rule = Annotated[str, typer.Argument(metavar="RULE", help="The rule; its line's name unless it was given another.")]
AnyRule = Annotated[str | None, typer.Argument(metavar="[RULE]", help="One rule alone.", show_default=False)]
CodeStdin = Annotated[bool, typer.Option("--code-stdin", help="Read the second factor's code from stdin.")]
CHANGES = (5, 6, 75, 77, 78)


@app.command(
    "set",
    spends=True,
    first=(
        "--below",
        "--before-expiry",
        "--plan",
        "--amount",
        "--max-price",
        "--max-per-month",
        "--pay",
        "--every",
        "--from",
        "--target",
    ),
    codes=(*CHANGES, 69),
    examples=(
        "esimctl autotopup set phone --below 500MB --plan demo-topup-2gb --max-price 2USD --max-per-month 6USD",
        "esimctl autotopup set phone --before-expiry 7d --plan demo-rise-30d --max-price 6USD --max-per-month 12USD",
        "esimctl autotopup set --tag router --below 1GB --plan demo-topup-2gb --max-price 2USD --max-per-month 6USD",
        "esimctl autotopup set a --every weekly --from 2026-12-01 --amount 1USD --max-price 1USD --max-per-month 5USD",
    ),
)
def set_rule(
    run: Run,
    line: Annotated[str | None, typer.Argument(metavar="[LINE]", help="The line.", show_default=False)] = None,
    rule: Annotated[
        str | None, typer.Option(metavar="NAME", help="A name for it.", show_default=False), Completes("rules")
    ] = None,
    below: Annotated[
        str | None,
        typer.Option(parser=level, metavar="V", help="When so much data or money is left.", show_default=False),
    ] = None,
    before_expiry: Annotated[
        Duration | None,
        typer.Option(parser=duration, metavar="D", help="So long before the plan ends (7d).", show_default=False),
    ] = None,
    every: Annotated[
        str | None, typer.Option(metavar="weekly|fortnightly|monthly", help="By the calendar.", show_default=False)
    ] = None,
    start: Annotated[
        str | None,
        typer.Option("--from", parser=day_ahead, metavar="DATE", help="The first day of --every.", show_default=False),
    ] = None,
    plan: Annotated[str | None, typer.Option(metavar="PLAN", help="What to buy.", show_default=False)] = None,
    amount: Annotated[
        Money | None, typer.Option(parser=money_alone, metavar="MONEY", help="Money to add.", show_default=False)
    ] = None,
    target: Annotated[
        str | None, typer.Option(parser=level, metavar="V", help="Fill up to this, with one order.", show_default=False)
    ] = None,
    pay: Annotated[
        list[str] | None,
        typer.Option(metavar="METHOD", help="How to pay; the next one after a definite decline.", show_default=False),
    ] = None,
    max_per_month: Annotated[
        Money | None, typer.Option(parser=money, metavar="MONEY", help="At most this a month.", show_default=False)
    ] = None,
    max_per_day: Annotated[
        Money | None, typer.Option(parser=money, metavar="MONEY", help="At most this a day.", show_default=False)
    ] = None,
    max_count: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, max=10**6, help="At most so many orders a month.", show_default=False),
    ] = None,
    max_unattended: Annotated[
        int | None,
        typer.Option(
            metavar="N", min=1, max=10**6, help="Orders of rules until you show up again (10).", show_default=False
        ),
    ] = None,
    floor: Annotated[
        Money | None,
        typer.Option(parser=money, metavar="MONEY", help="Leave this in the account.", show_default=False),
    ] = None,
    cooldown: Annotated[
        Duration | None,
        typer.Option(parser=duration, metavar="D", help="Between two orders (1h).", show_default=False),
    ] = None,
    until: Annotated[
        str | None, typer.Option(parser=day_ahead, metavar="DATE", help="It ends then.", show_default=False)
    ] = None,
    remind: Annotated[
        list[str] | None, typer.Option(parser=level, metavar="V", help="Remind at so much left.", show_default=False)
    ] = None,
    max_age: Annotated[
        Duration | None,
        typer.Option(parser=duration, metavar="D", help="Oldest reading it acts on (6h).", show_default=False),
    ] = None,
    ask: Annotated[bool, typer.Option("--ask", help="Tell me instead of buying.")] = False,
    tags: Tags = None,
) -> None:
    """Set a rule for a line. It does nothing until you enable it; a change that only lowers it counts at once.

    --tag sets the same rule for each line that has the tag now; each is enabled by itself.
    """
    from esimctl.autotopup import rules
    from esimctl.cli.guided import rule as rule_of
    from esimctl.profile.opened import wait_seconds

    values: dict[str, Toml] = {
        "below": below,
        "before_expiry": _text(before_expiry),
        "every": every,
        "from": start,
        "plan": plan,
        "amount": _text(amount),
        "target": target,
        "pay": list(pay) if pay else None,
        "max_price": _text(run.max_price),
        "max_per_month": _text(max_per_month),
        "max_per_day": _text(max_per_day),
        "max_count": max_count,
        "max_unattended": max_unattended,
        "floor": _text(floor),
        "cooldown": _text(cooldown),
        "until": until,
        "remind": list(remind) if remind else None,
        "max_age": _text(max_age),
        "ask": True if ask else None,
    }
    line, values = rule_of(run, line, values, selected=bool(tags))
    session = run.session()
    names = lines_of(session, None if line is None else [line], tags)
    wait = wait_seconds(run.wait)
    if tags:
        from esimctl.autotopup.tagged import set_rules

        run.show(set_rules(session, names, values, rule, dry_run=run.dry_run, wait=wait))
        return
    result = rules.set_rule(session, names[0], values, rule, dry_run=run.dry_run, wait=wait)
    if run.output == "table":
        result.name = "autotopup-set"
    run.show(result)


def _text(value: object) -> str | None:
    return None if value is None else str(value)


@app.command(
    "enable",
    spends=True,
    codes=CHANGES,
    examples=(
        "esimctl autotopup enable phone",
        "esimctl autotopup enable phone --confirm 6USD",
        "esimctl autotopup enable --tag family",
    ),
)
def enable_rule(
    run: Run,
    rule: AnyRule = None,
    confirm: Annotated[
        list[Money] | None,
        typer.Option(
            parser=money_alone,
            metavar="MONEY",
            help="Repeat the monthly limit; with --tag the sum of the limits, once for each currency.",
            show_default=False,
        ),
    ] = None,
    code_stdin: CodeStdin = False,
    tags: Tags = None,
) -> None:
    """Enable a rule as it stands now: you repeat its monthly limit, and give a code if you enrolled a second factor.

    With --tag the rules of all lines that have the tag are listed and enabled together; one that changed meanwhile
    stays off.
    """
    from esimctl.autotopup import rules
    from esimctl.profile import second_factor
    from esimctl.profile.opened import wait_seconds
    from esimctl.setup.schedule import with_runner

    session = run.session()
    wait = wait_seconds(run.wait)
    if rule is None:
        from esimctl.autotopup import enabling

        if not tags:
            raise lacking("esimctl autotopup enable", ["RULE"])
        tables = enabling.waiting(session, lines_of(session, None, tags))
        sums = confirm or agreed_sums(run, enabling.rows(session, tables), enabling.sums)
        code = None if run.dry_run else code_of(run, second_factor.enrolled(session), stdin=code_stdin)
        result = enabling.enable_rules(session, tables, sums, code, wait=wait, dry_run=run.dry_run)
    else:
        if tags:
            raise UsageError("say either RULE or --tag, not both", code="line_or_tag")
        if confirm and len(confirm) > 1:
            raise UsageError("one rule takes one amount: give --confirm once", code="given_twice")
        limit = confirm[0] if confirm else agreed_amount(run, rules.show_rule(session, rule).data.rules[0])
        code = None if run.dry_run else code_of(run, second_factor.enrolled(session), stdin=code_stdin)
        result = rules.enable_rule(session, rule, limit, code, wait=wait, dry_run=run.dry_run)
    run.show(result if run.dry_run else with_runner(session, result, noted=run.output != "table"))


@app.command("disable", codes=CHANGES, examples=("esimctl autotopup disable phone",))
def disable_rule(run: Run, rule: Rule) -> None:
    """Turn a rule off, at once."""
    from esimctl.autotopup import rules

    run.show(rules.disable_rule(run.session(), rule, wait=5.0))


@app.command("pause", codes=CHANGES, examples=("esimctl autotopup pause", "esimctl autotopup pause phone"))
def pause(run: Run, rule: AnyRule = None) -> None:
    """Stop all spending at once, or one rule."""
    from esimctl.autotopup import rules

    run.show(rules.pause(run.session(), rule))


@app.command("resume", codes=CHANGES, examples=("esimctl autotopup resume", "esimctl autotopup resume phone"))
def resume(run: Run, rule: AnyRule = None) -> None:
    """Let spending go on, or wake one rule from its pause or its suspension."""
    from esimctl.autotopup import rules

    run.show(rules.resume(run.session(), rule, wait=5.0))


@app.command("remove", codes=CHANGES, examples=("esimctl autotopup remove phone --yes",))
def remove_rule(
    run: Run, rule: Rule, yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False
) -> None:
    """Forget a rule; what it bought stays in the books."""
    from esimctl.autotopup import rules

    session = run.session()
    again = done_before(session, f"autotopup remove {rule}", rule) is not None
    if not again:
        rules.known_rule(session, rule)
    if not (yes or again) and not run.terminal.confirm(say("Remove rule {rule}?", rule=rule), instead="--yes"):
        raise UsageError("nothing was removed")
    run.show(rules.remove_rule(session, rule, wait=5.0))


@app.command("show", lists=True, codes=(78,), examples=("esimctl autotopup show", "esimctl autotopup show phone --why"))
def show_rules(
    run: Run,
    rule: AnyRule = None,
    why: Annotated[bool, typer.Option("--why", help="Say in words why it did what it did.")] = False,
) -> None:
    """Show the rules: what sets them off, what they may spend, what they did last, and what goes through them."""
    from esimctl.autotopup import rules
    from esimctl.setup.schedule import with_runner

    session = run.session()
    result = rules.show_rules(session) if rule is None else rules.show_rule(session, rule)
    with_runner(session, result, noted=run.output != "table")
    if why and run.output != "json":
        result.name = "autotopup-why"
    run.show(result)


@app.command(
    "takeover",
    codes=CHANGES,
    examples=("esimctl autotopup takeover", "esimctl autotopup takeover --yes"),
)
def take_over(run: Run, yes: Yes = False, wait: Wait = None) -> None:
    """Have the rules run on this machine and on no other, where more than one carries the profile."""
    from esimctl.autotopup.takeover import take_over as move
    from esimctl.profile.opened import wait_seconds
    from esimctl.setup.schedule import with_runner

    session = run.session()
    if not yes and not run.terminal.confirm(
        say("Shall the rules run on this machine, and on no other?"), instead="--yes"
    ):
        raise UsageError("nothing was changed")
    run.show(with_runner(session, move(session, wait=wait_seconds(wait)), noted=run.output != "table"))


@app.command(
    "log",
    lists=True,
    document="autotopup-log",
    codes=(78,),
    examples=("esimctl autotopup log", "esimctl autotopup log phone"),
)
def show_log(run: Run, rule: AnyRule = None) -> None:
    """What the rules decided and why, from the journal; only what differed from the decision before."""
    from esimctl.autotopup import rules

    run.show(rules.log(run.session(), rule))


@app.command(
    "run",
    spends=True,
    codes=(3, 4, 5, 6, 69, 75, 76, 77, 78),
    examples=("esimctl autotopup run", "esimctl autotopup run --dry-run"),
)
def run_rules(
    run: Run,
    line: Annotated[str | None, typer.Option(metavar="LINE", help="This line alone.", show_default=False)] = None,
) -> None:
    """Go through the rules once, for cron and timers: at most one order a line; silent when there is nothing to do."""
    from esimctl.profile.opened import wait_seconds

    if run.request_id is not None:
        raise UsageError(
            "the orders of rules have keys of their own; --request-id cannot be given", code="bad_request_id"
        )
    session = run.session()
    if run.dry_run:
        from esimctl.autotopup.run import run as look

        result = look(session, line, dry_run=True, max_price=run.max_price)
        result.data = replace(result.data, dry_run=True)
    else:
        from esimctl.autotopup.reported import run_and_report
        from esimctl.cli.telling import speaker

        result = run_and_report(
            session, line, wait=wait_seconds(run.wait), max_price=run.max_price, say=speaker(session)
        )
    if run.terminal.verbose:
        result.data = replace(result.data, verbose=True)
    run.show(result)


autotopup_told.declare(app)
