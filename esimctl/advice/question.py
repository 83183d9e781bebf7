"""One stay with everything that can be bought for it, asked as often as an answer needs, and how long that may take."""

from collections.abc import Callable, Sequence
from datetime import datetime, time, timedelta
from time import process_time
from typing import TYPE_CHECKING

from esimctl.advice.offers import Offers, offers, promotions_for
from esimctl.advice.packs import Choice, PackChoices, seller_of
from esimctl.advice.rates import Rates
from esimctl.advice.search.cheapest import EFFORT, cheapest
from esimctl.advice.search.states import Found, Stock
from esimctl.advice.wish import Need, stay_of
from esimctl.catalogue.holding import ROLLOVER, generous, verdict, weighed
from esimctl.catalogue.plans import stale
from esimctl.documents.advice import PurchaseRow
from esimctl.errors import UsageError
from esimctl.market.holding import day_of
from esimctl.market.plans import day_written, today
from esimctl.profile.own_catalogue import market
from esimctl.values.moments import to_utc, zone
from esimctl.values.money import Money
from esimctl.values.sentence import Raw, Sentence

if TYPE_CHECKING:
    from esimctl.advice.held import HeldLine
    from esimctl.profile.opened import Session

PATIENCE = 1.0  #: seconds for all searches of one recommendation; the rest of two seconds starts and draws


class Patience:
    """The time of one recommendation, begun when it is made."""

    def __init__(self) -> None:
        self.begun, self.seconds = process_time(), PATIENCE

    def until(self, percent: int) -> Callable[[], bool]:
        """Whether so many per cent of the time are over, as a question that can be asked again and again."""
        end = self.begun + self.seconds * percent / 100
        return lambda: process_time() >= end

    @property
    def over(self) -> bool:
        """Whether all of it is gone: what would only be good to know is left out then."""
        return self.until(100)()


