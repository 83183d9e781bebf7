"""What a plan grants, and what its boundaries do: the contract, its allowances, the rollover of what is left."""

from datetime import datetime, tzinfo

from esimctl.charging.account import BucketHolder
from esimctl.charging.buckets import Bucket
from esimctl.charging.events import Grant
from esimctl.charging.policies import PRIORITIES, RolloverPolicy
from esimctl.charging.rhythm import FOREVER, Rhythm, clocked
from esimctl.charging.terms import Terms


class Contract:
    """One plan that was bought; `boundary` ends the running period, `term_end` the term without its queue."""

    __slots__ = (
        "base", "beyond", "boundary", "charged", "deadline", "once", "period", "queued", "rhythm", "superseded", "term",
        "term_end", "waiting",
    )  # fmt: skip

    def __init__(self, rhythm: Rhythm, *, once: bool = False) -> None:
        self.follow(rhythm)
        self.base: Bucket | None = None
        self.queued: list[Terms] = []
        self.superseded = self.waiting = False
        self.once = once
        self.deadline = FOREVER
        self.charged = 0  #: minor units of this period's overage
        self.beyond = 0  #: octets of this period that no bucket covered

    @property
    def terms(self) -> Terms:
        """What was bought."""
        return self.rhythm.terms

    @property
    def early_renewal(self) -> str:
        """What a renewal before the end does now: stack, queue, extend or reset.

        A bucket can only be extended in the last period of its term: before that the renewal waits for the term's end.
        """
        mode = self.terms.early_renewal
        return "queue" if mode == "extend" and self.boundary != self.term_end else mode

    @property
    def next(self) -> datetime:
        """When something happens to it by itself."""
        return self.deadline if self.waiting else self.boundary

    def follow(self, rhythm: Rhythm) -> None:
        """Begin the first period of a rhythm."""
        self.rhythm = rhythm
        self._at(0, 0)

    def step(self) -> None:
        """Go on to the next period."""
        last = self.boundary >= self.term_end
        self._at(self.term + last, 0 if last else self.period + 1)

    def _at(self, term: int, period: int) -> None:
        self.term, self.period = term, period
        self.boundary = self.rhythm.period_end(term, period)
        self.term_end = self.rhythm.term_end(term)


class PendingRenewal:
    """A renewal that has been ordered and is not effective yet."""

    __slots__ = ("completes", "fails", "placed", "terms")

    def __init__(self, placed: datetime, completes: datetime, terms: Terms, fails: bool) -> None:
        self.placed, self.completes, self.terms, self.fails = placed, completes, terms, fails


