"""Lines without an interface: the charging engine plays what happened, readings off the phone correct it.

Observed and modelled figures stay apart: each part of the balance says of which kind it is and how old.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from esimctl.catalogue.holding import RolloverInForce, kept
from esimctl.documents.balance import DataFigurePart, FigurePart, FiguresPart, StoryRow
from esimctl.market.holding import of_line
from esimctl.providers.modelled_reading import counted, modelled_reading
from esimctl.providers.pools import pool_buckets, with_pools
from esimctl.providers.protocol import Reading, ReadingBucket
from esimctl.providers.registry import KINDS
from esimctl.usage.playing import FOUND, Model, play
from esimctl.values.money import Money
from esimctl.values.record import record, replace
from esimctl.values.toml import Toml
from esimctl.values.volume import Unlimited

if TYPE_CHECKING:
    from esimctl.charging.buckets import Movement
    from esimctl.ledger.fold import Ledger
    from esimctl.profile.opened import Session

MODEL = "modelled"  #: the source of what nobody has read


@record
class Modelled:
    """A reading worked out here: where its data figure comes from, from when on it is stale, and its parts.

    `since` is when something was last known of the line: a look at the phone, or what the books saw happen; None where
    neither ever was.
    """

    reading: Reading
    source: str
    since: datetime | None
    stale_from: datetime
    figures: FiguresPart
    steps: tuple[StoryRow, ...] = ()
    movements: "tuple[Movement, ...]" = ()
    held: RolloverInForce | None = None  #: the rollover of the running term; None without one
    by_hand: bool = True  #: nobody but a person can say what is there


def is_modelled(session: "Session", table: Mapping[str, Toml]) -> bool:
    """Whether a line's provider has no interface that says what is left."""
    name = str(table.get("provider"))
    kind = KINDS.get(str(session.section("provider").get(name, {}).get("kind", name)))
    return kind is not None and kind.modelled


def modelled(session: "Session", ledger: "Ledger", name: str, *, explain: bool = False) -> Modelled:
    """The line's reading as it follows from its story by now."""
    now = session.clock.now()
    model = play(session, ledger, name, now)
    balance = model.balance
    newest = model.newest("remaining_bytes") or model.newest("used_bytes")
    changes = [move.at for move in balance.movements if move.reason not in QUIET]
    observed = newest is not None and all(at <= newest.read_at for at in changes)
    source = newest.source if newest is not None and observed else "modelled"
    at = newest.read_at if newest is not None and observed else now
    basis = max([at for at in (*changes, newest.read_at if newest else None) if at is not None], default=None)
    max_age = session.provider(str(session.line(name)["provider"])).reading_max_age
    stale_from = now if basis is None else basis + max_age
    reading = reading_of_model(model, at, now)
    figures = _figures(session, ledger, model, reading, source, now)
    steps: tuple[StoryRow, ...] = ()
    if explain:
        from esimctl.charging.explain import explain as tell
        from esimctl.usage.explanation import story_row

        steps = tuple(story_row(step) for step in tell(balance.movements))
    return Modelled(reading, source, basis, stale_from, figures, steps, balance.movements, held_now(model))


def held_now(model: Model) -> RolloverInForce | None:
    """The rollover of the term that runs, with whose word it is; None without a term."""
    running = model.engine.line(model.name).current
    if running is None or running.terms.word is None:
        return None
    return kept(running.terms.word, running.terms.as_table())


#: movements that leave the octets as they were last observed
QUIET = frozenset(
    {
        "observed", "observed-less", "observed-more", "observed-money", "bought", "credited", "paid", "charged",
        "shares", "left", "throttled", "renewal-ordered", "renewal-failed", "restated", "restated-carry",
        "restated-none",
    }
)  # fmt: skip


def reading_of_model(model: Model, at: datetime, now: datetime) -> Reading:
    """What the books say, with what was read since: an end, money, call time; unknown where neither says anything."""
    balance, line = model.balance, model.engine.line(model.name)
    known = bool(balance.buckets) or line.grants > 0
    own = modelled_reading(model.engine, balance, at, known=known)
    end, bonus, spoken = model.ends.get(model.name), _bonus(model, now), model.newest("voice_seconds")
    changes = [own.next_change, *(bucket.end for bucket in bonus)]
    turn = min((change for change in changes if change is not None), default=None)
    unexplained = any(bucket.id.startswith(FOUND) for bucket in balance.buckets)
    buckets = (replace(bucket, granted=None) if bucket.id.startswith(FOUND) else bucket for bucket in own.buckets)
    own = replace(
        own,
        granted_bytes=None if unexplained else own.granted_bytes,
        used_bytes=_used(model, unexplained=unexplained or not known),
        voice_seconds=None if spoken is None else spoken.voice_seconds,
        main_balance=main_balance(model),
        next_change=turn if turn is None or turn > now else None,
        buckets=(*buckets, *bonus),
    )
    if end is not None:
        own = replace(own, status="active" if now < end else "expired", expires_at=end, plan_ends_at=end)
    if not known and not line.sources:
        own = replace(own, remaining_bytes=_observed_nothing(model))
    return with_pools(own, model.engine, model.name)


