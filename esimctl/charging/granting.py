"""What comes to an account: allowances, single packs, bonus data. Every grant is named, counted and written down."""

from datetime import datetime, tzinfo

from esimctl.charging.account import Account
from esimctl.charging.buckets import Bucket
from esimctl.charging.contract import Contract
from esimctl.charging.events import Grant
from esimctl.charging.policies import PRIORITIES
from esimctl.charging.rhythm import FOREVER, Rhythm, clocked
from esimctl.charging.terms import Terms


class Granter(Account):
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
