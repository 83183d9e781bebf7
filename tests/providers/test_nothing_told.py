"""An answer that holds none of the fields it was asked for is no answer, whatever else is in it; null is unknown."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from esimctl.malformed import Malformed
from esimctl.providers.airalo import answers as airalo
from esimctl.providers.celitech import answers as celitech
from esimctl.providers.esim_access import answers as esim_access
from esimctl.providers.protocol import Reading
from esimctl.providers.strict_json import Json, JsonObject

NOW = datetime(2026, 11, 21, tzinfo=UTC)
READ: dict[str, Callable[[JsonObject], Reading]] = {
    "airalo": lambda row: airalo.reading_of(row, NOW, unlimited_plan=False),
    "celitech": lambda row: celitech.reading_of(
        [(JsonObject({"id": "p1"}), row)], NOW, JsonObject({"status": "ENABLED"})
    ),
    "esim-access": lambda row: esim_access.reading_of(row, NOW),
}


@pytest.mark.parametrize("api", READ)
def test_what_tells_nothing_of_a_line_is_malformed(api: str) -> None:
    rows: list[dict[str, Json]] = [{}, {"\u00b2": {}}, {"x": 1}]
    for row in rows:
        with pytest.raises(Malformed):
            READ[api](JsonObject(row))


@pytest.mark.parametrize(
    ("api", "field"),
    [("airalo", "remaining"), ("celitech", "dataUsageRemainingInBytes"), ("esim-access", "orderUsage")],
)
def test_a_figure_that_is_null_is_unknown(api: str, field: str) -> None:
    assert READ[api](JsonObject({field: None})).remaining_bytes is None
