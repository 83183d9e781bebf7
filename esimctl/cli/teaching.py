"""`esimctl usage learn` and `patterns`: teach a sentence of a carrier, look at what was taught, take it back."""

from typing import TYPE_CHECKING, Annotated

import typer

from esimctl.cli.shared import CommandGroup, Run
from esimctl.errors import OwnRules, UsageError
from esimctl.show.amounts import local, octets
from esimctl.show.words import say
from esimctl.values.moments import instant
from esimctl.values.sentence import Raw

if TYPE_CHECKING:
    from esimctl.catalogue.patterns import Figures
    from esimctl.usage.teaching import Lesson


def declare(app: CommandGroup) -> None:
    """Put both commands into the group."""
    app.command(
        "learn",
        codes=(5, 6, 75, 77, 78),
        document="pattern",
        examples=("esimctl usage learn sim message.txt --template 'You have {remaining} left, valid until {expires}'",),
    )(learn)
    app.command(
        "patterns",
        lists=True,
        codes=(6, 75, 77, 78),
        document="patterns",
        examples=("esimctl usage patterns list", "esimctl usage patterns forget own-1a2b3c4d"),
    )(patterns)


def learn(
    run: Run,
    line: Annotated[str, typer.Argument(metavar="LINE", help="The line.")],
    file: Annotated[
        str | None, typer.Argument(metavar="FILE|-", help="A message to try it on; - is stdin.", show_default=False)
    ] = None,
    template: Annotated[
        str, typer.Option(metavar="TEXT", help="The message with places for its figures: {remaining}, {expires} …")
    ] = "",
    name: Annotated[str | None, typer.Option(metavar="NAME", help="A name for it.", show_default=False)] = None,
    order: Annotated[str, typer.Option(metavar="dmy|mdy|ymd", help="How its dates are written.")] = "dmy",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="What it reads is right.")] = False,
) -> None:
    """Teach a pattern for the messages of a line's carrier; it fits the whole message or not at all.

    It is tried on the message that you give, or on the newest kept one that it fits, and what it reads is said. A
    pattern that read the same message otherwise is replaced, and kept messages are read again.
    """
    from esimctl.cli.given import given
    from esimctl.store.user_file import LONGEST
    from esimctl.usage import teaching

    if not template:
        raise UsageError(
            "say --template: the message, its figures written as places",
            hint="{example}",
            code="bad_template",
            example=Raw("--template 'You have {remaining} left'"),
        )
    if order not in ("dmy", "mdy", "ymd"):
        raise UsageError("--order takes dmy, mdy or ymd", code="bad_order")
    session = run.session()
    example = None if file is None else given(run, file, "the message", LONGEST).whole()
    lesson = teaching.lesson(session, line, template, name=name, order=order, example=example)
    _agree(run, lesson, yes)
    run.show(teaching.keep(session, lesson))


def patterns(
    run: Run,
    what: Annotated[str, typer.Argument(metavar="list|show|forget", help="What to do.")] = "list",
    name: Annotated[str | None, typer.Argument(metavar="PATTERN", help="Which one.", show_default=False)] = None,
) -> None:
    """The patterns that you taught: list them, show one, or forget one; what it read stays in the books."""
    from esimctl.usage import teaching

    if what not in ("list", "show", "forget"):
        raise UsageError("{what!r} is none of list, show and forget", code="bad_action", what=Raw(what))
    if (name is None) != (what == "list"):
        said = "say which one: esimctl usage patterns {what} PATTERN" if name is None else "list takes no name"
        raise UsageError(said, code="pattern_needed", what=Raw(what))
    session = run.session()
    if what == "forget":
        run.show(teaching.forget(session, name or ""))
        return
    run.show(teaching.patterns(session, name))


def _agree(run: Run, lesson: "Lesson", yes: bool) -> None:
    """Say what the pattern reads, and at a terminal ask whether that is right."""
    if lesson.figures is None:
        return
    told = say("it reads: {figures}", figures="; ".join(spoken(lesson.figures)))
    if yes or not run.terminal.can_prompt:
        run.terminal.note(told)
        return
    answer = run.terminal.ask(told + ". " + say("Right? [Y/n] "), instead="--yes").lower()
    if answer not in ("", "y", "yes", "是", "បាទ", "ចាស"):
        raise OwnRules("nothing was learnt", code="declined_by_you")


def spoken(figures: "Figures") -> list[str]:
    """Each figure with its unit, in the order in which a person looks for them."""
    found = []
    for name, template in (("remaining", "left {volume}"), ("used", "used {volume}"), ("granted", "of {volume}")):
        if getattr(figures, name) is not None:
            found.append(say(template, volume=octets(getattr(figures, name))))
    if figures.balance is not None:
        found.append(say("main balance {money}", money=str(figures.balance)))
    if figures.bonus is not None:
        found.append(say("bonus {money}", money=str(figures.bonus)))
    if figures.minutes is not None:
        found.append(say("{count} minutes", count=figures.minutes))
    if figures.percent_used is not None:
        found.append(say("{percent} % used", percent=figures.percent_used))
    if figures.expires is not None:
        found.append(say("until {time}", time=local(instant(figures.expires))))
    return found
