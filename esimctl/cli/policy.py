"""`esimctl policy`: every claim, its source, and which one counts."""

from typing import Annotated

import typer

from esimctl.cli.shared import CommandGroup, Run
from esimctl.cli.values import day_ago, day_ahead

app = CommandGroup()
Subject = Annotated[
    str, typer.Argument(metavar="CARRIER[/PLAN]", help="A carrier by any of its names, or one of its plans.")
]
Topic = Annotated[
    str | None, typer.Argument(metavar="[TOPIC]", help="One topic, such as rollover.", show_default=False)
]


@app.command(
    "show",
    lists=True,
    document="policy",
    codes=(78,),
    examples=("esimctl policy show smart rollover", "esimctl policy show smart/smart-laor-30d"),
)
def show(run: Run, subject: Subject, topic: Topic = None) -> None:
    """Show every claim with its source and age, which one counts, and why."""
    from esimctl.market import policies

    run.show(policies.show_policies(run.session(), subject, topic))


@app.command(
    "set",
    document="policy",
    codes=(6, 75, 77, 78),
    examples=('esimctl policy set smart rollover mode=carry validity="3 months" --source "hotline 888, 20 November"',),
)
def set_(
    run: Run,
    subject: Subject,
    topic: Annotated[str, typer.Argument(metavar="TOPIC", help="What it is about, such as rollover.")],
    values: Annotated[
        list[str], typer.Argument(metavar="KEY=VALUE...", help="What holds: mode=carry validity=3months.")
    ],
    source: Annotated[str, typer.Option(metavar="TEXT", help="Who says so.", show_default=False)],
    as_of: Annotated[
        str | None,
        typer.Option(parser=day_ago, metavar="DATE", help="When it was said; default: today.", show_default=False),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(
            "--from",
            parser=day_ahead,
            metavar="DATE",
            help="The first day on which it counts (default: when a line's present term began).",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Say what you know: your claim counts before every other, and changes none of them.

    Your lines follow it from that day on; earlier terms stay as they were.
    """
    from esimctl.market import policies
    from esimctl.usage.restating import follow

    run.show(policies.set_policy(run.session(), subject, topic, values, source, as_of, since, follow=follow))


@app.command("reset", document="policy", codes=(6, 75, 77, 78), examples=("esimctl policy reset smart rollover",))
def reset(run: Run, subject: Subject, topic: Topic = None) -> None:
    """Take your own claims back."""
    from esimctl.market import policies
    from esimctl.usage.restating import follow

    run.show(policies.reset_policy(run.session(), subject, topic, follow=follow))
