"""`esimctl report`: spend, use and waste by month."""

from typing import Annotated

import typer

from esimctl.cli.page_files import Format, To, check_form, show
from esimctl.cli.shared import Run
from esimctl.cli.shared import command as declare
from esimctl.cli.values import month_named, year_named
from esimctl.errors import UsageError
from esimctl.values.moments import zone


@declare(
    lists=True,
    codes=(6, 74, 78),
    examples=(
        "esimctl report",
        "esimctl report 2026",
        "esimctl report --month last --by line",
        "esimctl report --months 12 --format html --to report.html",
    ),
)
def command(
    run: Run,
    year: Annotated[
        str | None, typer.Argument(parser=year_named, metavar="[YEAR]", help="A whole year.", show_default=False)
    ] = None,
    month: Annotated[
        str | None,
        typer.Option(
            parser=month_named,
            metavar="YYYY-MM",
            help="The month, or last (default: this one).",
            show_default=False,
        ),
    ] = None,
    months: Annotated[int, typer.Option(metavar="N", help="So many months, the last of them that one.")] = 1,
    by: Annotated[
        str | None, typer.Option(metavar="line|carrier|person|method", help="In these groups.", show_default=False)
    ] = None,
    form: Format = None,
    to: To = None,
) -> None:
    """Spend, use and waste by month: what was bought, used, carried over and lost, and at whose word.

    Nothing is asked of anybody. Months begin and end in the profile's zone.
    """
    from esimctl.records.report import report
    from esimctl.records.report_rows import year_until
    from esimctl.show import report_page

    check_form(run, form, to)
    session = run.session()
    if year is not None:
        if month is not None or months != 1:
            raise UsageError("say either YEAR or --month and --months", code="year_or_month")
        month, months = year_until(int(year), session.clock.now(), zone(session.zone))
    result = report(session, month=month, months=months, by=by)
    show(run, result, form, to, {"html": report_page.html, "markdown": report_page.markdown_text})
