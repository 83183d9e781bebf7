"""A lost answer, and a clock that is two days wrong: ours or the vendor's, at the order or later. No charge is lost."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.faults.vendors import WAYS, VendorDesk, judge, opened, stage

DAYS = timedelta(days=2)
RESET = WAYS[0]


@pytest.fixture(scope="module", params=["esim-access", "airalo", "celitech"])
def template(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    return request.param, stage(request.param, tmp_path_factory.mktemp("stage"))


def ours_was_ahead(desk: VendorDesk, kind: str) -> None:
    """Two days ahead at the order, set right before the next run."""
    desk.clock.base += DAYS
    desk.ahead = DAYS
    desk.order(kind)
    desk.clock.base -= DAYS
    desk.ahead = timedelta(0)


def ours_is_ahead(desk: VendorDesk, kind: str) -> None:
    """All the time."""
    desk.clock.base += DAYS
    desk.ahead = DAYS
    desk.order(kind)


def ours_jumps_ahead(desk: VendorDesk, kind: str) -> None:
    """Right at the order, two days ahead before the next run."""
    desk.order(kind)
    desk.clock.base += DAYS
    desk.ahead = DAYS


def theirs_is_ahead(desk: VendorDesk, kind: str) -> None:
    """All the time."""
    desk.ahead = -DAYS
    desk.order(kind)


def two_days_pass(desk: VendorDesk, kind: str) -> None:
    """No clock is wrong: nobody looked for so long."""
    desk.order(kind)
    desk.clock.base += DAYS


@pytest.mark.parametrize("kind", ["new", "topup"])
@pytest.mark.parametrize("story", [ours_was_ahead, ours_is_ahead, ours_jumps_ahead, theirs_is_ahead, two_days_pass])
def test_what_was_charged_is_settled(template: tuple[str, Path], tmp_path: Path, kind: str, story: object) -> None:
    desk = opened(template[0], template[1], tmp_path)
    desk.ways = [(RESET, True)]
    story(desk, kind)  # type: ignore[operator]
    desk.heal()
    assert list(judge(desk)) == []
    assert len(desk.charges()) == 1
    (order,) = desk.orders()
    assert order.state == "settled"
