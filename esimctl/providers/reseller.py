"""What all resellers have in common: a price list with a copy, quotes, orders sent once, readings of many lines.

A subclass knows its vendor: how a request is signed, what the lists and answers look like, and what codes mean.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import ClassVar, TypeVar

from esimctl.catalogue.plan import Plan
from esimctl.errors import CredentialsError, EsimctlError, ProtocolViolation, Refused, UsageError
from esimctl.malformed import Malformed, parsed
from esimctl.providers.accounts import Account
from esimctl.providers.asking import Asker, Limit, countdown, retry_after
from esimctl.providers.client import PARALLEL
from esimctl.providers.guard import guard, guarded
from esimctl.providers.lpa import plain_iccid
from esimctl.providers.price_list import PriceList, PriceRow, keep_shelf, kept_shelf, usable
from esimctl.providers.protocol import (
    Answer,
    LineRef,
    Outcome,
    OutgoingOrder,
    ProviderOrder,
    Quote,
    Reading,
    Request,
    Tier,
    Verdict,
    Wish,
)
from esimctl.providers.verdicts import ambiguous, by_body, by_transport
from esimctl.values.moments import zone
from esimctl.values.money import Money
from esimctl.values.sentence import Raw, commas
from esimctl.values.text import nearest

K = TypeVar("K")
T = TypeVar("T")

COUNTRY = "KH"
HOME = zone("Asia/Phnom_Penh")  #: of that country
FRESH = timedelta(minutes=1)  #: a price list this old may be used for a quote of the same run
PLANS_MAX_AGE = timedelta(hours=12)  #: of the copy that `plans list` reads
OWN_CREDIT = "provider-balance"
PAGES = 60  #: of one list at most
LIST_CAP = 4 << 20  #: octets of a page
ABSENCE_HORIZON = timedelta(days=1)  #: no vendor says how late its lists may be

Progress = Callable[[int, int], None]


def package_of(order: OutgoingOrder) -> str:
    """The vendor's own id of what was ordered."""
    return (order.wish.plan or "").partition("/")[2]


def other_package(order: OutgoingOrder, code: str | None) -> str | None:
    """What is wrong where a vendor says that it delivered another package than the one that was ordered."""
    wanted = package_of(order)
    return None if code in (None, wanted) else f"package {code} was delivered instead of {wanted}"


def iccid_of(line: LineRef) -> str:
    """The ICCID of a line; UsageError where it is not known."""
    if line.iccid is None:
        raise UsageError("the ICCID of {line} is not known", code="iccid_unknown", line=Raw(line.name))
    return line.iccid


def plan_of(provider: str, code: str | None) -> str | None:
    """The plan id of a vendor's package code."""
    return None if code is None else f"{provider}/{code}"


def line_at(
    provider: str, iccid: str, *, reference: str | None, plan: str | None, msisdn: str | None = None
) -> LineRef:
    """A line of the account under the name that it gets when it is taken over."""
    name = f"{provider}-{plain_iccid(iccid)[-4:].lower()}"[:32]
    return LineRef(name, iccid=iccid, reference=reference, msisdn=msisdn, plan=plan)


def made_since(found: Iterable[ProviderOrder | None], since: datetime) -> tuple[ProviderOrder, ...]:
    """Those of a list that could be read and were made since then, or at an untold time."""
    return tuple(each for each in found if each is not None and (each.created_at is None or each.created_at >= since))


def several(countries: Sequence[str]) -> str | None:
    """How a plan for more than one country is marked; None for one of a single country."""
    return f"{len(countries)} countries" if len(countries) > 1 else None