class Granter(BucketHolder):
    """An account that plans grant data to. `stop` is the instant from which nothing is granted or renewed any more."""

    def __init__(self, name: str, zone: tzinfo, journal: bool, stop: datetime = FOREVER) -> None:
        super().__init__(name, zone, journal)
        self.stop = stop
        self.contracts: list[Contract] = []
        self.issued: dict[str, int] = {}
        self.last_pack = (0, FOREVER, FOREVER)

    def issue(self, category: str) -> tuple[str, str]:
        """The next name of a bucket of that category, and the same so written that it sorts by number."""
        while True:
            number = self.issued[category] = self.issued.get(category, 0) + 1
            name = f"{category}-{number}"
            if name not in self.live:
                return name, f"{category}-{number:09d}"

    def grant(self, contract: Contract, at: datetime) -> None:
        """A new period begins: its allowance, and what comes beside it (rollover step 10)."""
        terms = contract.terms
        contract.charged = contract.beyond = 0
        self.taken = {}
        self.grants += 1
        if terms.data is not None:
            end = min(contract.boundary, self.stop)
            contract.base = self.new_bucket(terms, at, end, contract=True)
        self.grant_bonus(terms, at)
        self.settle_overage(at)

    def settle_overage(self, at: datetime) -> None:
        """What a grant means for overage; only lines have any."""

    def grant_once(self, terms: Terms, at: datetime) -> None:
        """A plan beside what is there: one allowance, no renewal."""
        policy = terms.rollover
        keeps = policy is not None and policy.carries and policy.condition == "none" and terms.category == "base"
        self.grants += 1
        if terms.data is not None and keeps:
            contract = Contract(Rhythm(terms, at, self.zone), once=True)
            contract.base = self.new_bucket(terms, at, contract.boundary, contract=True)
            self.contracts.append(contract)
        elif terms.data is not None:
            if self.last_pack[:2] != (id(terms), at):
                self.last_pack = (id(terms), at, Rhythm(terms, at, self.zone).period_end(0, 0))
            self.new_bucket(terms, at, self.last_pack[2], contract=False)
        self.grant_bonus(terms, at)

    def new_bucket(self, terms: Terms, at: datetime, end: datetime, *, contract: bool) -> Bucket:
        """The bucket of one allowance."""
        data = terms.data if terms.data is not None else 0
        name, tie = self.issue(terms.category)
        bucket = Bucket(
            name,
            terms.category,
            data,
            at,
            end,
            terms.rank,
            promotional=terms.promotional,
            transferable=terms.transferable,
            window=terms.window,
            contract=contract,
            tie=tie,
            purpose=terms.purpose,
        )
        self.count_grant(bucket, at, terms.name)
        return bucket

    def grant_bonus(self, terms: Terms, at: datetime) -> None:
        """Promotional data beside a grant, with its own end."""
        if terms.bonus is not None:
            clock = terms.clock if terms.clock != "calendar-month" else "anchor"
            end = clocked(clock, at, terms.bonus.term, 1, self.zone)
            name, tie = self.issue("promo")
            bucket = Bucket(name, "promo", terms.bonus.data, at, end, 20, promotional=True, tie=tie)
            self.count_grant(bucket, at, terms.name)

    def hold(self, given: Grant, now: datetime) -> None:
        """Hold an explicit bucket that belongs to no plan."""
        name, tie = (given.id, given.id) if given.id is not None else self.issue(given.category)
        bucket = Bucket(
            name,
            given.category,
            given.data,
            given.start or now,
            given.end or FOREVER,
            PRIORITIES[given.category] if given.priority is None else given.priority,
            promotional=given.promotional,
            transferable=given.transferable,
            tie=tie,
        )
        self.count_grant(bucket, now)
        if bucket.start <= now:
            self.grants += 1

    def count_grant(self, bucket: Bucket, at: datetime, source: str | None = None) -> None:
        """Hold a granted bucket and count it."""
        self.granted += bucket.granted
        self.add(bucket, at)
        self.note(
            at, "granted", bucket, None if bucket.unlimited else bucket.granted, delta=-bucket.granted, other=source
        )


CARRIED = "rollover-of-"  #: begins the name of a bucket of carried data; the bucket that it comes from follows


