"""`esimctl lines`: your lines, their codes and QR."""

from typing import Annotated

import typer

from esimctl.cli.shared import CommandGroup, DryRun, Run, Tags, lines_of
from esimctl.cli.values import data_volume, money_alone, number_of_days, time_ago, volume
from esimctl.errors import UsageError
from esimctl.profile.books import done_before
from esimctl.show.words import say
from esimctl.values.money import Money
from esimctl.values.sentence import Sentence


def declare(app: CommandGroup) -> None:
    """Put both commands into the group."""
    app.command(
        "tag",
        codes=(6, 75, 77, 78),
        examples=(
            "esimctl lines tag phone tablet --add family --add travel",
            "esimctl lines tag phone --remove travel",
        ),
    )(tag_lines)
    app.command(
        "import",
        lists=True,
        document="bulk",
        codes=(6, 69, 75, 77, 78),
        examples=("esimctl lines import lines.csv --dry-run", "esimctl lines import - --provider manual < lines.csv"),
    )(import_lines)


def tag_lines(
    run: Run,
    lines: Annotated[list[str], typer.Argument(metavar="LINE...", help="The line, or several.")],
    add: Annotated[list[str] | None, typer.Option(metavar="NEW-TAG", help="Put it on.", show_default=False)] = None,
    remove: Annotated[list[str] | None, typer.Option(metavar="TAG", help="Take it off.", show_default=False)] = None,
) -> None:
    """Put words of your own on lines, to select them by --tag, or take them off. Both may be repeated."""
    from esimctl.lines import lines as every

    run.show(every.tag_lines(run.session(), lines, add or (), remove or ()))


def import_lines(
    run: Run,
    file: Annotated[str, typer.Argument(metavar="FILE|-", help="CSV with a column line; - is stdin.")],
    provider: Annotated[str, typer.Option(metavar="P", help="Of rows that name none.")] = "manual",
    dry_run: DryRun = False,
) -> None:
    """Follow many lines that were bought elsewhere: one row each, its columns named after the options of `lines add`.

    The columns are name, provider, carrier, plan, data, days, price, started, channel, msisdn, iccid, order, lpa,
    receipt, note and tags. Rows that cannot be added are reported, the others are added; the same file again adds only
    what is missing.
    """
    from esimctl.cli.given import given
    from esimctl.lines import importing
    from esimctl.profile.many import read_rows

    text = given(run, file, say("the CSV file"))
    rows = read_rows(text, importing.COLUMNS, "name")

    def told(line: str, said: Sentence) -> None:
        run.terminal.note(say("{line}: {what}", line=line, what=said))

    run.show(importing.import_lines(run.session(), rows, provider, told, dry_run=dry_run))


app = CommandGroup()

LineOrId = Annotated[str, typer.Argument(metavar="LINE", help="The line, or the id of one that you removed.")]

LineName = Annotated[str, typer.Argument(metavar="LINE", help="The line.")]

ShowCode = Annotated[bool, typer.Option("--show-code", help="Show codes and numbers unmasked: they are worth money.")]


@app.command(
    "list",
    lists=True,
    codes=(78,),
    examples=("esimctl lines list", "esimctl lines list --tag router", "esimctl lines list --removed"),
)
def list_lines(
    run: Run,
    tags: Tags = None,
    removed: Annotated[bool, typer.Option("--removed", help="Those that you removed, with their ids.")] = False,
) -> None:
    """List your lines; numbers are masked."""
    from esimctl.lines import lines

    session = run.session()
    if removed:
        from esimctl.lines.past import list_removed

        if tags:
            raise UsageError("a line that was removed has no tags: leave --tag out", code="removed_or_tag")
        if run.output != "json":
            run.columns = run.columns or "id,line,removed_at,provider,plan"
        run.show(list_removed(session))
        return
    run.show(lines.list_lines(session, lines_of(session, None, tags)))


@app.command("show", codes=(78,), examples=("esimctl lines show phone --show-code",))
def show_line(run: Run, line: LineOrId, show_code: ShowCode = False) -> None:
    """Show one line: plan, codes, how to check the balance and whom to call."""
    from esimctl.lines import lines

    run.show(lines.show_line(run.session(), line, reveal=show_code))


