"""Refreshing 200 lines: at most a fifth of the time of asking one by one, within the vendor's limits."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from esimctl.providers import asking
from esimctl.providers.accounts import Account, Forgetful, parse_address
from esimctl.providers.airalo.provider import open_airalo
from esimctl.providers.asking import Limit
from esimctl.providers.celitech.provider import open_celitech
from esimctl.providers.esim_access.provider import open_esim_access
from esimctl.providers.protocol import LineRef, Reading
from tests.vendors.accounts import PACK
from tests.vendors.broken import Fault
from tests.vendors.calls import Call
from tests.vendors.esim_access_rows import tran_number
from tests.vendors.face import Face
from tests.vendors.served import double
from tests.vendors.wire import Served, Vendor, serving

NOW = datetime(2026, 11, 21, tzinfo=UTC)
LATENCY = 0.05


def account(served: Served, name: str, credentials: dict[str, str]) -> Account:
    address = parse_address(served.url, "test")
    return Account(name, address, lambda: credentials, Forgetful(), Forgetful(), auth_address=address)


@pytest.fixture
def serve() -> Iterator[Callable[[Vendor], Served]]:
    opened: list[Any] = []

    def start(vendor: Vendor) -> Served:
        context = serving(vendor)
        opened.append(context)
        served: Served = context.__enter__()
        return served

    yield start
    for context in opened:
        context.__exit__(None, None, None)


def esim_access_lines(vendor: Face, count: int) -> list[LineRef]:
    sold = [each for place in range(0, count, 50) for each in vendor.sell(PACK, quantity=min(50, count - place))]
    return [LineRef(f"l{each.number}", iccid=each.iccid, reference=tran_number(each)) for each in sold]


def test_esim_access_answers_for_200_lines_from_one_list(serve: Callable[[Vendor], Served], tmp_path: Path) -> None:
    """One request instead of 200: 8 a second could never be a fifth of 10 s."""
    vendor = double("esim-access", tmp_path)
    vendor.latency = LATENCY
    provider = open_esim_access(account(serve(vendor), "esim-access", {"access_code": "any"}))
    lines = esim_access_lines(vendor, 200)
    seen: list[int] = []
    found = provider.readings(lines, datetime.now(UTC), progress=lambda count, _of: seen.append(count))
    assert all(isinstance(found[line.name], Reading) for line in lines)
    assert vendor.count("esim/query") == 1
    assert seen == list(range(1, 201))


def test_lines_that_the_list_does_not_show_are_asked_for_singly(
    serve: Callable[[Vendor], Served], tmp_path: Path
) -> None:
    """An ICCID that the vendor used again is told apart by its own number."""
    vendor = double("esim-access", tmp_path)
    provider = open_esim_access(account(serve(vendor), "esim-access", {"access_code": "any"}))
    lines = esim_access_lines(vendor, 9)

    def told(call: Call, document: Any) -> Any:
        found = document["obj"]["esimList"]
        if "startTime" in call.document:
            found = [row for row in found if row["esimTranNo"] != lines[0].reference]
        used = [row for row in found if row["iccid"] == lines[1].iccid]
        again = [{**row, "esimTranNo": "other", "orderUsage": 5} for row in used]
        return {**document, "obj": {**document["obj"], "esimList": [*found, *again]}}

    vendor.retold["esim/query"] = told
    found = provider.readings(lines, datetime.now(UTC))
    assert len(found) == 9
    assert vendor.count("esim/query") == 2, "of all, and of the one"
    again = found[lines[1].name]
    assert isinstance(again, Reading)
    assert again.used_bytes == 0


@pytest.mark.slow
def test_celitech_is_asked_about_many_lines_at_the_same_time(serve: Callable[[Vendor], Served], tmp_path: Path) -> None:
    """Three questions a line, sixteen lines at a time."""
    vendor = double("celitech", tmp_path)
    vendor.latency = LATENCY
    credentials = {"client_id": "any", "client_secret": "any"}
    provider = open_celitech(account(serve(vendor), "celitech", credentials))
    lines = [LineRef(f"l{sold.number}", iccid=sold.iccid) for _ in range(4) for sold in vendor.sell(PACK, quantity=50)]
    found = provider.readings(lines, datetime.now(UTC))
    assert len(found) == 200
    assert all(isinstance(each, Reading) for each in found.values()), found
    assert vendor.most_busy >= 8, "a fifth of the time needs five at a time"


def test_airalo_is_never_asked_faster_than_it_allows(
    serve: Callable[[Vendor], Served], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """5 a second for the whole company: 11 lines take two windows, however many threads ask."""
    vendor = double("airalo", tmp_path)
    moments: list[float] = []
    heard, one_by_one = vendor.heard, threading.Lock()

    def noted(call: Call) -> Fault | None:
        with one_by_one:
            if "/sims/" in call.path:
                moments.append(time.monotonic())
            return heard(call)

    monkeypatch.setattr(vendor, "heard", noted)
    slots: list[int] = []
    free = asking._free

    def given(taken: Sequence[int], limit: Limit, now: int) -> int:
        slot = free(taken, limit, now)
        if limit.most == 5:
            slots.append(slot)
        return slot

    monkeypatch.setattr(asking, "_free", given)
    provider = open_airalo(account(serve(vendor), "airalo", {"client_id": "any", "client_secret": "any"}))
    lines = [LineRef(f"l{sold.number}", iccid=sold.iccid) for sold in vendor.sell(PACK, quantity=11)]
    found = provider.readings(lines, NOW)
    assert len(found) == 11
    # what is paced is the sending: on a busy machine one request is longer on its way than another
    assert len(slots) == 11
    assert all(slots[place + 5] - slots[place] >= 1_000_000 for place in range(len(slots) - 5))
    assert all(moment >= slot / 1e6 for moment, slot in zip(moments, sorted(slots), strict=True))
    assert all(later >= earlier for earlier, later in pairwise(moments))