def _bonus(model: Model, now: datetime) -> tuple[ReadingBucket, ...]:
    """Bonus money as it was read last: a bucket of its own, never a part of the main balance, gone at its end.

    Its end is unknown where the text did not say it.
    """
    fact = model.newest("bonus")
    if fact is None or fact.bonus is None:
        return ()
    money, end = fact.bonus, fact.bonus_expires_at
    if end is not None and end <= now:
        return ()
    return (ReadingBucket("bonus", "promo", "monetary", None, money.minor, fact.read_at, end, currency=money.currency),)


def _used(model: Model, *, unexplained: bool) -> int | None:
    """Octets used: what was stated wins where nothing else is known; a model without a reading has seen no use.

    Pay per use has nothing else: without a reading it is unknown.
    """
    running = model.engine.line(model.name).current
    if running is not None and running.terms.data is None and model.newest("used_bytes") is None:
        return None
    if unexplained or isinstance(model.balance.remaining, Unlimited):
        fact = model.newest("used_bytes")
        return None if fact is None else fact.used_bytes
    return model.balance.used


def _observed_nothing(model: Model) -> int | None:
    """A line without any grant: zero only where somebody has read zero."""
    fact = model.newest("remaining_bytes")
    return None if fact is None else fact.remaining_bytes


def main_balance(model: Model) -> Money | None:
    """The money that was read last, with what was paid in and out of it since; unknown where neither ever happened."""
    fact = model.newest("main_balance")
    if fact is None or fact.main_balance is None:
        return model.balance.main_balance
    money = fact.main_balance
    for move in model.balance.movements:
        if move.reason in ("credited", "charged") and move.at > fact.read_at and move.other == money.currency:
            moved = Money(move.amount or 0, money.currency)
            money += moved if move.reason == "credited" else -moved
    for debit in model.paid:
        if debit.at > fact.read_at and debit.money.currency == money.currency:
            money -= debit.money
    return money


def _figures(
    session: "Session", ledger: "Ledger", model: Model, reading: Reading, source: str, now: datetime
) -> FiguresPart:
    """Of which kind each figure is; for data, what was read and what it would be without stand beside each other."""
    unread = play(session, ledger, model.name, now, observed=False)
    alone, pools = unread.balance, tuple(pool_buckets(unread.engine, model.name))
    without = None if not alone.buckets and not alone.movements else counted(alone.remaining)
    if without is not None:
        more = [pool.remaining for pool in pools]
        without = None if None in more else without + sum(octets or 0 for octets in more)
    known = reading.remaining_bytes is not None or reading.unlimited
    return figures_of(model, reading, source if known else None, reading.at, now, without)


def figures_of(
    model: Model, reading: Reading, source: str | None, at: datetime, now: datetime, modelled_bytes: int | None
) -> FiguresPart:
    """Of which kind each figure is; `source` and `at` are those of its data, `now` of what else is worked out."""
    newest = model.newest("remaining_bytes")
    kind, data_source, read_at = of_kind(source, at)
    return FiguresPart(
        data=DataFigurePart(
            kind=kind,
            source=data_source,
            at=read_at,
            observed_bytes=None if newest is None else newest.remaining_bytes,
            observed_at=None if newest is None else newest.read_at,
            modelled_bytes=modelled_bytes,
        ),
        main_balance=beside(model, "main_balance", reading.main_balance, now),
        expires_at=beside(model, "expires_at", reading.expires_at, now),
        voice_seconds=beside(model, "voice_seconds", reading.voice_seconds, now),
    )


def beside(model: Model, key: str, value: Money | datetime | int | None, now: datetime) -> FigurePart:
    """A figure that is not data: observed where the newest statement still is what counts."""
    fact = model.newest(key)
    stated = None if fact is None else fact.data[key]
    same = stated == (str(value) if isinstance(value, Money) else value)
    if fact is not None and isinstance(value, datetime) and isinstance(stated, datetime) and fact.expires_day:
        where = model.engine.setup.zone
        same = value.astimezone(where).date() == stated.astimezone(where).date()
    told = (None, now) if value is None else (fact.source, fact.read_at) if fact is not None and same else (MODEL, now)
    kind, source, at = of_kind(*told)
    return FigurePart(kind=kind, source=source, at=at)


def of_kind(source: str | None, at: datetime) -> tuple[str, str | None, datetime | None]:
    """Of which kind a figure from that source is, with the source and its instant where it is known at all."""
    return ("unknown", None, None) if source is None else (MODEL if source == MODEL else "observed", source, at)


def now_on_line(session: "Session", ledger: "Ledger", name: str) -> RolloverInForce:
    """The rollover of a line now, of a modelled one by its running term."""
    played = None
    if is_modelled(session, session.line(name)):
        played = held_now(play(session, ledger, name, session.clock.now()))
    return of_line(session, ledger, name) if played is None else played
