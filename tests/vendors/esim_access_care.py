"""What an account at eSIM Access does with an eSIM beside buying: suspend, revoke, a message, a webhook.

Kept as long as the server runs; nothing is ever sent from here.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from tests.vendors.calls import text_of
from tests.vendors.counter import Sold

SUSPENDED, REVOKED = "SUSPENDED", "REVOKED"
LONGEST_MESSAGE = 500


class Said(Exception):
    """A code of the vendor's."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Care:
    """States that a caller put eSIMs in. `find` gives the eSIM that fields name, or says the vendor's code."""

    def __init__(self, find: Callable[[Mapping[str, Any]], Sold]) -> None:
        self._find = find
        self.stopped: dict[str, str] = {}  #: ICCID → SUSPENDED or REVOKED
        self._webhook: str | None = None
        self.answers: dict[str, Callable[[Mapping[str, Any], datetime], Any]] = {
            "esim/suspend": self._suspend,
            "esim/unsuspend": self._unsuspend,
            "esim/revoke": self._revoke,
            "esim/sendSms": self._send_sms,
            "webhook/save": self._save_webhook,
            "webhook/query": self._saved_webhook,
        }

    def _suspend(self, fields: Mapping[str, Any], now: datetime) -> Any:
        iccid = self._running(fields, now).iccid
        if iccid in self.stopped:
            raise Said("200002")
        self.stopped[iccid] = SUSPENDED
        return {}

    def _unsuspend(self, fields: Mapping[str, Any], now: datetime) -> Any:
        iccid = self._running(fields, now).iccid
        if self.stopped.pop(iccid, None) is None:
            raise Said("200002")
        return {}

    def _revoke(self, fields: Mapping[str, Any], now: datetime) -> Any:
        """Final, and nothing is given back."""
        self.stopped[self._running(fields, now).iccid] = REVOKED
        return {}

    def _send_sms(self, fields: Mapping[str, Any], now: datetime) -> Any:
        self._running(fields, now)
        if text_of(fields, "message", LONGEST_MESSAGE) is None:
            raise Said("000105")
        return {}

    def _save_webhook(self, fields: Mapping[str, Any], now: datetime) -> Any:
        address = text_of(fields, "webhook", 1000)
        if address is None or not address.startswith(("https://", "http://")):
            raise Said("000105")
        self._webhook = address
        return {}

    def _saved_webhook(self, fields: Mapping[str, Any], now: datetime) -> Any:
        return {"webhook": self._webhook}

    def _running(self, fields: Mapping[str, Any], now: datetime) -> Sold:
        """The eSIM that is named, of those that can be dealt with."""
        line = self._find(fields)
        if line.gone or not line.ready(now) or self.stopped.get(line.iccid) == REVOKED:
            raise Said("200002")
        return line


__all__ = ["Care", "Said"]
