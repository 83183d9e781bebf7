"""Two years of a household: five lines, four rules, a run every morning, and books of its own beside the program's.

Mother's plan is renewed by a rule and has a weekly pack beside it, the router's weekly plan renews itself, the child's
line is topped up when it runs low, father renews by hand and gives data to the child, and `trip` is a name that is used
again and again. Payments are declined, answers are lost, the computer is off for weeks or opened on Saturdays alone,
and its clock is wrong for a morning, on which cash is written down in the future and taken back. What must have been
paid, what is left and when plans end is worked out in `own_books`.
"""

import json
import os
import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

from tests.soak.life import quiet
from tests.soak.own_books import GB, MOMENT, Line, Low, Paid, Plan, Renewal, Weekly, in_turn
from tests.soak.weather import Weather
from tests.soak.wrong_days import LINE, WrongDays

HERE = timezone(timedelta(hours=7))
START = datetime(2027, 1, 4, 8, 0, tzinfo=HERE)
DAY = timedelta(days=1)

MONTHLY = Plan("demo-monthly-20gb", 900, 20 * GB, months=1, keep=6, most=40 * GB)
SHARED = Plan("demo-monthly-8gb", 500, 8 * GB, months=1, keep=3, most=8 * GB)  #: 16 GB with the new grant
CARD = Plan("demo-leb-30d", 1400, 20 * GB, days=30)
WEEK = Plan("demo-weekly-2gb", 125, 2 * GB, days=7, beside=True)
PACK = Plan("demo-topup-2gb", 100, 2 * GB, days=7)
PLANS = {plan.name: plan for plan in (MONTHLY, SHARED, CARD, WEEK, PACK)}

REFUSED = "decline"
LOST_BEFORE = "timeout-before"  #: not executed: sent again within its hours, given up by the next morning
LOST_AFTER = "timeout-after"  #: executed: found by its key
FAULTS = (REFUSED, LOST_BEFORE, LOST_AFTER)
MOST_FAILURES = 3
SATURDAY = 5


@dataclass
class Found:
    """What the years came to."""

    days: int = 0
    runs: int = 0
    orders: int = 0
    cents: int = 0
    differences: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)
    seen: dict[str, int] = field(default_factory=dict)  #: how often what happened


