"""Terms that run: purchase, boundaries, renewal on time, late, early or not at all (rollover steps 1 to 10)."""

from collections.abc import Callable
from datetime import datetime, timedelta, tzinfo
from heapq import heappop

from esimctl.charging.buckets import burn_key
from esimctl.charging.grants import (
    Contract,
    Granter,
    PendingRenewal,
    carry,
    lapse_rollover,
    recap,
    sum_limit,
    trim,
    wake,
)
from esimctl.charging.policies import RolloverPolicy
from esimctl.charging.rhythm import FOREVER, Rhythm
from esimctl.charging.terms import Terms
from esimctl.values.moments import later
from esimctl.values.volume import Unlimited

#: A carry is provisional when the newest observation is older than this at the boundary (rollover step 3).
TOLERANCE = timedelta(hours=6)


class Subscriber(Granter):
    """An account whose contracts renew themselves or are renewed: on time, late, early or not at all."""

    def __init__(
        self, name: str, zone: tzinfo, journal: bool, *, auto_renew: bool = False, stop: datetime = FOREVER
    ) -> None:
        super().__init__(name, zone, journal, stop)
        self.auto_renew = auto_renew
        self.current: Contract | None = None
        self.orders: list[PendingRenewal] = []
        self.last_term_end: datetime | None = None
        self.pending: tuple[Terms, datetime] | None = None

    # -- time

    def reckon(self) -> None:
        """Find out when something happens next by itself."""
        due = self.ends[0][0] if self.ends else FOREVER
        if self.starts and self.starts[0][0] < due:
            due = self.starts[0][0]
        for contract in self.contracts:
            due = min(due, contract.next)
        for order in self.orders:
            due = min(due, order.completes)
        if self.stop is not FOREVER and (self.live or self.contracts):
            due = min(due, self.stop)
        self.due = min(due, self.use_by) if self.pending else due

    def advance(self, to: datetime) -> None:
        """Let everything happen that is due at that instant or before, oldest first."""
        while self.due <= to:
            self.happen(self.due)
            self.reckon()

    def advance_before(self, to: datetime) -> None:
        """Let everything happen that is due before that instant, and not what is due at it."""
        while self.due < to:
            self.happen(self.due)
            self.reckon()

    def happen(self, now: datetime) -> None:
        """One instant: ends, boundaries, ends of waiting, orders, starts."""
        if self.stop <= now:
            self.close_down()
        self.expire(now)
        if self.pending and self.use_by <= now:
            self.note(now, "never-used", other=self.pending[0].name)
            self.pending = None
        for contract in list(self.contracts):
            if not contract.waiting and contract.boundary <= now:
                self.close_period(contract, contract.boundary)
        for contract in list(self.contracts):
            if contract.waiting and contract.deadline <= now:
                self.lapse(contract, contract.deadline)
        for order in [order for order in self.orders if order.completes <= now]:
            if order in self.orders:
                self.orders.remove(order)
                self.fulfil(order, now)
        while self.starts and self.starts[0][0] <= now:
            bucket = heappop(self.starts)[2]
            self.add(bucket, now)
            self.grants += 1

    def close_down(self) -> None:
        """The account itself ends: nothing it holds outlives it, and nothing more comes (sharing and gifts)."""
        for bucket in sorted(self.live.values(), key=burn_key):
            self.close(bucket, self.stop, "expired")
        for waiting in (self.contracts, self.orders, self.starts):
            waiting.clear()
        self.current = None

    # -- buying

    @property
    def use_by(self) -> datetime:
        """Until when a plan that waits for its start must be started."""
        if self.pending is None or self.pending[0].use_by is None:
            return FOREVER
        return later(self.pending[1], self.pending[0].use_by, self.zone)

    def purchase(self, terms: Terms, at: datetime) -> None:
        """Begin a term with an anchor of its own."""
        contract = Contract(Rhythm(terms, at, self.zone))
        self.contracts.append(contract)
        self.current = contract
        self.note(at, "bought", other=terms.name)
        self.grant(contract, at)

    def buy(self, terms: Terms, at: datetime) -> None:
        """A purchase or a renewal that is effective now: it wakes, settles what waits, comes early, or begins anew."""
        wake(self, at)
        contract = self.current
        if contract is None:
            self.purchase(terms, at)
        elif contract.waiting:
            contract.waiting = False
            self.note(at, "renewed", other=terms.name)
            self.roll(contract, terms, contract.boundary)
        else:
            self.renew_early(contract, terms, at)
        self.grants += 1

    def renew_early(self, contract: Contract, terms: Terms, at: datetime) -> None:
        """Before the end of the term: queue, stack, extend or reset, as the running plan says."""
        mode = contract.early_renewal
        self.note(at, f"renewed-early-{mode}", other=terms.name)
        if mode == "queue":
            contract.queued.append(terms)
        elif mode == "extend":
            self.extend(contract, terms, at)
        else:
            if mode == "stack":
                contract.superseded = True
            else:
                self.end_contract(contract)
                if contract.base is not None:
                    self.close(contract.base, at, "reset")
            later_terms, contract.queued = contract.queued, []  # paid for already: they follow the new term
            self.purchase(terms, at)
            if self.current is not None:
                self.current.queued = later_terms

    def extend(self, contract: Contract, terms: Terms, at: datetime) -> None:
        """Add to the running base bucket, which then ends one term after its old end."""
        if terms != contract.terms:
            contract.follow(contract.rhythm.next_plan(terms, contract.term, contract.period))
        else:
            contract.step()
        base = contract.base
        if base is None:
            self.grant(contract, at)
            return
        self.unqueue(base)
        base.end = min(contract.boundary, self.stop)
        base.place(base.priority)
        if isinstance(terms.data, Unlimited):
            self.adjusted -= base.remaining
            base.unlimited, base.granted, base.remaining = True, 0, 0
        elif terms.data is not None and not base.unlimited:
            base.granted += terms.data
            base.remaining += terms.data
            self.granted += terms.data
            self.note(at, "extended", base, terms.data, delta=-terms.data)
        self.queue(base)
        contract.charged = contract.beyond = 0
        self.grant_bonus(terms, at)

    def fulfil(self, order: PendingRenewal, now: datetime) -> None:
        """An order takes effect, or comes to nothing; a line that waited for it alone lapses."""
        if not order.fails:
            self.buy(order.terms, now)
            return
        self.note(now, "renewal-failed", other=order.terms.name)
        contract = self.current
        if (
            contract
            and contract.waiting
            and contract.deadline is FOREVER
            and not self.open_order(contract.boundary, now)
        ):
            self.lapse(contract, now)

    def open_order(self, boundary: datetime, now: datetime) -> bool:
        """Whether an order placed before the boundary is still open, or is about to take effect at this instant."""
        return any(order.placed < boundary and order.completes >= now for order in self.orders)

    @property
    def term_begin(self) -> datetime | None:
        """When the running term began; of one that waits for its start, when it was bought."""
        if self.current is not None:
            return self.current.rhythm.term_begin(self.current.term)
        return None if self.pending is None else self.pending[1]

    def restate(self, change: Callable[[Terms], Terms]) -> None:
        """The running term and what follows it go by other terms from now on; its length and earlier terms stay."""
        if self.current is not None:
            self.current.rhythm = self.current.rhythm.with_terms(change(self.current.terms))
            self.current.queued = [change(terms) for terms in self.current.queued]
        for order in self.orders:
            order.terms = change(order.terms)
        if self.pending is not None:
            self.pending = change(self.pending[0]), self.pending[1]

    # -- boundaries

    def close_period(self, contract: Contract, at: datetime) -> None:
        """A boundary is due: go on within the term, renew, wait for a renewal, or lapse."""
        if at < contract.term_end and not contract.once:
            self.roll(contract, contract.terms, at)
            return
        if contract is self.current:
            self.last_term_end = at
        if contract.once or contract.superseded:
            self.finish(contract, at)
            return
        terms = self.successor(contract, at)
        if terms is not None:
            self.note(at, "renewed", other=terms.name)
            wake(self, at)
            self.roll(contract, terms, at)
        elif contract.terms.policy.waits or self.open_order(at, at):
            self.wait(contract, at)
        else:
            self.lapse(contract, at)

    def successor(self, contract: Contract, at: datetime) -> Terms | None:
        """What the term is renewed with exactly on its boundary: queued before, by hand, or by itself."""
        if contract.queued:
            return contract.queued.pop(0)
        for order in self.orders:
            if order.completes == at and not order.fails:
                self.orders.remove(order)
                return order.terms
        return contract.terms if self.auto_renew and at < self.stop else None

    def wait(self, contract: Contract, at: datetime) -> None:
        """Hold the closing base bucket until the renewal is settled (rollover step 2)."""
        policy, base = contract.terms.policy, contract.base
        contract.waiting = True
        contract.deadline = later(at, policy.grace, self.zone) if policy.waits and policy.grace else FOREVER
        if base is None:
            return
        if base.category not in ("base", "shared"):
            self.close(base, at, "expired")
            contract.base = None
            return
        self.unqueue(base)
        base.status = "suspended"
        self.note(at, "waiting", base, base.remaining)

    def lapse(self, contract: Contract, at: datetime) -> None:
        """Not renewed: base is forfeited, carried data follows its policy; under condition none base is carried."""
        policy = contract.terms.rollover
        if policy is not None and policy.carries and policy.condition == "none":
            self.finish(contract, contract.boundary)
            return
        self.end_contract(contract)
        self.note(at, "lapsed", other=contract.terms.name)
        if contract.base is not None:
            self.close(contract.base, at, "lapsed")
        lapse_rollover(self, policy, at)

    def finish(self, contract: Contract, at: datetime) -> None:
        """A term that ends without a grant: base is carried where the policy lets it."""
        policy = contract.terms.rollover
        if contract.once and policy is not None and policy.condition != "none":
            policy = None
        self.end_contract(contract)
        self.settle(contract, policy, at, 0)

    def end_contract(self, contract: Contract) -> None:
        """The contract is over."""
        self.contracts.remove(contract)
        if self.current is contract:
            self.current = None

    def roll(self, contract: Contract, terms: Terms, at: datetime) -> None:
        """One boundary of the rollover algorithm: carry, expire, cap, grant."""
        old, index = contract.rhythm, contract.rhythm.index(contract.term, contract.period)
        policy = old.terms.rollover  # what was bought is carried as it was bought
        if terms.name != old.terms.name:
            policy = self.change_plan(old.terms, terms, at)
        if terms == old.terms:
            contract.step()
        else:
            contract.follow(old.next_plan(terms, contract.term, contract.period))
            index = 0
        grant = None if isinstance(terms.data, Unlimited) else terms.data or 0
        self.settle(contract, policy, at, grant, index)
        self.grant(contract, at)

    def settle(
        self, contract: Contract, policy: RolloverPolicy | None, at: datetime, grant: int | None, index: int = -2
    ) -> None:
        """Steps 5 to 9 for the closing base bucket of a contract."""
        if contract.base is not None:
            if index == -2:
                index = contract.rhythm.index(contract.term, contract.period)
            until = contract.rhythm.carried_until(policy, at, index) if policy and policy.carries else FOREVER
            until = min(until, self.stop)
            stale = self.observed_at is not None and at - self.observed_at > TOLERANCE
            carry(self, contract.base, policy, at, until, contract.terms.rank, stale)
            contract.base = None
        if policy is not None and policy.carries:
            trim(self, sum_limit(policy, grant), at)

    def change_plan(self, old: Terms, new: Terms, at: datetime) -> RolloverPolicy | None:
        """Another plan at a boundary: what is carried and was carried before comes under its policy."""
        policy = new.rollover
        how = policy.on_plan_change if policy is not None else "recap"
        if policy is not None and policy.qualifying == "same-or-bigger" and _smaller(new, old):
            how = "forfeit"
        if how != "keep":
            recap(self, policy if how == "recap" else None, new.rank, at)
        return None if how == "forfeit" else policy


def _smaller(new: Terms, old: Terms) -> bool:
    if isinstance(new.data, Unlimited):
        return False
    return isinstance(old.data, Unlimited) or (new.data or 0) < (old.data or 0)
