"""The key sets of recommendations. Keys may be added with a new line here; none may go."""

from esimctl.documents.advice import PurchaseRow
from esimctl.documents.kinds import kinds
from esimctl.documents.schemas import Nullable, table

WAY = ["purchases", "total", "covers_bytes", "wasted_bytes"]


def test_recommendation() -> None:
    found = table("recommendation")
    assert list(found) == [
        "from", "days", "need_bytes", "currency", *WAY, "optimal", "complete", "reason", "runner_up", "if_generous",
        "rates", "candidates", "assumes", "persons", "compared", "left_out", "fewer", "cheapest", "without_promotions",
        "carrier", "left", "elsewhere", "on_top", "estimate",
    ]  # fmt: skip
    assert list(kinds(PurchaseRow)) == [
        "plan", "at", "price", "converted", "promotion", "data_bytes", "validity", "provider", "by_use", "persons",
        "example", "seen", "retrieved", "stale",
    ]  # fmt: skip
    assert list(found["left_out"][0]) == ["currency", "rows"]
    beside = {
        "fewer": ["more", "optimal"],
        "cheapest": ["saves", "optimal"],
        "without_promotions": ["more", "optimal", "complete"],
        "elsewhere": ["saves", "optimal"],
        "runner_up": ["without", "reason"],
        "if_generous": ["saves"],
    }
    for key, more in beside.items():
        assert isinstance(found[key], Nullable)
        assert list(found[key].table) == [*WAY, *more]
