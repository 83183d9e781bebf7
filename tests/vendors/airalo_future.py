"""Airalo's orders for a later day. In its sandbox they run at once; three package ids leave one pending or failed.

What is pending is remembered as long as the server runs.
"""

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.vendors.calls import count_of, text_of

#: Package ids that leave a future order in a state of its own.
LEFT = {
    "test-create-pending-future-order-7days-1gb": "pending",
    "test-create-retry-future-order-7days-1gb": "retry",
    "test-create-failed-future-order-7days-1gb": "failed",
}
FORMAT = "%Y-%m-%d %H:%M"
DAYS_AHEAD, LATEST, CANCELLED_BEFORE = 2, timedelta(days=366), timedelta(hours=24)
MOST_CANCELLED = 10


def due(fields: Mapping[str, Any], now: datetime) -> datetime | None:
    """The day of a future order, None where it is none: too soon, too late, or not a date."""
    try:
        found = datetime.strptime(text_of(fields, "due_date") or "", FORMAT).replace(tzinfo=UTC)
    except ValueError:
        return None
    soonest = now.astimezone(UTC).date() + timedelta(days=DAYS_AHEAD)  # the day after tomorrow
    return found if found.date() >= soonest and found - now <= LATEST else None


class FutureOrders:
    """The future orders that were not carried out."""

    def __init__(self) -> None:
        self._kept: list[dict[str, Any]] = []

    def keep(self, fields: Mapping[str, Any], name: str, at: datetime) -> dict[str, Any]:
        """Number an order, remember it where its package id says so, and answer as the vendor does."""
        dates = {
            "due_date": at.strftime(FORMAT),
            "latest_cancellation_date": (at - CANCELLED_BEFORE).strftime(FORMAT),
        }
        answer = {"request_id": secrets.token_hex(13)[:25], **dates}
        if name in LEFT:
            more = {"quantity": count_of(fields, "quantity", 50), "description": text_of(fields, "description")}
            self._kept.append({**answer, **more, "package_id": name, "status": LEFT[name]})
        return answer

    def listed(self, status: str) -> list[dict[str, Any]]:
        """Those of one state."""
        return [row for row in self._kept if row["status"] == status]

    def cancel(self, wanted: object) -> bool:
        """Forget pending orders by their numbers, all or none."""
        numbers = wanted if isinstance(wanted, list) else []
        known = {row["request_id"] for row in self.listed("pending")}
        if not 0 < len(numbers) <= MOST_CANCELLED or not all(number in known for number in numbers):
            return False
        self._kept = [row for row in self._kept if row["request_id"] not in numbers]
        return True


__all__ = ["LEFT", "FutureOrders", "due"]
