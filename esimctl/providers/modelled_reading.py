"""What the charging engine knows of a line, as a reading: for the embedded operator, and for lines from a counter."""

from datetime import datetime
from typing import TYPE_CHECKING

from esimctl.charging.outlook import Outlook, next_change, outlook
from esimctl.charging.views import plan_end
from esimctl.providers.protocol import Reading, ReadingBucket
from esimctl.values.record import fields
from esimctl.values.volume import Unlimited

if TYPE_CHECKING:
    from esimctl.charging.balances import BucketView, LineBalance
    from esimctl.charging.engine import Engine


def modelled_reading(books: "Engine", balance: "LineBalance", at: datetime, *, known: bool = True) -> Reading:
    """A line's own figures by its books; what it may use of other lines' data comes by `pools.with_pools`.

    Of a line of which nothing is `known` neither what is left is said nor what renewing it is worth.
    """
    name, line = balance.name, books.line(balance.name)
    told = outlook(books, name) if known else None
    return Reading(
        at=at,
        status=balance.status,
        granted_bytes=counted(balance.granted) if known else None,
        used_bytes=balance.used,
        remaining_bytes=counted(balance.remaining) if known else None,
        available_bytes=counted(balance.available) if known else None,
        reserved_bytes=balance.reserved,
        unlimited=isinstance(balance.remaining, Unlimited),
        main_balance=balance.main_balance,
        charged=balance.charged,
        use_by=balance.use_by,
        expires_at=line.last_term_end if balance.status == "expired" else balance.expires_at,
        plan_ends_at=plan_end(line),
        throttled=balance.throttled if known else None,
        **{each: getattr(told, each, None) for each in fields(Outlook)},
        next_change=next_change(books, name),
        buckets=tuple(map(reading_bucket, balance.buckets)),
        ahead=tuple(map(reading_bucket, balance.ahead)),
        plan=balance.plan,
    )


def counted(volume: int | Unlimited) -> int | None:
    """Octets; None for data without an end."""
    return None if isinstance(volume, Unlimited) else volume


def reading_bucket(view: "BucketView") -> ReadingBucket:
    """A bucket of the engine, as a provider would state it."""
    return ReadingBucket(
        id=view.id,
        category=view.category,
        usage_type=view.usage_type,
        granted=counted(view.granted),
        remaining=counted(view.remaining),
        start=view.start,
        end=view.end,
        status=view.status,
        reserved=view.reserved,
        window=view.window,
        provisional=view.provisional,
        unlimited=isinstance(view.remaining, Unlimited),
        purpose=view.purpose,
    )
