"""What an engine's books say, asked by name."""

from datetime import datetime
from typing import TYPE_CHECKING

from esimctl.charging.balances import LineBalance, PoolBalance
from esimctl.charging.views import line_balance, pool_balance

if TYPE_CHECKING:
    from esimctl.charging.engine import Engine


class State:
    """What an engine's books say now. Views are made when asked for."""

    __slots__ = ("engine",)

    def __init__(self, engine: "Engine") -> None:
        self.engine = engine

    @property
    def at(self) -> datetime:
        """The instant to which the books have come."""
        return self.engine.now

    def line(self, name: str, *, story: bool = True) -> LineBalance:
        """One line, without its movements where no `story` is wanted; ChargingError for a name that nobody has."""
        return line_balance(self.engine.line(name), self.engine.now, story=story)

    def pool(self, name: str) -> PoolBalance:
        """One pool; raises ChargingError for a name that nobody has."""
        members = self.engine.setup.pools[name].members if name in self.engine.setup.pools else ()
        return pool_balance(self.engine.pool(name), members, self.engine.now)

    def lines(self) -> tuple[LineBalance, ...]:
        """Every line in the order of the setup."""
        return tuple(self.line(name) for name in self.engine.setup.lines)

    def next_change(self, name: str, after: datetime | None = None) -> datetime | None:
        """The next instant at which a number of that line changes without a new event, after now or a later instant."""
        from esimctl.charging.outlook import next_change

        return next_change(self.engine, name, after)


__all__ = ["State"]
