"""`esimctl usage`: readings by hand and from pasted messages, what was used, and what is to come."""

from typing import Annotated

import typer

from esimctl.cli import teaching
from esimctl.cli.pages import Completes
from esimctl.cli.shared import CommandGroup, Run
from esimctl.cli.values import money, number_of_days, time_ago, time_ahead, volume
from esimctl.errors import UsageError
from esimctl.values.money import Money

app = CommandGroup()
LineName = Annotated[str, typer.Argument(metavar="LINE", help="The line.")]
At = Annotated[
    str | None,
    typer.Option("--at", parser=time_ago, metavar="T", help="When it was read (default: now).", show_default=False),
]
CODES = (6, 20, 75, 77, 78)


@app.command(
    "record",
    codes=CODES,
    document="reading",
    one_of=(("remaining", "used", "balance", "minutes", "expires", "carried"),),
    examples=(
        "esimctl usage record sim --remaining 4.2GB",
        "esimctl usage record sim --used 1.5GB --at 2026-11-20T08:00",
        "esimctl usage record sim --remaining 20GB --carried 0",
    ),
)
def record(
    run: Run,
    line: LineName,
    remaining: Annotated[
        int | None, typer.Option(parser=volume, metavar="V", help="What is left.", show_default=False)
    ] = None,
    used: Annotated[
        int | None, typer.Option(parser=volume, metavar="V", help="What was used.", show_default=False)
    ] = None,
    balance: Annotated[
        Money | None, typer.Option(parser=money, metavar="MONEY", help="The main balance.", show_default=False)
    ] = None,
    minutes: Annotated[
        int | None, typer.Option(metavar="N", min=0, max=10**6, help="Call minutes that are left.", show_default=False)
    ] = None,
    expires: Annotated[
        str | None, typer.Option(parser=time_ahead, metavar="T", help="When it ends.", show_default=False)
    ] = None,
    carried: Annotated[
        int | None,
        typer.Option(parser=volume, metavar="V", help="Carried data alone; 0: the carry failed.", show_default=False),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Keep what cannot be, as you typed it.")] = False,
    at: At = None,
) -> None:
    """Write down what you read off the phone. What differs from the books is an adjustment with a reason.

    More than was granted, or an end before its begin, is asked about; without a terminal it is exit 2 unless --force.
    """
    from esimctl.cli.typed import agreed
    from esimctl.usage import record as usage

    session = run.session()
    session.line(line)
    if run.asks and all(each is None for each in (remaining, used, balance, minutes, expires, carried)):
        from esimctl.cli.guided import reading

        remaining, balance = reading(run, session, line)
    figures, when = usage.typed(
        session, line, remaining=remaining, used=used, balance=balance, minutes=minutes, expires=expires,
        carried=carried, at=at,
    )  # fmt: skip
    figures, doubtful, insisted = agreed(run, session, line, figures, when, force=force)
    run.show(usage.record(session, line, figures, when, doubtful=doubtful, insisted=insisted))


@app.command(
    "undo", codes=(6, 75, 77, 78), document="reading", examples=("esimctl usage undo sim",),
)  # fmt: skip
def undo(run: Run, line: LineName) -> None:
    """Take the last reading by hand back, as an entry of its own; what stood before it counts again."""
    from esimctl.usage.undoing import undo as take_back

    run.show(take_back(run.session(), line))


@app.command(
    "import",
    lists=True,
    codes=CODES,
    document="usage-import",
    examples=("esimctl usage import sim message.txt", "esimctl usage import sim - --kind ussd"),
)
def import_texts(
    run: Run,
    line: LineName,
    file: Annotated[str, typer.Argument(metavar="FILE|-", help="The text; - is stdin.")] = "-",
    kind: Annotated[
        str | None, typer.Option(metavar="sms|ussd|csv", help="What it is (default: found out).", show_default=False)
    ] = None,
    at: At = None,
) -> None:
    """Read pasted SMS, a USSD reply or a CSV file. The same text twice is one reading; nothing is guessed.

    A text that no pattern knows is kept, its value stays unknown, and you are shown how to teach it (exit 20).
    """
    from esimctl.cli.given import given
    from esimctl.usage import record as usage

    session = run.session()
    session.line(line)
    run.show(usage.import_texts(session, line, given(run, file, "the message"), kind, at))


@app.command(
    "modem",
    lists=True,
    codes=(3, *CODES[:2], 69, *CODES[2:]),
    document="usage-import",
    examples=("esimctl usage modem sim", "esimctl usage modem sim --sms"),
)
def modem(
    run: Run,
    line: LineName,
    code: Annotated[
        str | None,
        typer.Option(metavar="CODE", help="Another code that only reads.", show_default=False),
        Completes(None),
    ] = None,
    sms: Annotated[
        bool, typer.Option("--sms", help="Read the carrier's SMS on the modem instead of dialling.")
    ] = False,
) -> None:
    """Read the balance from the SIM in this machine's modem, through ModemManager (the extra 'modem').

    It dials the carrier's balance code and reads the reply as if you had pasted it. Menus are never answered, and
    codes that buy, top up or give away are never dialled.
    """
    from esimctl.usage import modem as asked

    if sms and code is not None:
        raise UsageError("say either --code or --sms", code="code_or_sms")
    session = run.session()
    session.line(line)
    run.show(asked.read(session, line) if sms else asked.dial(session, line, code))


Refresh = Annotated[
    bool | None, typer.Option("--refresh/--cached", help="Ask the provider, or never ask.", show_default=False)
]


@app.command(
    "history",
    lists=True,
    codes=(6, 69, 74, 77, 78),
    document="usage",
    examples=(
        "esimctl usage history phone",
        "esimctl usage history phone --by week --days 90",
        "esimctl usage history phone --svg use.svg",
    ),
)
def history(
    run: Run,
    line: LineName,
    days: Annotated[
        int | None,
        typer.Option(
            parser=number_of_days(-(10**9)),
            metavar="N",
            help="The last N days (default: 30; 84 by week).",
            show_default=False,
        ),
    ] = None,
    by: Annotated[str, typer.Option(metavar="day|week|month", help="Rows of days, weeks or months.")] = "day",
    png: Annotated[str | None, typer.Option(metavar="FILE", help="Write a PNG.", show_default=False)] = None,
    svg: Annotated[str | None, typer.Option(metavar="FILE", help="Write an SVG.", show_default=False)] = None,
    refresh: Refresh = None,
) -> None:
    """What a line used, by local day, week or month, with a plot on a terminal.

    Only what is known stands there: a day before the first reading is absent, never zero.
    """
    from esimctl.usage.history import usage_history

    session = run.session()
    result = usage_history(session, line, days=days, by=by, refresh=refresh)
    pictures = png is not None or svg is not None
    if pictures:
        session.store.check_whole()
        from esimctl.setup.khqr import hand_picture
        from esimctl.show.cards.use import picture

        for path, form in ((png, "png"), (svg, "svg")):
            if path is not None:
                hand_picture(path, picture(result.data, form))
    run.show(result, written=pictures)


@app.command(
    "forecast",
    lists=True,
    codes=(6, 69, 77, 78),
    document="forecast",
    examples=(
        "esimctl usage forecast phone",
        "esimctl usage forecast phone --tips",
        "esimctl usage forecast phone --json",
    ),
)
def forecast(
    run: Run,
    line: LineName,
    refresh: Refresh = None,
    tips: Annotated[bool, typer.Option("--tips", help="How to make data last as well.")] = False,
) -> None:
    """When the data runs out, as a range, from how many days; what will lapse unused, and whether the pace is right.

    Under three days of history nothing is foretold.
    """
    from esimctl.usage.forecast import usage_forecast

    run.show(usage_forecast(run.session(), line, refresh=refresh, tips=tips))


teaching.declare(app)
