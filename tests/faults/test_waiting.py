"""A 503 that says how long to wait is waited for; what it asks for beyond the deadline is left to a later run."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from esimctl.providers.protocol import Answer
from tests.faults.scratch import scratch
from tests.faults.vendors import WAYS, VendorDesk, opened, stage

(BUSY,) = (way for way in WAYS if way.name == "503-retry-after")


@pytest.fixture(scope="module")
def ready() -> Iterator[tuple[Path, Path]]:
    with scratch() as place:
        yield stage("esim-access", place), place


class Timed(VendorDesk):
    """Notes when each question was asked after the order."""

    def exchange(self, _client: object, method: str, url: str, **more: Any) -> Answer:
        if self.posts and "/esim/query" in url:
            self.asked.append(self.hurried.ahead)
        return super().exchange(_client, method, url, **more)


@pytest.mark.parametrize(("deadline", "asks"), [("20", True), ("4", False)])
@pytest.mark.parametrize("executed", [False, True])
def test_it_is_waited_for(ready: tuple[Path, Path], deadline: str, asks: bool, executed: bool) -> None:
    """Five seconds: nothing is asked before; with four seconds in all nothing is asked in this run."""
    template, place = ready
    desk = opened("esim-access", template, place)
    desk.__class__ = Timed
    desk.asked: list[float] = []
    desk.environ["ESIMCTL_DEADLINE"] = deadline
    desk.ways = [(BUSY, executed)]
    code = desk.order("new")
    assert bool(desk.asked) is asks
    assert all(at >= 5 for at in desk.asked)
    assert code == (0 if asks and executed else 4)
