"""`esimctl sandbox`: the embedded operator's levers."""

from typing import Annotated

import typer

from esimctl.cli.shared import CommandGroup, Run
from esimctl.cli.values import time_ago, volume
from esimctl.errors import UsageError
from esimctl.show.words import say

app = CommandGroup()


@app.command(
    "use",
    lists=True,
    document="balance",
    codes=(78,),
    examples=("esimctl sandbox use phone 300MB", "esimctl sandbox use phone 1GB --at 2026-11-19"),
)
def use_data(
    run: Run,
    line: Annotated[str, typer.Argument(metavar="LINE", help="The line.")],
    octets: Annotated[int, typer.Argument(parser=volume, metavar="VOLUME", help="How much.")],
    at: Annotated[
        str | None, typer.Option(parser=time_ago, metavar="TIME", help="When; default now.", show_default=False)
    ] = None,
) -> None:
    """Let a line use data, as a phone would."""
    from esimctl.setup import rehearsal

    run.show(rehearsal.use_data(run.session(), line, octets, at))


@app.command("fault", codes=(78,), examples=("esimctl sandbox fault decline --times 2",))
def arm_fault(
    run: Run,
    kind: Annotated[str, typer.Argument(metavar="FAULT", help="decline, unreachable, timeout-after …")],
    times: Annotated[int, typer.Option(metavar="N", min=1, help="How often.")] = 1,
) -> None:
    """Let the next requests fail: decline, unreachable, timeout-before, timeout-after, error-500, rate-limit,
    malformed, slow-activation, duplicate-charge, out-of-stock or stale-usage."""
    from esimctl.setup import rehearsal

    run.show(rehearsal.arm_fault(run.session(), kind, times))


@app.command("reset", codes=(78,), examples=("esimctl sandbox reset --yes",))
def reset(run: Run, yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False) -> None:
    """Throw the embedded operator's books away."""
    from esimctl.setup import rehearsal

    session = run.session()
    if not yes and not run.terminal.confirm(say("Throw the sandbox's books away?"), instead="--yes"):
        raise UsageError("nothing was reset")
    run.show(rehearsal.reset_sandbox(session))