class Question:
    """A wish with the plans, promotions and what is left on a line; every answer is a Found with its choices."""

    def __init__(
        self,
        session: "Session",
        wish: Need,
        among: Offers | None = None,
        *,
        line: "HeldLine | None" = None,
        notes: list[Sentence] | None = None,
        patience: Patience | None = None,
    ) -> None:
        self.session, self.wish, self.stay, self.line = session, wish, stay_of(session, wish), line
        self.patience = patience or Patience()
        self.rows, self.rates = market(session), Rates.of(session, wish.rates)
        self.promotions = promotions_for(session, wish, self.rows)
        self.offers = offers(session, wish, self.rows, self.convert, line, notes) if among is None else among
        own, day = tuple(self.rows.own.values()), day_of(session)
        found = [(plan, verdict(ROLLOVER, own, plan.carrier, plan, day)) for plan in self.offers.plans]
        self.cautious = {plan.id: weighed(said, plan).table for plan, said in found}
        self.generous = {plan.id: generous(said, plan) for plan, said in found}
        self.budget = self._budget()
        self._shelves: dict[tuple[bool, bool], tuple[PackChoices, list[Choice]]] = {}

    def convert(self, price: Money) -> Money | None:
        """A price in the currency of the question; None without a rate."""
        return self.rates.convert(price, self.wish.currency)

    def _budget(self) -> int | None:
        asked = self.wish.budget
        budget = None if asked is None else self.convert(asked)
        if asked is not None and budget is None:
            raise UsageError(
                "--budget {budget} is not in {currency}, and there is no rate",
                hint="--rate 1USD=4100KHR",
                budget=Raw(str(asked)),
                currency=Raw(self.wish.currency),
            )
        return None if budget is None else budget.minor

    def shelf(self, *, generous: bool = False, plain: bool = False) -> tuple[PackChoices, list[Choice]]:
        """Everything that can be bought: by the cautious or the generous policies, `plain` without promotions."""
        plain = plain or not self.promotions
        if (generous, plain) not in self._shelves:
            policies = self.generous if generous else self.cautious
            shelf = PackChoices(self.stay, self.convert, lambda plan: policies.get(plan.id))
            choices = shelf.choices(self.offers.plans, () if plain else self.promotions)
            self._shelves[generous, plain] = shelf, choices
        return self._shelves[generous, plain]

    def answer(
        self,
        *,
        generous: bool = False,
        plain: bool = False,
        without: str | None = None,
        only: str | None = None,
        mine: bool = False,
        below: int | None = None,
        count: int | None = None,
        share: int = 1,
        percent: int = 100,
    ) -> tuple[Found, list[Choice]]:
        """The cheapest way, perhaps without one plan, with one only, or with those that the line can go on with.

        Where only what costs less than `below` is of interest, the search is short. `count` is the most packs: paying
        by use is none. `share` is the part of the effort that it is worth, `percent` that of the time when it ends.
        """
        shelf, everything = self.shelf(generous=generous, plain=plain)
        choices = [
            one
            for one in everything
            if one.plan.id != without
            and only in (None, one.plan.id)
            and (not mine or one.plan.id in self.offers.mine)
            and (count is None or one.days is None)
        ]
        found = cheapest(
            [choice.pack for choice in choices],
            self.stay.days,
            self.stay.need,
            stock=self.stock(shelf),
            lines=self._lines(shelf),
            budget=self.budget,
            below=below,
            count=count,
            effort=EFFORT // share,
            late=self.patience.until(percent),
        )
        return found, choices

    def stock(self, shelf: PackChoices) -> Stock:
        """What is left on the line when the stay begins; its rest is carried by its seller where its plan carries."""
        if self.line is None:
            return ()
        seller, own = self._seller(shelf), self.line.plan
        carries = own is not None and self.cautious.get(own) is not None
        return self.line.stock(self.stay, seller if carries else -1)

    def left(self) -> int | None:
        """Octets that are left on the line when the stay begins; None without a limit."""
        return 0 if self.line is None else self.line.octets(self.line.stock(self.stay, -1), self.stay)

    def _seller(self, shelf: PackChoices) -> int:
        """The number of the one who sells for the line: the seller of its plan, or of its carrier."""
        assert self.line is not None
        own = [plan for plan in self.offers.plans if plan.id == self.line.plan]
        pairs = [*(seller_of(plan) for plan in own), (self.line.provider, self.line.carrier)]
        return next((shelf.sellers[pair] for pair in pairs if pair in shelf.sellers), -1)

    def _lines(self, shelf: PackChoices) -> list[int]:
        """By seller: -1 for a stranger, 0 where there is a line already, the end of the line's term where it runs."""
        there = {str(table.get("carrier")) for table in self.session.lines.values()}
        lines = [-1] * len(shelf.sellers)
        for (_, carrier), number in shelf.sellers.items():
            lines[number] = 0 if carrier in there else -1
        if self.line is not None and self.line.ends is not None and (number := self._seller(shelf)) >= 0:
            lines[number] = max((self.line.ends - self.stay.first).days, 0)
        return lines

    def money(self, minor: int) -> Money:
        """So many minor units of the currency asked for."""
        return Money(minor, self.wish.currency)

    def purchases(self, found: Found, choices: Sequence[Choice], persons: int = 1) -> list[PurchaseRow]:
        """The rows of a way: plan, time, price; what is paid by use on days that follow each other is one row."""
        bought: list[tuple[int, Choice]] = []
        for day, number in found.purchases:
            choice = choices[number]
            if bought and choice.days is not None and (before := bought[-1])[1].plan.id == choice.plan.id:
                joined = before[1].joined(choice) if before[0] + (before[1].days or 0) == day else None
                if joined is not None:
                    bought[-1] = (before[0], joined)
                    continue
            bought.append((day, choice))
        return [self._purchase(day, choice, persons) for day, choice in bought]

    def _purchase(self, day: int, choice: Choice, persons: int) -> PurchaseRow:
        plan, days = choice.plan, None if choice.days is None else f"{min(choice.days, self.stay.days - day)} days"
        return PurchaseRow(
            plan=plan.id,
            at=self.instant(day),
            price=choice.price,
            converted=choice.common if choice.price.currency != self.wish.currency else None,
            promotion=choice.promotion,
            data_bytes=choice.octets,
            validity=days or plan.term,
            provider=plan.provider,
            by_use=choice.days is not None,
            persons=persons,
            example=plan.example,
            seen=day_written(plan.as_of),
            retrieved=day_written(plan.retrieved or plan.as_of),
            stale=stale(plan, today(self.session)),
        )

    def instant(self, day: int) -> datetime:
        """When to buy on a day: now on the present one, at the end of the line's term on its last, or midnight."""
        place = zone(self.session.zone)
        wanted = self.stay.first + timedelta(days=day)
        now = self.session.clock.now()
        if now.astimezone(place).date() == wanted:
            return now
        if self.line is not None and self.line.ends == wanted and self.line.ends_at is not None:
            return self.line.ends_at
        return to_utc(datetime.combine(wanted, time()), place)
