"""`esimctl simulate`: what-if."""

from typing import Annotated

import typer

from esimctl.cli.shared import Run
from esimctl.cli.shared import command as declare
from esimctl.cli.values import day_ahead, volume
from esimctl.errors import UsageError


@declare(
    codes=(20, 78),
    examples=(
        "esimctl simulate rollover.toml --explain",
        "esimctl simulate --plan demo-monthly-5gb --per-day 300MB --months 12",
    ),
)
def command(
    run: Run,
    file: Annotated[
        str | None, typer.Argument(metavar="[SCENARIO.toml]", help="The scenario, - for stdin.", show_default=False)
    ] = None,
    explain: Annotated[bool, typer.Option("--explain", help="Tell what happened to the data, in order.")] = False,
    plan: Annotated[
        list[str] | None,
        typer.Option(metavar="PLAN", help="Without a file: this plan; may be repeated.", show_default=False),
    ] = None,
    per_day: Annotated[
        int | None, typer.Option(parser=volume, metavar="VOLUME", help="Data used every day.", show_default=False)
    ] = None,
    months: Annotated[int, typer.Option(metavar="N", min=1, max=120, help="How long to look ahead.")] = 12,
    since: Annotated[
        str | None,
        typer.Option("--from", parser=day_ahead, metavar="DATE", help="The first day.", show_default="2026-01-01"),
    ] = None,
) -> None:
    """Replay events against plans and their rollover rules, or ask what a plan would carry, lose and cost.

    Exit 0 when every expectation of the scenario holds, 20 when one does not. Needs no profile and no network.

    A scenario is TOML: schema = "esimctl.scenario/1", name, start, then [plan.NAME] with data, term and perhaps
    rollover, [line.NAME] with plan and auto_renew, and one [[event]] each with at, line and a verb: use, renew,
    topup, gift, reserve, release, commit, observe, leave, or expect with what must be true then.
    """
    from esimctl.simulation.what_if import compare, read_scenario, simulate

    if file is not None and (plan or per_day is not None):
        raise UsageError("either a scenario file or --plan with --per-day, not both")
    if file is not None:
        text = run.terminal.read_all(what="the scenario") if file == "-" else read_scenario(file)
        result = simulate(text, "stdin" if file == "-" else file, story=explain)
        if explain and run.output in ("tsv", "csv"):
            result.name = "story"  # rows of the story instead of rows of expectations
        run.show(result)
    elif plan and per_day is not None:
        run.show(compare(run.session(), plan, per_day, months, since))
    else:
        raise UsageError("say what to simulate: SCENARIO.toml, or --plan PLAN --per-day VOLUME")
