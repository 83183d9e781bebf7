"""How a person confirms a standing order: types an amount or a name, and a one-time code where one is enrolled."""

from typing import Any

from esimctl.cli.shared import Run
from esimctl.errors import OwnRules
from esimctl.values.money import Money, MoneyError


def agreed_amount(run: Run, rule: dict[str, Any]) -> Money:
    """The monthly limit as it was typed; without a terminal the option is asked for instead."""
    from esimctl.show.cards.autotopup import describe
    from esimctl.show.words import say

    limit = rule["max_per_month"]
    for line in describe(rule):
        run.terminal.note(line)
    question = say("Type the monthly limit to enable it: ")
    text = run.terminal.ask(question, instead=f"--confirm {limit['amount']}{limit['currency']}")
    try:
        return Money.parse(text)
    except MoneyError:
        raise OwnRules("that is not the amount: nothing was enabled", code="declined_by_you") from None


def code_of(run: Run, needed: bool, *, stdin: bool) -> str | None:
    """A code of the second factor, where one is needed; from stdin only when that was asked for."""
    if not needed:
        return None
    if stdin:
        return run.terminal.read_line(what="the code")
    from esimctl.show.words import say

    return run.terminal.ask(say("Code of your second factor: "), instead="--code-stdin")
