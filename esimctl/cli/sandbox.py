"""`esimctl sandbox`: the embedded operator's levers."""

from typing import Annotated

import typer

from esimctl.charging.moments import Duration
from esimctl.charging.money import Money
from esimctl.cli.shared import Group, Run, duration, money, volume
from esimctl.errors import UsageError

app = Group()


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
    at: Annotated[str | None, typer.Option(metavar="TIME", help="When; default now.", show_default=False)] = None,
) -> None:
    """Let a line use data, as a phone would."""
    from esimctl.actions.setup import rehearsal

    run.show(rehearsal.use_data(run.session(), line, octets, at))


@app.command("fault", codes=(78,), examples=("esimctl sandbox fault decline --times 2",))
def arm_fault(
    run: Run,
    kind: Annotated[str, typer.Argument(metavar="FAULT", help="decline, unreachable, timeout-after …")],
    times: Annotated[int, typer.Option(metavar="N", min=1, help="How often.")] = 1,
) -> None:
    """Let the next requests fail: decline, unreachable, timeout-before, timeout-after, error-500, rate-limit,
    malformed, slow-activation, duplicate-charge, out-of-stock, stale-usage or object-list (a list of the Airalo
    face)."""
    from esimctl.actions.setup import rehearsal

    run.show(rehearsal.arm_fault(run.session(), kind, times))


@app.command("reset", codes=(78,), examples=("esimctl sandbox reset --yes",))
def reset(run: Run, yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False) -> None:
    """Throw the embedded operator's books away."""
    from esimctl.actions.setup import rehearsal
    from esimctl.show.words import say

    session = run.session()
    if not yes and not run.terminal.confirm(say("Throw the sandbox's books away?"), instead="--yes"):
        raise UsageError("nothing was reset")
    run.show(rehearsal.reset_sandbox(session))


@app.command(
    "serve",
    document="sandbox-serve",
    codes=(77, 78),
    examples=(
        "esimctl sandbox serve --api airalo --port 8080",
        "esimctl sandbox serve --api esim-access --credit 5USD --delay 10s",
    ),
)
def serve(
    run: Run,
    api: Annotated[str, typer.Option(metavar="API", help="esim-access, airalo or celitech.")],
    port: Annotated[int, typer.Option(metavar="N", min=0, max=65535, help="0: any that is free.")] = 0,
    credit: Annotated[
        Money | None,
        typer.Option(parser=money, metavar="MONEY", help="What a new account has: 1000USD.", show_default=False),
    ] = None,
    delay: Annotated[
        Duration | None,
        typer.Option(parser=duration, metavar="DURATION", help="How long an eSIM takes.", show_default=False),
    ] = None,
) -> None:
    """Speak a vendor's wire format on this machine, so that scripts and the vendor's SDK can be rehearsed.

    Any credentials are taken, armed faults strike orders. One line says where it listens; Ctrl-C or SIGTERM ends it."""
    from datetime import timedelta

    from esimctl.actions.setup.serve import serve as open_serving

    wait = timedelta(0) if delay is None else timedelta(days=delay.days, seconds=delay.seconds)
    serving = open_serving(run.session(), api, port, credit, wait)
    run.show(serving.result)
    run.terminal.flush()
    serving.wait()
