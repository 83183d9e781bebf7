"""Values that wait for the clock and the lines of a run: `yesterday`, `last`, a number without its currency."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from esimctl.cli.values import ByTheClock, DayFirst, NoCurrency, TypedMonth
from esimctl.errors import EsimctlError, UsageError
from esimctl.show.times import day
from esimctl.show.words import say
from esimctl.values.as_typed import money_in
from esimctl.values.moments import zone
from esimctl.values.sentence import Raw, SaidError
from esimctl.values.typed_days import away, month_of

if TYPE_CHECKING:
    from esimctl.profile.opened import Session
    from esimctl.values.money import Money


class Settling:
    """`session` opens the profile; `tell` says back what was understood, None where no person reads along.

    `asks`: whether a person sits there who would be asked. Only then a number alone can be money.
    """

    def __init__(self, session: "Callable[[], Session]", tell: Callable[[str], None] | None, *, asks: bool) -> None:
        self._open: Final = session
        self._tell: Final = tell
        self._asks: Final = asks
        self._session: Session | None = None

    def settled(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The values as the command takes them; UsageError (2) for a number that cannot be money here."""
        made = {name: self._day(value) for name, value in values.items()}
        for name, value in made.items():
            option = f"--{name.replace('_', '-')}"
            if isinstance(value, NoCurrency):
                made[name] = self._money(made, option, value)
            elif isinstance(value, list):
                made[name] = [self._money(made, option, e) if isinstance(e, NoCurrency) else e for e in value]
        return made

    @property
    def session(self) -> "Session":
        """The profile, opened once."""
        if self._session is None:
            self._session = self._open()
        return self._session

    def _day(self, value: Any) -> Any:
        if isinstance(value, DayFirst):
            self._say_back(value.typed, day(datetime.fromisoformat(value).date()))
            return str(value)
        if not isinstance(value, ByTheClock | TypedMonth):
            return value
        now, where = self.session.clock.now(), zone(self.session.zone)
        if isinstance(value, TypedMonth):
            return month_of(value, now.astimezone(where).date())
        return away(value, now, where, ahead=value.ahead, days=value.days)

    def _money(self, values: Mapping[str, Any], option: str, number: str) -> "Money":
        currency = self._currency(values) if self._asks else None
        if currency is None:
            raise UsageError(
                "{option}: {number} needs a currency, for example {example}",
                hint="{option} {example}",
                code="bad_value",
                option=Raw(option),
                number=Raw(number),
                example=Raw(f"{number}USD"),
            )
        try:
            made = money_in(number, currency)
        except SaidError as error:
            raise UsageError("{option}: {what}", code="bad_value", option=Raw(option), what=error.said) from None
        self._say_back(f"{option} {number}", str(made))
        return made

    def _say_back(self, typed: str, what: str) -> None:
        if self._tell is not None:
            self._tell(say("{typed} is {what}", typed=typed, what=what))

    def _currency(self, values: Mapping[str, Any]) -> str | None:
        """The currency of the rules, of the plan that was named, or of the lines' plans or balances; None if several"""
        session = self.session
        if values.get("confirm") is not None:
            limit = session.section("rule").get(str(values.get("rule")), {}).get("max_per_month")
            return None if limit is None else str(limit)[-3:]
        named = values.get("lines") or ([values["line"]] if values.get("line") else [])
        lines = [name for name in named if name in session.lines]
        plans = [values["plan"]] if values.get("plan") else [session.lines[name].get("plan") for name in lines]
        found: set[str | None] = {_of_plan(session, str(plan)) for plan in plans if plan is not None}
        if not found:
            found = {_of_balance(session, name) for name in lines}
        return found.pop() if len(found) == 1 else None


def _of_plan(session: "Session", plan: str) -> str | None:
    from esimctl.market.plans import plan_by_id

    try:
        price = plan_by_id(session, plan).price
    except EsimctlError:
        return None
    return None if price is None else price.currency


def _of_balance(session: "Session", name: str) -> str | None:
    from esimctl.advice.advised import advise
    from esimctl.usage.balance import balance

    (row,) = balance(session, (name,), advise=advise, refresh=False).data.lines
    money = row.main_balance
    return None if money is None else money.currency