class Reseller(ABC):
    """An account at a reseller. Everything that is asked goes through `asker`, every order through `send`.

    Whatever a vendor answers, a method raises nothing but EsimctlError and OSError; `send`, `interpret` and `look_up`
    have a word for it.
    """

    tier: ClassVar[Tier]
    window: ClassVar[timedelta]
    reading_max_age: timedelta
    play_money = False
    order_limits: ClassVar[tuple[Limit, ...]] = ()
    charges_unauthorized: ClassVar[bool] = False  #: a 401 has come after a charge: it decides nothing

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        guard(cls)

    def __init__(self, account: Account) -> None:
        self.name = account.name
        self.account = account
        self.settle_window = self.window if account.settle_window is None else account.settle_window
        self.absence_horizon = ABSENCE_HORIZON if account.settle_window is None else account.settle_window
        self.asker: Asker = self.make_asker()
        self._shelf: PriceList | None = None
        self._extras: dict[str, PriceList] = {}

    # -- what a subclass knows

    @abstractmethod
    def make_asker(self) -> Asker:
        """How this vendor is asked."""

    @abstractmethod
    def fetch_offers(self, now: datetime, deadline: float) -> Sequence[PriceRow]:
        """The vendor's price list for Cambodia."""

    @abstractmethod
    def fetch_extras(self, line: LineRef, now: datetime, deadline: float) -> Sequence[PriceRow]:
        """What this line can be topped up or renewed with."""

    @abstractmethod
    def request(self, order: OutgoingOrder) -> Request:
        """The bytes for this order."""

    def order_headers(self, order: OutgoingOrder) -> Mapping[str, str]:
        """Headers that an order carries beside those of every request."""
        return {}

    @abstractmethod
    def outcome_of(self, order: OutgoingOrder, status: int, body: bytes) -> Outcome:
        """What a body says of an order where way and status decide nothing; Malformed where it cannot be read. Pure."""

    @abstractmethod
    def find(self, order: OutgoingOrder, now: datetime, deadline: float) -> Outcome:
        """Look an order up; may raise what asking raises."""

    @abstractmethod
    def reading(self, line: LineRef, now: datetime, *, deadline: float = 30.0) -> Reading | None:
        """What is left on a line."""

    @abstractmethod
    def account_balance(self, now: datetime, *, deadline: float = 30.0) -> Money | None:
        """The account's own credit."""

    # -- what can be bought

    @guarded
    def plans(self, now: datetime, *, line: LineRef | None = None, deadline: float = 30.0) -> Sequence[Plan]:
        """The price list, from its copy while that is young enough; with `line`, what extends that line, asked now.

        A vendor that cannot be asked leaves the old copy in use, its date in every row.
        """
        if line is not None:
            return self.extras(line, now, deadline).plans
        shelf = self._shelf or kept_shelf(self.account.offers, self.name)
        if shelf is not None and abs(now - shelf.fetched) <= PLANS_MAX_AGE:
            self._shelf = shelf
            return shelf.plans
        try:
            return self.restock(now, deadline=deadline).plans
        except EsimctlError:
            if shelf is None:
                raise
            self._shelf = shelf
            return shelf.plans

    @guarded
    def restock(self, now: datetime, *, deadline: float = 30.0) -> PriceList:
        """Fetch the price list and keep its copy."""
        offers = [offer for offer in self.fetch_offers(now, deadline) if usable(offer.plan)]
        self._shelf = PriceList.of(offers, now)
        keep_shelf(self.account.offers, self.name, self._shelf)
        return self._shelf

    @guarded
    def extras(self, line: LineRef, now: datetime, deadline: float) -> PriceList:
        """What extends a line; asked once a minute at most."""
        key = line.reference or line.iccid or line.name
        known = self._extras.get(key)
        if known is None or abs(now - known.fetched) > FRESH:
            known = PriceList.of([offer for offer in self.fetch_extras(line, now, deadline) if usable(offer.plan)], now)
            self._extras[key] = known
        return known

    def offer(self, plan: str) -> PriceRow | None:
        """The row of a plan that was listed in this run or stands in the copy."""
        for shelf in (*self._extras.values(), self._shelf or kept_shelf(self.account.offers, self.name)):
            if shelf is not None and plan in shelf.offers:
                return shelf.offers[plan]
        return None

    @guarded
    def quote(self, wish: Wish, now: datetime, *, deadline: float = 30.0) -> Quote:
        """The price as the vendor lists it now, and the account's credit before the order."""
        self._payable(wish)
        left = countdown(deadline)
        if wish.kind == "new":
            if self._shelf is None or abs(now - self._shelf.fetched) > FRESH:
                self.restock(now, deadline=left())
            shelf = self._shelf
        else:
            shelf = self.extras(wish.line, now, deadline)
        assert shelf is not None
        found = shelf.offers.get(wish.plan or "")
        if found is None or (wish.kind == "new") is not (found.plan.kind == "base"):
            raise self._not_sold(wish, shelf)
        if found.plan.price is None:
            raise Refused(
                "{provider} names no price for {plan}", code="no_price", provider=Raw(self.name), plan=Raw(wish.plan)
            )
        balance = self.account_balance(now, deadline=left())
        return Quote(
            price=found.plan.price,
            terms=found.plan.terms,
            balance_before=balance,
            effect=None if wish.kind == "new" else "add",
            notes=found.plan.notes,
        )

    def _payable(self, wish: Wish) -> None:
        if wish.amount is not None or wish.plan is None:
            raise UsageError(
                "{provider} sells packs, no credit: --plan PLAN",
                hint="esimctl plans list --line {line}",
                code="packs_only",
                provider=Raw(self.name),
                line=Raw(wish.line.name),
            )
        if wish.promotion is not None:
            raise UsageError("{provider} takes no promotion codes", code="no_promotions", provider=Raw(self.name))
        if wish.method_kind != OWN_CREDIT:
            raise UsageError(
                "{provider} is paid from the credit of the account there, not by {method}",
                hint="--pay {provider}-balance",
                code="wrong_method",
                provider=Raw(self.name),
                method=Raw(wish.method),
            )

    def _not_sold(self, wish: Wish, shelf: PriceList) -> UsageError:
        known = [plan.id for plan in shelf.plans if (plan.kind == "base") is (wish.kind == "new")]
        near = nearest(wish.plan or "", known)
        return UsageError(
            "{provider} does not sell {plan} for this" + ("; did you mean {near}?" if near else ""),
            hint="esimctl plans list --provider {provider}"
            if wish.kind == "new"
            else "esimctl plans list --line {line}",
            code="plan_unknown",
            provider=Raw(self.name),
            plan=Raw(wish.plan),
            near=commas(near),
            line=Raw(wish.line.name),
        )

    def clock_skew(self) -> float | None:
        """Seconds by which the vendor's clock stood before ours in its last answer."""
        return None if self.asker.skew is None else self.asker.skew.total_seconds()

    # -- orders

    def send(self, order: OutgoingOrder, request: Request, now: datetime, *, deadline: float) -> Answer:
        """Hand the stored bytes over, once, by a connection of their own. Half of the time is left for looking.

        A 401 should mean that nothing was done. Before the order is sent with a new token the seller's own books have
        to say so as well.
        """
        left = countdown(deadline)
        try:
            answer = parsed(self._send, order, request, now, left())
        except CredentialsError:
            return Answer(None, failure="unauthorized", sent=False)
        except EsimctlError as why:
            return Answer(None, failure=why.code, sent=False)
        except Malformed:
            return Answer(None, failure="malformed", sent=True)  # nobody can say how far it came
        if answer.status != 401:
            return answer
        try:
            if not self.asker.renewed(now, left()) or not self._untouched(order, now, left()):
                return answer
            return parsed(self._send, order, request, now, left())
        except EsimctlError:
            return answer
        except Malformed:
            return Answer(None, failure="malformed", sent=True)

    def _untouched(self, order: OutgoingOrder, now: datetime, deadline: float) -> bool:
        """Whether the seller does not list an order; without a key that it honours, its credit must stand as before."""
        left = countdown(deadline)
        if self.find(order, now, left()).verdict is not Verdict.ABSENT:
            return False
        if self.tier is Tier.KEYED:
            return True
        return order.wallet_before is not None and self.account_balance(now, deadline=left()) == order.wallet_before

    def _send(self, order: OutgoingOrder, request: Request, now: datetime, deadline: float) -> Answer:
        method, _, path = request.endpoint.partition(" ")
        return self.asker.once(
            method,
            path,
            now=now,
            deadline=max(deadline / 2, min(deadline, 1.0)),
            body=request.body,
            limits=self.order_limits,
            fresh=True,
            more=self.order_headers(order),
        )

    def interpret(self, order: OutgoingOrder, answer: Answer) -> Outcome:
        """Classify an answer. Pure. One that cannot be understood decides nothing."""
        try:
            return parsed(self.understand, order, answer)
        except (Malformed, EsimctlError):
            return ambiguous("malformed")

    def look_up(self, order: OutgoingOrder, now: datetime, *, deadline: float) -> Outcome:
        """Find an order; what keeps the vendor from answering leaves it as it is."""
        try:
            return self.find(order, now, deadline)
        except EsimctlError as why:
            return Outcome(Verdict.AMBIGUOUS, why.code)

    def understand(self, order: OutgoingOrder, answer: Answer) -> Outcome:
        """By way and status, then by what the vendor says."""
        if answer.status == 401 and self.charges_unauthorized:
            return ambiguous("unauthorized")
        decided = by_transport(answer, retry_after(answer.headers, order.created_at))
        if decided is not None:
            return decided
        status = answer.status or 0
        return by_body(lambda: self.outcome_of(order, status, answer.body), status)

    # -- lists

    def paged(self, ask: Callable[[K], tuple[T, K | None]], first: K) -> Iterator[T]:
        """Page after page of a list: `ask` gives one, and by what the next one is asked for; 76 for one without end."""
        by = first
        for _ in range(PAGES):
            page, following = ask(by)
            yield page
            if following is None:
                return
            by = following
        raise ProtocolViolation("{provider}: its list does not end", code="endless_list", provider=Raw(self.name))

    # -- many lines

    @guarded
    def readings(
        self, lines: Sequence[LineRef], now: datetime, *, deadline: float = 60.0, progress: Progress | None = None
    ) -> Mapping[str, Reading | EsimctlError]:
        """The readings of many lines by name, asked at the same time within its limits, all within `deadline`."""
        found: dict[str, Reading | EsimctlError] = {}
        for name, each in self._one_by_one(lines, now, deadline):
            if each is not None:
                found[name] = each
            if progress is not None:
                progress(len(found), len(lines))
        return found

    def _one_by_one(
        self, lines: Sequence[LineRef], now: datetime, deadline: float
    ) -> Iterator[tuple[str, Reading | EsimctlError | None]]:
        from concurrent.futures import ThreadPoolExecutor, as_completed

        left = countdown(deadline)

        def one(line: LineRef) -> Reading | EsimctlError | None:
            try:
                return self.reading(line, now, deadline=left())
            except EsimctlError as why:
                return why

        pool = ThreadPoolExecutor(max_workers=max(1, min(PARALLEL, len(lines))))
        try:
            futures = {pool.submit(one, line): line.name for line in lines}
            for future in as_completed(futures):
                yield futures[future], future.result()
        finally:  # Ctrl-C waits for what is on its way, not for what has not begun
            pool.shutdown(wait=True, cancel_futures=True)
