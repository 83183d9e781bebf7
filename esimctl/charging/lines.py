"""A line: its own buckets, what it shares, its money, and what happens when nothing covers its use."""

from datetime import datetime, tzinfo

from esimctl.charging.buckets import Bucket
from esimctl.charging.contracts import Subscriber
from esimctl.charging.grants import PendingRenewal
from esimctl.charging.policies import PRIORITIES, OveragePolicy
from esimctl.charging.rhythm import FOREVER
from esimctl.charging.setup import Setup
from esimctl.charging.terms import Terms
from esimctl.values.money import Money
from esimctl.values.volume import UNLIMITED, Unlimited, unit_size


class Source:
    """A pool, or another line's data, that a line may draw on."""

    __slots__ = ("account", "cap", "first")

    def __init__(self, account: Subscriber, cap: int | Unlimited, first: bool) -> None:
        self.account, self.cap, self.first = account, cap, first

    def lets(self, member: str, at: datetime) -> int | Unlimited:
        """What the member could use of it at that instant: never more than is there, nor than its cap leaves."""
        usable = list(self.account.usable(at))
        free: int | Unlimited = sum(bucket.free for bucket in usable)
        if any(bucket.unlimited for bucket in usable):
            free = UNLIMITED
        if isinstance(self.cap, Unlimited):
            return free
        left = max(0, self.cap - self.account.taken.get(member, 0))
        return left if isinstance(free, Unlimited) else min(left, free)

    def take(self, want: int, at: datetime, member: str) -> int:
        """Use up to so many octets, within the member's cap of this period; returns what was covered."""
        account = self.account
        account.advance(at)
        before = account.taken.get(member, 0)
        allowed = want if isinstance(self.cap, Unlimited) else min(want, max(0, self.cap - before))
        covered = account.take(allowed, at, member) if allowed else 0
        if covered:
            account.taken[member] = before + covered
        return covered


class Line(Subscriber):
    """One subscriber line. Counts that are cumulative: out_of_bucket (octets) and charged (minor units)."""

    def __init__(
        self, name: str, zone: tzinfo, journal: bool, *, auto_renew: bool = False, main_balance: Money | None = None
    ) -> None:
        super().__init__(name, zone, journal, auto_renew=auto_renew)
        self.sources: list[Source] = []
        self.out_of_bucket = 0
        self.owed = 0
        self.main_balance = main_balance
        self.charged: Money | None = None
        self.throttled_at: int | None = None
        self.gifts: dict[str, int] = {}

    def use(self, octets: int, at: datetime, most: int | None = None) -> None:
        """Usage is a fact: what no bucket covers is out of bucket. `most` limits what buckets may cover."""
        if self.pending is not None and self.pending[0].starts_on == "first-use":
            self.begin(at)
        want = octets if most is None else min(octets, most)
        left = want
        if self.sources:
            for source in self.sources:
                if source.first and left:
                    left -= source.take(left, at, self.name)
            if left:
                left -= self.take(left, at)
            for source in self.sources:
                if not source.first and left:
                    left -= source.take(left, at, self.name)
        else:
            left -= self.take(left, at)
        left += octets - want
        if left:
            self.exceed(left, at)

    def begin(self, at: datetime) -> None:
        """A plan that waited for its installation or its first use begins."""
        if self.pending is not None:
            terms, self.pending = self.pending[0], None
            self.buy(terms, at)
            self.reckon()

    def exceed(self, octets: int, at: datetime) -> None:
        """What no bucket covers: counted, and slowed down or charged as the running plan says (burn-down step 5)."""
        self.out_of_bucket += octets
        self.owed += octets
        self.note(at, "out-of-bucket", amount=octets)
        if self.current is not None:
            self.current.beyond += octets
        policy = self.current.terms.overage if self.current is not None else None
        if policy is None or policy.action == "block":
            return
        if policy.action == "throttle":
            if not self.throttled:
                self.throttled_at = self.token
                self.note(at, "throttled")
        else:
            self.charge(octets, policy, at)

    def charge(self, octets: int, policy: OveragePolicy, at: datetime) -> None:
        """Whole started MB of this record, as far as the balance and the period's maximum go."""
        contract, price = self.current, policy.price_per_mb
        if contract is None or not price or self.main_balance is None or self.main_balance.currency != price.currency:
            return
        units = -(-octets // unit_size("MB", contract.terms.volume_base))
        units = min(units, self.main_balance.minor // price.minor)
        if policy.max_charge is not None:
            units = min(units, max(0, policy.max_charge.minor - contract.charged) // price.minor)
        if units <= 0:
            return
        cost = price * units
        contract.charged += cost.minor
        self.main_balance -= cost
        self.charged = cost if self.charged is None else self.charged + cost
        self.note(at, "charged", amount=cost.minor, other=cost.currency)

    @property
    def token(self) -> int:
        """Grows with every grant to the line or to what it shares."""
        return self.grants + sum(source.account.grants for source in self.sources)

    @property
    def throttled(self) -> bool:
        """Slowed down since the first octet that nothing covered, until the next grant of any kind."""
        return self.throttled_at is not None and self.throttled_at == self.token

    def settle_overage(self, at: datetime) -> None:
        """Overage of the period before is forgotten, or burnt first where the policy preserves it (step 10)."""
        owed, self.owed = self.owed, 0
        policy = self.current.terms.rollover if self.current is not None else None
        if owed and policy is not None and policy.preserve_overage:
            self.out_of_bucket -= self.take(owed, at)


def new_pool(name: str, setup: Setup, journal: bool) -> Subscriber:
    """A shared bucket, or one that is granted anew every term."""
    given = setup.pools[name]
    start, end = given.start or setup.start, given.end or FOREVER
    pool = Subscriber(name, setup.zone, journal, auto_renew=given.auto_renew, stop=end)
    if given.term is None:
        pool.count_grant(Bucket("shared-1", "shared", given.data, start, end, PRIORITIES["shared"]), setup.start)
    else:
        terms = Terms(name, given.data, given.term, category="shared", rollover=given.rollover)
        pool.orders.append(PendingRenewal(setup.start, start, terms, False))
    pool.reckon()
    pool.advance(setup.start)
    return pool
