"""eSIM Access as its texts of 2026 allow it to be, which the older double is not: every difference is a switch."""

import re
from typing import Any

from tests.providers.fakes.esim_access import EsimAccessVendor

OWN = "fb9b2219c0de4f5ba3c1d0e5a7b8c9d0"  #: as in the walkthrough: no id of the caller's
DOCUMENTED = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d\+00:00")


class NewestVendor(EsimAccessVendor):
    """`repeats` says what an order that is sent again is: the same one, one that exists, or another one."""

    def __init__(self) -> None:
        super().__init__()
        self.repeats = "same"
        self.own_ids = False
        self.rows = True  #: whether a top-up has a row on its line
        self.grows = True  #: whether the line's total shows it
        self.strict_times = False
        self.filters = False  #: whether transactionId is taken as a filter
        self.lies: str | None = None  #: the code with which an order is answered that is carried out
        self.said: dict[str, str] = {}  #: path → a code for whatever is asked there
        self.shapes: dict[str, Any] = {}  #: path → what stands in `obj` there

    def answer(self, call: Any) -> tuple[int, Any]:
        name = call.path.removeprefix("/api/v1/open/")
        if name in self.said:
            return self.no(self.said[name], "no")
        if name in self.shapes:
            return self.ok(self.shapes[name])
        return super().answer(call)

    def _again(self, key: str) -> tuple[int, Any] | None:
        if key in self.orders and self.repeats == "exists":
            return self.no("310402", "duplicate transactionId, order exists")
        if key in self.orders and self.repeats == "another":
            self.orders[f"{key}#{len(self.orders)}"] = self.orders.pop(key)
        return None

    def on_esim_order(self, wish: Any) -> tuple[int, Any]:
        told = self._again(wish["transactionId"])
        if told is not None:
            return told
        row = wish["packageInfoList"][0]
        package = next((each for each in self.packages if each["packageCode"] == row["packageCode"]), None)
        days = row.get("periodNum", 1)
        if package is not None and package["dataType"] != 1 and days > 1:
            once = package["price"]
            package["price"] = once * days
            try:
                answer = super().on_esim_order(wish)
            finally:
                package["price"] = once
        else:
            answer = super().on_esim_order(wish)
        return answer if self.lies is None else self.no(self.lies, "no")

    def on_esim_topup(self, wish: Any) -> tuple[int, Any]:
        told = self._again(wish["transactionId"])
        if told is not None:
            return told
        before = [(line["totalVolume"], list(line["packageList"])) for line in self.esims]
        status, document = super().on_esim_topup(wish)
        for line, (total, listed) in zip(self.esims, before, strict=True):
            if not self.rows:
                line["packageList"] = listed
            if not self.grows:
                line["totalVolume"] = total
        if self.own_ids and document["success"]:
            document["obj"] |= {"transactionId": OWN, "topUpEsimTranNo": "26112899990001"}
        return (status, document) if self.lies is None else self.no(self.lies, "no")

    def on_esim_query(self, wish: Any) -> tuple[int, Any]:
        if self.strict_times and "startTime" in wish and not DOCUMENTED.fullmatch(wish["startTime"]):
            return self.no("000105", "startTime")
        if self.filters and "transactionId" in wish:
            found = [each for each in self.esims if each["transactionId"] == wish["transactionId"]]
            return self.ok({"esimList": found, "pager": {"total": len(found)}})
        if set(wish) == {"pager"}:
            found = [] if self.hidden else self.esims
            return self.ok({"esimList": found, "pager": {"pageNum": 1, "pageSize": 500, "total": len(found)}})
        return super().on_esim_query(wish)
