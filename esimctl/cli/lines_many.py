"""`esimctl lines tag` and `import`: for a person who keeps more lines than can be named one by one."""

from typing import Annotated

import typer

from esimctl.cli.shared import CommandGroup, DryRun, Run

Line = Annotated[str, typer.Argument(metavar="LINE", help="The line.")]


def declare(app: CommandGroup) -> None:
    """Put both commands into the group."""
    app.command(
        "tag",
        codes=(6, 75, 77, 78),
        examples=(
            "esimctl lines tag phone --add family --add travel",
            "esimctl lines tag phone --remove travel",
        ),
    )(tag_line)
    app.command(
        "import",
        lists=True,
        document="bulk",
        codes=(6, 69, 75, 77, 78),
        examples=("esimctl lines import lines.csv --dry-run", "esimctl lines import - --provider manual < lines.csv"),
    )(import_lines)


def tag_line(
    run: Run,
    line: Line,
    add: Annotated[list[str] | None, typer.Option(metavar="NEW-TAG", help="Put it on.", show_default=False)] = None,
    remove: Annotated[list[str] | None, typer.Option(metavar="TAG", help="Take it off.", show_default=False)] = None,
) -> None:
    """Put words of your own on a line, to select lines by --tag, or take them off. Both may be repeated."""
    from esimctl.lines import lines

    run.show(lines.tag_line(run.session(), line, add or (), remove or ()))


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
    from esimctl.show.words import say

    text = given(run, file, say("the CSV file"))
    rows = read_rows(text, importing.COLUMNS, "name")

    def told(line: str, template: str, params: dict[str, object]) -> None:
        run.terminal.note(f"{line}: {say(template, **params)}")

    run.show(importing.import_lines(run.session(), rows, provider, told, dry_run=dry_run))
