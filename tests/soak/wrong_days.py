"""Mornings by a wrong clock: runs that buy nothing, and cash that is written down in the future and taken back.

The shop takes no orders from the program, so that its clock is not wrong with ours: what is paid there stands in the
journal alone, by the date of the clock that was wrong, until a person says what day it is.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from tests.soak.own_books import Paid

if TYPE_CHECKING:
    from tests.soak.household import Household

LINE, PACK, CENTS = "shop", "smart-laor-7d", 150
BUYING = ("--plan", PACK, "--paid", "cash", "--price", "1.50USD", "--yes")


@dataclass
class WrongDays:
    """A line of the shop, and its books. `stated` are (month, cents) as a wrong clock dated them, beside the truth."""

    home: "Household"
    paid: list[Paid] = field(default_factory=list)
    stated: list[tuple[str, int]] = field(default_factory=list)

    def move_in(self) -> None:
        """The SIM, with its first pack."""
        self.home.ok("lines", "add", LINE, "--provider", "manual", "--carrier", "smart", "--plan", PACK, "--price",
                     "1.50USD")  # fmt: skip
        self._pay("new")

    def live(self) -> None:
        """One such morning; what was wrong is right again before the day begins."""
        home = self.home
        for off in (timedelta(days=-2), timedelta(days=500)):  # nothing is bought by either
            self._run_by(off)
        home.happened("wrong clocks")
        ahead = timedelta(days=home.random.choice((40, 300)))
        right, home.now = home.now, home.now + ahead
        home.ok("topup", LINE, *BUYING)
        self.stated.append((f"{home.now:%Y-%m}", CENTS))
        home.now = right
        self._pay("topup")
        self._run_by(timedelta())  # the right one, behind what was written
        code = home.main("doctor", "--clock", f"{home.now:%Y-%m-%d}")
        if code not in {0, 20}:
            home.differs(f"the clock taken back ended in {code}")
        home.happened("clocks taken back")

    def compare(self) -> None:
        """The months that a wrong clock stated have that money as well; each true one has it, too."""
        months = {month for month, _ in self.stated} | {paid.day[:7] for paid in self.paid}
        for month in sorted(months):
            rows = self.home.document("report", "--month", month, "--json")["report"]
            told = [money["amount"] for row in rows if not row["play_money"] for money in row["spend"]]
            due = sum(paid.cents for paid in self.paid if paid.day.startswith(month))
            due += sum(cents for stated, cents in self.stated if stated == month)
            self.home.same(f"cash of {month}", sum(round(100 * float(amount)) for amount in told), due)

    def _run_by(self, off: timedelta) -> None:
        right, self.home.now = self.home.now, self.home.now + off
        code = self.home.main("autotopup", "run")
        self.home.now = right
        if code != 5:
            self.home.differs(f"a run by a clock {off} away ended in {code}")

    def _pay(self, kind: str) -> None:
        self.paid.append(Paid(f"{self.home.now:%Y-%m-%d}", LINE, kind, PACK, CENTS))


__all__ = ["LINE", "WrongDays"]
