"""`esimctl lines`: your lines, their codes and QR."""

from typing import Annotated

import typer

from esimctl.cli.shared import Group, Run
from esimctl.errors import UsageError

app = Group()
LineName = Annotated[str, typer.Argument(metavar="LINE", help="The line.")]
ShowCode = Annotated[bool, typer.Option("--show-code", help="Show codes and numbers unmasked: they are worth money.")]


@app.command("list", lists=True, codes=(78,), examples=("esimctl lines list",))
def list_lines(run: Run) -> None:
    """List your lines; numbers are masked."""
    from esimctl.actions import lines

    run.show(lines.list_lines(run.session()))


@app.command("show", codes=(78,), examples=("esimctl lines show phone --show-code",))
def show_line(run: Run, line: LineName, show_code: ShowCode = False) -> None:
    """Show one line: plan, codes, how to check the balance and whom to call."""
    from esimctl.actions import lines

    run.show(lines.show_line(run.session(), line, reveal=show_code))


@app.command("rename", codes=(6, 75, 77, 78), examples=("esimctl lines rename smart phone",))
def rename_line(
    run: Run, line: LineName, to: Annotated[str, typer.Argument(metavar="NEW-NAME", help="Its new name.")]
) -> None:
    """Give a line another name; its history follows."""
    from esimctl.actions import lines

    run.show(lines.rename_line(run.session(), line, to))


@app.command("remove", codes=(6, 75, 77, 78), examples=("esimctl lines remove phone --yes",))
def remove_line(
    run: Run, line: LineName, yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False
) -> None:
    """Stop following a line. Its history is kept and the eSIM itself is not touched."""
    from esimctl.actions import lines
    from esimctl.show.words import say

    session = run.session()
    session.line(line)
    if not yes and not run.terminal.confirm(say("Stop following {line}?", line=line), instead="--yes"):
        raise UsageError("nothing was removed")
    run.show(lines.remove_line(session, line))


@app.command("qr", codes=(74, 78), examples=("esimctl lines qr phone", "esimctl lines qr phone --png phone.png"))
def line_qr(
    run: Run,
    line: LineName,
    png: Annotated[str | None, typer.Option(metavar="FILE", help="Write a PNG.", show_default=False)] = None,
    svg: Annotated[str | None, typer.Option(metavar="FILE", help="Write an SVG.", show_default=False)] = None,
    show_code: ShowCode = False,
) -> None:
    """Draw the activation code as a QR for the phone's camera; in a pipe the code itself needs --show-code."""
    from esimctl.actions import lines
    from esimctl.show import qr

    session = run.session()
    code = lines.activation_code(session, line)
    if png or svg:
        from esimctl.store.handout import hand_out

        for path, form in ((png, "png"), (svg, "svg")):
            if path:
                hand_out(path, qr.picture(code, form))
                run.terminal.note(f"{path}")
        return
    if run.output == "table" and run.terminal.out_is_terminal:
        qr.draw(code, run.terminal)
        return
    run.show(lines.qr(session, line, reveal=show_code))
