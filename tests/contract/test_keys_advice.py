"""The key sets of recommendations. Keys may be added with a new line here; none may go."""

from esimctl.documents.advice import LeftOutRow, PurchaseRow, RecommendationDocument
from esimctl.documents.kinds import kinds

WAY = ["purchases", "total", "covers_bytes", "wasted_bytes"]


def test_recommendation() -> None:
    found = kinds(RecommendationDocument)
    assert list(found) == [
        "from", "days", "need_bytes", "currency", *WAY, "optimal", "complete", "reason", "runner_up", "if_generous",
        "rates", "candidates", "assumes", "persons", "compared", "left_out", "fewer", "cheapest", "without_promotions",
        "carrier", "left", "elsewhere", "on_top", "estimate",
    ]  # fmt: skip
    assert list(kinds(PurchaseRow)) == [
        "plan", "at", "price", "converted", "promotion", "data_bytes", "validity", "provider", "by_use", "persons",
        "example", "seen", "retrieved", "stale",
    ]  # fmt: skip
    assert list(kinds(LeftOutRow)) == ["currency", "rows"]
    beside = {
        "fewer": ["more", "optimal"],
        "cheapest": ["saves", "optimal"],
        "without_promotions": ["more", "optimal", "complete"],
        "elsewhere": ["saves", "optimal"],
        "runner_up": ["without", "reason"],
        "if_generous": ["saves"],
    }
    for key, more in beside.items():
        way = found[key].document
        assert way is not None
        assert found[key].null
        assert list(kinds(way)) == [*WAY, *more]