@app.command(
    "add",
    codes=(6, 69, 75, 77, 78),
    examples=(
        "esimctl lines add sim --provider manual --carrier smart --plan smart-laor-7d --price 1.50USD",
        "esimctl lines add sim --provider manual --carrier metfone --data 10GB --days 30 --started 2026-11-20",
        "esimctl lines add phone --provider esim-access --iccid 8985500000000000000",
    ),
)
def add_line(
    run: Run,
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="A name for it.", show_default=False)] = None,
    provider: Annotated[
        str | None, typer.Option(metavar="P", help="manual, or where it was bought.", show_default=False)
    ] = None,
    carrier: Annotated[str | None, typer.Option(metavar="CARRIER", help="Whose SIM it is.", show_default=False)] = None,
    plan: Annotated[str | None, typer.Option(metavar="PLAN", help="What you bought.", show_default=False)] = None,
    data: Annotated[
        object, typer.Option(parser=data_volume, metavar="V", help="What you bought, in octets.", show_default=False)
    ] = None,
    days: Annotated[
        int | None,
        typer.Option(parser=number_of_days(1, 3660), metavar="N", help="How long it is valid.", show_default=False),
    ] = None,
    price: Annotated[
        "Money | None", typer.Option(parser=money_alone, metavar="MONEY", help="What you paid.", show_default=False)
    ] = None,
    started: Annotated[
        str | None,
        typer.Option(parser=time_ago, metavar="T", help="When its term began (default: now).", show_default=False),
    ] = None,
    channel: Annotated[
        str | None, typer.Option(metavar="offline|online", help="Where you bought it.", show_default=False)
    ] = None,
    msisdn: Annotated[str | None, typer.Option(metavar="N", help="Its number.", show_default=False)] = None,
    iccid: Annotated[str | None, typer.Option(metavar="N", help="The card's number.", show_default=False)] = None,
    order: Annotated[
        str | None, typer.Option(metavar="ID", help="The provider's number of the order.", show_default=False)
    ] = None,
    lpa_stdin: Annotated[
        bool, typer.Option("--lpa-stdin", help="Its code, or the link to it, comes from stdin.")
    ] = False,
    receipt: Annotated[
        str | None, typer.Option(metavar="TEXT", help="The receipt's number.", show_default=False)
    ] = None,
    note: Annotated[str | None, typer.Option(metavar="TEXT", help="What you want to keep.", show_default=False)] = None,
    tags: Annotated[
        list[str] | None,
        typer.Option("--tag", metavar="TAG", help="A word to select it by; may be repeated.", show_default=False),
    ] = None,
) -> None:
    """Follow a line that was bought elsewhere: at a counter (manual), or in your account at a provider."""
    from esimctl.cli.guided import line_to_add

    session = run.session()
    name, provider, carrier, found = line_to_add(run, name, provider, carrier, plan, iccid or order)
    iccid = iccid or found
    if provider != "manual":
        from esimctl.lines.adopt import adopt

        run.show(adopt(session, name, provider, iccid=iccid, order=order, tags=tags or ()))
        return
    if order is not None:
        raise UsageError("--order is for a line at a provider; keep the receipt's number with --receipt")
    from esimctl.lines.counter import CounterPurchase
    from esimctl.lines.counter import add_line as add

    lpa, confirmation = code_from_stdin(run) if lpa_stdin else (None, None)
    words = tuple(tags or ())
    bought = CounterPurchase(
        name, carrier, plan, data, days, price, started, channel, msisdn, iccid, lpa, confirmation, receipt, note, words
    )
    run.show(add(session, bought))


def code_from_stdin(run: Run) -> tuple[str, str | None]:
    """The activation code, and in a second line of a pipe the confirmation code, where the seller gave one."""
    code = run.terminal.read_line(what=say("the activation code"))
    if run.terminal.in_is_terminal:
        return code, None
    return code, run.terminal.read_line(what=say("the confirmation code")).strip() or None


declare(app)


@app.command("rename", codes=(6, 75, 77, 78), examples=("esimctl lines rename smart phone",))
def rename_line(
    run: Run, line: LineName, to: Annotated[str, typer.Argument(metavar="NEW-NAME", help="Its new name.")]
) -> None:
    """Give a line another name; its history follows."""
    from esimctl.lines import lines

    run.show(lines.rename_line(run.session(), line, to))


@app.command(
    "owner",
    codes=(6, 75, 77, 78),
    examples=("esimctl lines owner phone Sokha", "esimctl lines owner phone --none"),
)
def line_owner(
    run: Run,
    line: LineName,
    who: Annotated[str | None, typer.Argument(metavar="WHO", help="A name.", show_default=False)] = None,
    none: Annotated[bool, typer.Option("--none", help="Nobody's any more.")] = False,
) -> None:
    """Say whose line it is: reports by person sum up by it."""
    from esimctl.lines import lines

    if (who is None) is not none:
        raise UsageError("say whose it is, or --none", hint="esimctl lines owner LINE WHO")
    run.show(lines.set_owner(run.session(), line, who))


@app.command("remove", codes=(6, 75, 77, 78), examples=("esimctl lines remove phone --yes",))
def remove_line(
    run: Run, line: LineName, yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False
) -> None:
    """Stop following a line. Its history is kept and the eSIM itself is not touched."""
    from esimctl.lines import lines

    session = run.session()
    again = done_before(session, f"remove {line}", line) is not None
    if not again:
        session.line(line)
    if not (yes or again) and not run.terminal.confirm(say("Stop following {line}?", line=line), instead="--yes"):
        raise UsageError("nothing was removed")
    run.show(lines.remove_line(session, line))


