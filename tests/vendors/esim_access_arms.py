"""What an account at eSIM Access can be made to do by a test: switches of the double, all off as it is made.

What the vendor's newest texts allow is armed by name instead (`Armed`), and is the same for every vendor.
"""

import hmac
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from tests.vendors.calls import Call
from tests.vendors.counter import Sold


@dataclass(slots=True)
class Arms:
    """Sums are in 1/10000 dollars. A top-up is told as `rows` and `grows` were when it was bought."""

    access_code: str | None = None  #: the only one that may come in
    secret_key: str | None = None  #: with which every request must be signed
    allotting: int = 0  #: so many questions for an order are answered before its eSIM is there
    part: int = 0  #: what every price has beyond its cents
    surcharge: int = 0  #: what an order takes beside its price
    hidden: bool = False  #: lists show nothing; whoever asks for one order or one eSIM is answered
    filters: bool = True  #: whether eSIMs can be asked for by a transactionId
    rows: bool = True  #: whether a top-up has a row on its eSIM
    grows: bool = True  #: whether what an eSIM was given in all shows it
    told: dict[str, Any] = field(default_factory=dict)  #: fields with which every eSIM is told, whatever is true of it
    taken: int = 0  #: what left the account beside the cents of its books
    _off: dict[int, timedelta] = field(default_factory=dict)
    _rowless: set[int] = field(default_factory=set)
    _flat: set[int] = field(default_factory=set)

    def bars(self, call: Call) -> str | None:
        """The code for a caller who may not come in."""
        code = call.headers.get("rt-accesscode", "")
        if self.access_code not in (None, code):
            return "000101"
        if self.secret_key is None:
            return None
        said = "".join(call.headers.get(f"rt-{name}", "") for name in ("timestamp", "requestid")) + code
        wanted = hmac.new(self.secret_key.encode(), said.encode() + call.body, sha256).hexdigest()
        return None if call.headers.get("rt-signature", "").lower() == wanted else "101003"

    def bought(self, sold: Iterable[Sold], off: timedelta) -> None:
        """An order was carried out, and stamped by a clock that is `off`."""
        self.taken += self.surcharge
        for each in sold:
            self.taken += self.part
            self._off[each.number] = off
            if each.pack.topup and not self.rows:
                self._rowless.add(each.number)
            if each.pack.topup and not self.grows:
                self._flat.add(each.number)

    def waits(self) -> bool:
        """Whether a question for an order comes too early, once for each."""
        self.allotting -= 1
        return self.allotting >= 0

    def at(self, sold: Sold) -> datetime:
        """When it was sold, by the clock of then."""
        return sold.at + self._off.get(sold.number, timedelta(0))

    def has_row(self, sold: Sold) -> bool:
        """Whether it stands on its eSIM."""
        return sold.number not in self._rowless

    def untold(self, mine: Iterable[Sold]) -> int:
        """Octets that do not show in what an eSIM was given in all."""
        return sum(each.pack.octets or 0 for each in mine if each.number in self._flat)


__all__ = ["Arms"]