def carried_part(bucket: Bucket, policy: RolloverPolicy | None) -> int:
    """How much of a closing bucket is carried before the cap on the sum: steps 5 and 6."""
    if policy is None or not policy.carries or bucket.unlimited or bucket.category not in ("base", "shared"):
        return 0
    carry = bucket.free
    if policy.max_percent is not None:
        carry = min(carry, bucket.granted * policy.max_percent // 100)
    if policy.cap_scope == "per-step" and policy.maximum is not None:
        carry = min(carry, policy.maximum)
    return max(0, carry)


def sum_limit(policy: RolloverPolicy, new_grant: int | None) -> int | None:
    """The most that carried data may come to (step 9), None without a cap; `new_grant` is None for unlimited data."""
    if policy.maximum is None or policy.cap_scope == "per-step":
        return None
    if policy.cap_scope == "rollover-only":
        return policy.maximum
    return 0 if new_grant is None else max(0, policy.maximum - new_grant)


def carry(
    account: BucketHolder,
    closing: Bucket,
    policy: RolloverPolicy | None,
    at: datetime,
    until: datetime,
    base_priority: int,
    provisional: bool,
) -> None:
    """Close a base bucket: one part becomes a rollover bucket, the rest is forfeited (steps 5 to 8).

    `base_priority` is the place of the base data that the carried data will stand beside.
    """
    part = carried_part(closing, policy)
    if part:
        closing.remaining -= part
        closing.carried += part
        account.note(at, "carried", closing, part, delta=part)
    account.close(closing, at, "forfeited")
    if not part or policy is None:
        return
    carried = Bucket(
        f"{CARRIED}{closing.id}",
        "rollover",
        part,
        at,
        until,
        policy.priority(base_priority),
        transferable=policy.transferable,
        window=closing.window,
        carried_first=policy.consumption == "by-expiry",
        purpose=closing.purpose,
    )
    carried.provisional = provisional
    account.add(carried, at)
    account.note(at, "carried-in", carried, part, delta=-part, other=closing.id)


def rollover_buckets(account: BucketHolder) -> list[Bucket]:
    """The live carried buckets, the one that ends soonest first (ties: oldest start, id)."""
    live = [bucket for bucket in account.live.values() if bucket.category == "rollover"]
    return sorted(live, key=lambda bucket: (bucket.end, bucket.start, bucket.id))


def trim(account: BucketHolder, limit: int | None, at: datetime) -> None:
    """Cut carried data down to the limit, the row that ends soonest first; a row emptied by it is gone (step 9)."""
    if limit is None:
        return
    buckets = [bucket for bucket in rollover_buckets(account) if not bucket.unlimited]
    over = sum(bucket.remaining for bucket in buckets) - limit
    for bucket in buckets:
        if over <= 0:
            return
        cut = min(bucket.free, over)
        if cut:
            over -= cut
            account.forfeit(bucket, cut, at, "trimmed")
            if bucket.start == at:  # it never held that much
                bucket.granted -= cut
                bucket.forfeited -= cut
            account.unqueue(bucket)
            account.queue(bucket)
            if not bucket.remaining:
                account.close(bucket, at, "trimmed")


def uncarry(account: BucketHolder, octets: int, at: datetime) -> None:
    """Close carried data that the operator does not have, the row that came last first: that carry has failed."""
    buckets = [bucket for bucket in rollover_buckets(account) if not bucket.unlimited]
    over = sum(bucket.remaining for bucket in buckets) - octets
    for bucket in sorted(buckets, key=lambda bucket: (bucket.start, bucket.id), reverse=True):
        cut = min(bucket.free, over)
        if cut <= 0:
            continue
        over -= cut
        account.forfeit(bucket, cut, at, "not-carried")
        account.unqueue(bucket)
        account.queue(bucket)
        if not bucket.remaining:
            account.close(bucket, at, "not-carried")


def recap(account: BucketHolder, policy: RolloverPolicy | None, base_priority: int, at: datetime) -> None:
    """Put data that was carried before under the policy of another plan; without one it is forfeited."""
    for bucket in rollover_buckets(account):
        if policy is None or not policy.carries:
            account.close(bucket, at, "forfeited")
            continue
        account.unqueue(bucket)
        bucket.place(policy.priority(base_priority), policy.consumption == "by-expiry")
        account.queue(bucket)


def lapse_rollover(account: BucketHolder, policy: RolloverPolicy | None, at: datetime) -> None:
    """What becomes of carried data when a line is not renewed: forfeited, suspended until it is, or kept."""
    if policy is None or policy.on_lapse == "keep":
        return
    for bucket in rollover_buckets(account):
        if policy.on_lapse == "forfeit":
            account.close(bucket, at, "lapsed")
        elif bucket.status == "active":
            account.unqueue(bucket)
            bucket.status = "suspended"
            account.note(at, "suspended", bucket, bucket.remaining)


def wake(account: BucketHolder, at: datetime) -> None:
    """A renewal wakes what a lapse had suspended."""
    for bucket in rollover_buckets(account):
        if bucket.status == "suspended":
            bucket.status = "active"
            account.queue(bucket)
            account.note(at, "woken", bucket, bucket.remaining)