@app.command("qr", codes=(74, 78), examples=("esimctl lines qr phone", "esimctl lines qr phone --png phone.png"))
def line_qr(
    run: Run,
    line: LineOrId,
    png: Annotated[str | None, typer.Option(metavar="FILE", help="Write a PNG.", show_default=False)] = None,
    svg: Annotated[str | None, typer.Option(metavar="FILE", help="Write an SVG.", show_default=False)] = None,
    show_code: ShowCode = False,
) -> None:
    """Draw the activation code as a QR for the phone's camera; in a pipe the code itself needs --show-code."""
    from esimctl.lines import lines
    from esimctl.show.cards import qr

    session = run.session()
    code = lines.activation_code(session, line)
    if png is not None or svg is not None:
        from esimctl.store.output_file import hand_out

        for path, form in ((png, "png"), (svg, "svg")):
            if path is not None:
                hand_out(path, qr.picture(code, form))
                run.wrote(path)
        if run.output != "json":
            return
    if run.output == "table" and run.terminal.out_is_terminal:
        qr.draw(code, run.terminal, f"esimctl lines qr {line} --png FILE")
        return
    run.show(lines.qr(session, line, reveal=show_code))


With = Annotated[str, typer.Option("--with", metavar="LINE2", help="The other line.")]

SHARING = (3, 6, 75, 77, 78)


@app.command(
    "share", codes=SHARING, document="sharing", examples=("esimctl lines share family --with child --cap 5GB",)
)
def share_line(
    run: Run,
    line: LineName,
    other: With,
    cap: Annotated[
        int | None, typer.Option(parser=volume, metavar="VOLUME", help="At most this a period.", show_default=False)
    ] = None,
) -> None:
    """Let another line use this line's data from now on."""
    from esimctl.lines import sharing

    run.show(sharing.share(run.session(), line, other, cap))


@app.command("unshare", codes=SHARING, document="sharing", examples=("esimctl lines unshare family --with child",))
def unshare_line(run: Run, line: LineName, other: With) -> None:
    """Stop sharing with a line; what it took stays taken."""
    from esimctl.lines import sharing

    run.show(sharing.unshare(run.session(), line, other))


@app.command("gift", codes=(4, 5, *SHARING), document="sharing", examples=("esimctl lines gift phone 1GB --to tablet",))
def gift_line(
    run: Run,
    line: LineName,
    data: Annotated[int, typer.Argument(parser=volume, metavar="VOLUME", help="How much.")],
    to: Annotated[str, typer.Option(metavar="LINE2", help="Who gets it.")],
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="You have given it away on the phone, where only you can.")
    ] = False,
) -> None:
    """Give data to another line, where the pack may be given away; nobody can give it on.

    For lines that were bought at a counter the carrier's own code is shown; it is written down once you have dialled.
    """
    from esimctl.lines import sharing

    session = run.session()
    steps = sharing.to_give(session, line, to, data)
    if steps is not None and not yes:
        from esimctl.cli.by_hand import given_away

        given_away(run, to, data, steps)
    run.show(sharing.gift(session, line, to, data))


@app.command(
    "install",
    document="install",
    codes=(3, 4, 20, 74, 76, 77, 78),
    examples=("esimctl lines install phone --on ios", "esimctl lines install modem --yes"),
)
def install_line(
    run: Run,
    line: LineName,
    on: Annotated[
        str, typer.Option("--on", metavar="card|ios|android", help="Through lpac, or the steps on a phone.")
    ] = "card",
    imei: Annotated[
        str | None, typer.Option(metavar="N", help="The IMEI to tell the server.", show_default=False)
    ] = None,
    confirmation_stdin: Annotated[
        bool, typer.Option("--confirmation-stdin", help="The confirmation code comes from stdin.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    show_code: ShowCode = False,
) -> None:
    """Install an eSIM on a card or modem through lpac, or list the steps on a phone.

    lpac takes the code as an argument only: while it runs, whoever may list this machine's processes can read it."""
    from esimctl.lines import installing

    installing.check_place(on)
    session = run.session()

    def confirmation() -> str:
        if confirmation_stdin:
            return run.terminal.read_line(what=say("the confirmation code")).strip()
        return run.terminal.ask_secret(say("The confirmation code: "), instead="--confirmation-stdin")

    if on != "card":
        installing.keep_confirmation(session, line, confirmation() if confirmation_stdin else None)
        run.show(installing.guide(session, line, on, reveal=show_code))
        return

    def agreed(eid: str | None) -> bool:
        run.terminal.note(say("while lpac runs, the activation code can be read in this machine's list of processes"))
        ends = say("its number is not known") if eid is None else f"…{eid[-4:]}"
        question = say("Install {line} on the eUICC {eid}? The code works once.", line=line, eid=ends)
        return yes or run.terminal.confirm(question, instead="--yes")

    run.show(installing.install(session, line, imei, confirmation, agreed, given=confirmation_stdin))