class Household:
    """The lines, the rules and both books, day by day."""

    def __init__(self, seed: int, rate: float = 0.08, weather: Weather | None = None) -> None:
        self.random = random.Random(seed)
        self.rate = rate
        self.weather = weather or Weather()
        self.now = START
        self.lines: dict[str, Line] = {}
        self.paid: list[Paid] = []
        self.waiting: list[Renewal | Weekly | Low] = []  #: whose order was lost on its way
        self.unknown = False  #: an order came about, and whoever orders next finds it
        self.found = Found()
        self.renewing = {"mum": (3 * DAY, Line("mum", MONTHLY)), "router": (DAY, Line("router", WEEK))}
        self.chances: dict[str, list[datetime]] = {"mum": [], "router": []}
        self.known = 0  #: orders at the operator that were compared
        self.names: dict[str, str] = {}  #: ICCID → the name that it had
        self.dark_until = START
        self.rare_until = START  #: until then the computer is only opened on Saturdays
        self.next_trip = 5
        self.last_run = 0
        self.clock_due = self.weather.clock[1]
        self.iccids: dict[str, str] = {}
        self.wrong_days = WrongDays(self)
        self._move_in()
        self.wrong_days.move_in()
        self.rules: list[Renewal | Weekly | Low] = [
            Renewal("renewal", "mum", MONTHLY.name, MONTHLY.cents, "renew", lead=3),
            Weekly("weekly", "mum", PACK.name, PACK.cents, "topup", first=_midnight(START)),
            Renewal("router", "router", WEEK.name, WEEK.cents, "renew", lead=1),
            Low("kid", "kid", PACK.name, PACK.cents, "topup", below=GB, month=1200),
        ]
        self._rule("renewal", "mum", "--before-expiry", "3d", "--plan", MONTHLY.name, month="60USD")
        self._rule("weekly", "mum", "--every", "weekly", "--from", f"{START:%Y-%m-%d}", "--plan", PACK.name)
        self._rule("router", "router", "--before-expiry", "1d", "--plan", WEEK.name)
        self._rule("kid", "kid", "--below", "1GB", "--plan", PACK.name, month="12USD")

    # -- beginnings

    def _move_in(self) -> None:
        self.main("policy", "set", SHARED.name, "early-renewal", "effect=queue", "--source", "the shop said so")
        for name, plan, minutes in (
            ("mum", MONTHLY, 4),
            ("kid", CARD, 90),
            ("router", WEEK, 130),
            ("dad", SHARED, 200),
        ):
            self.now = START + timedelta(minutes=minutes)
            self._buy(name, plan)
        self.now = START + timedelta(hours=4)

    def _buy(self, name: str, plan: Plan) -> None:
        self.ok("buy", plan.name, "--provider", "sandbox", "--name", name, "--yes")
        self.lines[name] = Line(name, plan)
        self.lines[name].renew(self.now)
        self._pay(name, "new", plan)
        self.iccids[name] = str(self._session().lines[name]["iccid"])
        self.names[self.iccids[name]] = name

    def _rule(self, name: str, line: str, *words: str, month: str = "30USD") -> None:
        self.ok("autotopup", "set", line, *words, "--rule", name, "--max-price", "10USD", "--max-per-month", month,
                 "--max-unattended", "1000")  # fmt: skip
        self.ok("autotopup", "enable", name, "--confirm", month)

    # -- a day

    @property
    def is_open(self) -> bool:
        """Whether an order is on its way whose end the program does not know."""
        return bool(self.waiting) or self.unknown

    def run(self, days: int, *, first: bool = False) -> Found:
        """Live so many days; after each the books are compared. `first` ends it with the first difference."""
        for number in range(1, days + 1):
            if first and (self.found.differences or self.found.missed):
                return self.found
            morning = START + number * DAY
            self._weather(number, morning)
            self.now = morning
            awake = morning >= self.dark_until and (morning >= self.rare_until or morning.weekday() == SATURDAY)
            if awake:
                self._morning(number)
                self.now = morning + timedelta(hours=1)
                self._by_hand(number)
            self.now = morning + timedelta(hours=12)
            self._evening()
            self._compare()
            if number % 7 == 0:
                self._compare_readings()
            if awake and number % 60 == 0:
                self._compare_shown()
            if awake and number % 30 == 0 and not self.is_open:
                self._compare_whole()
        if not self.is_open:
            self._compare_whole()
        self.found.days = days
        self.found.orders, self.found.cents = len(self.paid), sum(paid.cents for paid in self.paid)
        return self.found

    def _weather(self, number: int, morning: datetime) -> None:
        """Dark weeks and months of Saturdays; neither begins while an order is on its way."""
        if self.is_open or morning < self.dark_until or morning < self.rare_until:
            return
        if self.weather.is_day(number, self.weather.dark):
            self.dark_until = morning + timedelta(days=self.random.choice((5, 7, 10)))
            self.happened("dark weeks")
        elif self.weather.is_day(number, self.weather.rare):
            self.rare_until = morning + timedelta(days=29)
            self.happened("months of Saturdays")

    def _morning(self, number: int) -> None:
        seen = number - self.last_run == 1  # a clock that is behind the last run
        if seen and self.clock_due <= number and not self.is_open:  # what is on its way is settled by any clock
            self.wrong_days.live()
            self.clock_due = number + self.weather.clock[0]
        self.last_run = number
        fault = self.random.choice(FAULTS) if not self.is_open and self.random.random() < self.rate else None
        provider = self._session().provider("sandbox")
        if fault:
            provider.arm(fault, 1)
        self._chances(self._expect(fault))
        self.main("autotopup", "run")
        self.found.runs += 1
        if fault:
            provider.arm(fault, 0)

    def _expect(self, fault: str | None) -> str | None:
        """What the run must do, in its order; the line whose order met the fault."""
        self.waiting.clear()  # too old to be sent again: what is due still is ordered anew
        self.unknown = False
        struck = None
        for name in list(self.lines):
            for rule in in_turn(self.rules, name):
                if rule.asleep or not rule.due(self.lines[name], self.now):
                    continue
                self._settled()  # whoever orders looks first at what is open
                if fault is None or struck is not None:
                    self._executed(rule)
                else:
                    struck = name
                    self._struck(rule, fault)
                break  # one order a line
        return struck

    def _settled(self) -> None:
        """What this run had sent in vain is sent again, once another order is made."""
        for rule in self.waiting:
            self._executed(rule)
        self.waiting.clear()
        self.unknown = False

    def _executed(self, rule: Renewal | Weekly | Low) -> None:
        line = self.lines[rule.line]
        rule.failures = 0
        if isinstance(rule, Renewal):
            line.renew(self.now)
        else:
            line.add(PACK.data, PACK.days, self.now)
        if isinstance(rule, Weekly):
            rule.bought = self.now
        if isinstance(rule, Low):
            rule.spent.append(self.now)
        self._pay(rule.line, rule.kind, PLANS[rule.plan])
        self.happened(rule.name)

    def _struck(self, rule: Renewal | Weekly | Low, fault: str) -> None:
        self.happened(fault)
        if fault == REFUSED:
            rule.failures += 1
            rule.asleep = rule.failures >= MOST_FAILURES
        elif fault == LOST_BEFORE:
            self.waiting.append(rule)
        else:
            self._executed(rule)
            self.unknown = True

    def _chances(self, struck: str | None) -> None:
        """Note which renewals this run could make if they are due: those that nothing stands in the way of."""
        for rule in self.rules:
            if isinstance(rule, Renewal) and not rule.asleep and not rule.failures and rule.line != struck:
                self.chances[rule.line].append(self.now)

    # -- what people do

    def _by_hand(self, number: int) -> None:
        """Wake what sleeps, renew, give, and travel; nothing while an order is on its way."""
        if self.is_open:
            return
        for rule in self.rules:
            if rule.asleep:
                self.ok("autotopup", "resume", rule.name)
                rule.asleep, rule.failures = False, 0
        for name, plan in (("kid", CARD), ("dad", SHARED)):
            line = self.lines[name]
            line.settle(self.now - MOMENT)
            if line.waiting == 0 and line.ends is not None and self.now >= line.ends - 5 * DAY:
                self.ok("renew", name, "--yes")
                line.renew(self.now)
                self._pay(name, "renew", plan)
        if self.weather.is_day(number, self.weather.gift) and self.lines["dad"].own(self.now) >= GB:
            self.ok("lines", "gift", "dad", "1GB", "--to", "kid", "--yes")
            self.lines["dad"].give(self.lines["kid"], GB, self.now)
            self.happened("gifts")
        self._travel(number)

    def _travel(self, number: int) -> None:
        """A name that is free again after each trip, and used again for the next."""
        trip = self.lines.get("trip")
        if trip is None and number >= self.next_trip:
            self._buy("trip", WEEK)
            self.next_trip = number + self.weather.trip
            self.happened("trips")
        elif trip is not None and trip.ends is not None and self.now > trip.ends + 10 * DAY:
            self.ok("lines", "remove", "trip", "--yes")
            del self.lines["trip"], self.iccids["trip"]

    def _evening(self) -> None:
        """Everybody uses data, within what is there."""
        provider = self._session().provider("sandbox")
        most = {
            "mum": 1_200_000_000, "kid": 1_600_000_000, "router": 350_000_000, "dad": 300_000_000, "trip": 200_000_000,
        }  # fmt: skip
        for name, line in self.lines.items():
            octets = min(self.random.randrange(0, most[name]), line.left(self.now))
            if octets:
                provider.use(self.iccids[name], octets, self.now)
                line.use(octets, self.now)

    # -- comparison

    def _compare(self) -> None:
        """What the operator took, order by order; renewals that were missed."""
        orders = [order for order in self._session().provider("sandbox").orders(START - DAY, self.now) if order.charges]
        theirs = []
        for order in orders[self.known :]:
            at, name = order.created_at.astimezone(HERE), self.names[order.iccid]
            if name in self.renewing and order.kind in {"new", "renew"}:
                self.renewing[name][1].renew(at)
            cents = sum(charge.minor for charge in order.charges)
            theirs.append(Paid(f"{at:%Y-%m-%d}", name, order.kind, order.plan, cents))
        self.same("the operator took", theirs, self.paid[self.known :])
        self.known = len(orders)
        for name, (lead, line) in self.renewing.items():
            line.settle(self.now)
            self._missed(name, lead, line)

    def _missed(self, name: str, lead: timedelta, line: Line) -> None:
        """The plan ended without another, though a run in its last days could have renewed it."""
        for end in line.lapses:
            if any(end - lead <= at < end for at in self.chances[name]):
                self.found.missed.append(f"{name}: {end:%Y-%m-%d %H:%M}")
        line.lapses.clear()

    def _compare_readings(self) -> None:
        """What is left and when plans end, as the operator says."""
        from esimctl.profile.naming import line_ref

        session = self._session()
        for name, line in self.lines.items():
            reading = session.provider("sandbox").reading(line_ref(name, dict(session.lines[name])), self.now)
            self.same(f"{name} has left", reading.remaining_bytes, line.left(self.now))
            self.same(f"the plan of {name} ends", reading.plan_ends_at.astimezone(HERE), line.ends)

    def _compare_shown(self) -> None:
        """The same as a person sees it."""
        for row in self.document("balance", "--refresh", "--json")["lines"]:
            if row["line"] == LINE:  # nobody reads it
                continue
            line = self.lines[row["line"]]
            self.same(f"{line.name} shows", row["data"]["remaining_bytes"], line.left(self.now))
            if line.anchor is not None:
                ends = datetime.fromisoformat(row["expires_at"]).astimezone(HERE)
                self.same(f"the plan of {line.name} shows to end", ends, line.ends)

    def _compare_whole(self) -> None:
        """Every order as the program lists it; one of an earlier life stands under that life's id."""
        rows = self.document("transactions", "list", "--json")["transactions"]
        earlier = {row["id"]: row["line"] for row in self.document("lines", "list", "--removed", "--json")["lines"]}
        theirs = [
            (earlier.get(row["line"], row["line"]), row["kind"], row["plan"], round(100 * float(row["paid"]["amount"])))
            for row in rows
            if row["state"] == "settled" and row["kind"] != "gift"
        ]
        self.same(
            "listed",
            theirs,
            [(paid.line, paid.kind, paid.plan, paid.cents) for paid in (*self.paid, *self.wrong_days.paid)],
        )
        trips = [at for at, paid in enumerate(self.paid) if (paid.line, paid.kind) == ("trip", "new")]
        if "trip" in self.lines:
            mine = self.document("transactions", "list", "--line", "trip", "--json")["transactions"]
            self.same("orders of the last trip", len(mine), sum(p.line == "trip" for p in self.paid[trips[-1] :]))
        self.wrong_days.compare()
        self.same("gifts", sum(row["kind"] == "gift" for row in rows), self.found.seen.get("gifts", 0))

    def same(self, what: str, theirs: Any, ours: Any) -> None:
        """Two figures, or the same payments in any order."""
        if isinstance(ours, list):
            theirs, ours = Counter(theirs), Counter(ours)
            theirs, ours = sorted((theirs - ours).elements(), key=str), sorted((ours - theirs).elements(), key=str)
        if theirs != ours:
            self.differs(f"{what}: {theirs}, must be {ours}")

    def differs(self, what: str) -> None:
        self.found.differences.append(f"{self.now:%Y-%m-%d %H:%M} {what}")

    def happened(self, what: str) -> None:
        self.found.seen[what] = self.found.seen.get(what, 0) + 1

    def _pay(self, line: str, kind: str, plan: Plan) -> None:
        self.paid.append(Paid(f"{self.now:%Y-%m-%d}", line, kind, plan.name, plan.cents))

    # -- the program

    def _session(self) -> Any:
        from esimctl.purchase.opening import open_profile

        return open_profile(None, {**os.environ, "ESIMCTL_NOW": self.now.isoformat()})

    def main(self, *words: str) -> int:
        return self._called(*words)[0]

    def ok(self, *words: str) -> None:
        code, _, err = self._called(*words)
        if code:
            self.differs(f"esimctl {' '.join(words)} ended in {code}: {err}")

    def document(self, *words: str) -> Any:
        return json.loads(self._called(*words)[1])

    def _called(self, *words: str) -> tuple[int, str, str]:
        from esimctl.main import main

        with quiet() as (out, err):
            os.environ["ESIMCTL_NOW"] = self.now.isoformat()
            code = main(list(words))
        return code, out.getvalue(), err.getvalue()


def _midnight(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


__all__ = ["Found", "Household"]
