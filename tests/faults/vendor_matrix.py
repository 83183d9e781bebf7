"""Every fault of an answer × what vendors' newest texts allow × before and after × buy and topup × the vendors."""

import itertools
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from tests.faults.forked import run as run_forked
from tests.faults.matrix import Cell, count
from tests.faults.report import Report
from tests.faults.scratch import scratch
from tests.faults.vendors import CODES, WAYS, Way, judge, opened, stage
from tests.vendors.armed import Armed

KINDS = ("new", "topup")
_COMMON = (
    (), ("late-rows",), ("no-deduplication",), ("deposits",), ("others",), ("late-rows", "no-deduplication"),
    ("late-rows", "deposits"), ("no-deduplication", "deposits", "others"),
)  # fmt: skip
#: api → what is armed together
ARMS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "esim-access": (
        *_COMMON, ("own-ids",), ("newest-codes",), ("other-times",), ("own-ids", "late-rows", "no-deduplication"),
        ("newest-codes", "late-rows", "deposits"), ("own-ids", "newest-codes", "other-times", "others"),
        ("own-ids", "late-rows", "no-deduplication", "deposits", "other-times"),
    ),
    "airalo": (
        *_COMMON, ("own-ids",), ("newest-codes",), ("other-times",), ("discounts",), ("texts",), ("discounts", "texts"),
        ("own-ids", "late-rows"), ("own-ids", "late-rows", "deposits", "other-times"),
        ("discounts", "texts", "others", "other-times"),
    ),
    # its key is honoured by its word, and it tells no balance: who forgets keys and lists late cannot be told from one
    # who did nothing
    "celitech": (
        *(names for names in _COMMON if names != ("late-rows", "no-deduplication")), ("own-ids",), ("newest-codes",),
        ("other-times",), ("own-ids", "late-rows"), ("newest-codes", "late-rows"),
        ("own-ids", "newest-codes", "other-times", "others"),
    ),
}  # fmt: skip


def vendor_layer(
    *,
    apis: Sequence[str] = tuple(ARMS),
    every: int = 1,
    required: int = 400,
    changes: Sequence[Callable[[], None]] = (),
    first: bool = False,
) -> Report:
    """All cells, or every so many-th. With `changes` they run in a child, so that seeded bugs stay there."""
    report = Report("vendor-matrix", required)
    with scratch() as place:
        told, inner = place / "told", place / "inner"
        inner.mkdir()
        act = lambda: _all(inner, told, apis, every, first=first)  # noqa: E731
        ran = run_forked(act, place, dict(os.environ), before=changes)
        if ran.code != 0:
            report.violated("harness", ran.err[-1500:])
            return report
        count(report, told)
    return report


def _all(place: Path, told: Path, apis: Sequence[str], every: int, *, first: bool) -> int:
    with told.open("w", buffering=1) as out:
        for api in apis:
            template = stage(api, place)
            for fired, bad in _cells(api, template, place, every):
                out.write(f"cell\t{int(fired)}\n")
                out.writelines(f"bad\t{violation}\n" for violation in bad)
                if first and bad:
                    return 0
    return 0


def _cells(api: str, template: Path, place: Path, every: int) -> Iterator[Cell]:
    whole = itertools.product(ARMS[api], (*WAYS, *CODES.get(api, ())), KINDS, (False, True))
    for armed, way, kind, executed in itertools.islice(whole, 0, None, every):
        yield cell(api, template, place, armed, way, kind, executed=executed)


def cell(api: str, template: Path, place: Path, armed: Sequence[str], way: Way, kind: str, *, executed: bool) -> Cell:
    """One purchase whose first answer is broken, and everything that follows."""
    desk = opened(api, template, place, Armed(frozenset(armed)))
    desk.ways = [(way, executed)]
    code = desk.order(kind)
    bad = [] if code in {0, 3, 4, 5, 75, 77} else [f"exit {code}"]
    if code == 0 and not desk.charges():
        bad.append("exit 0 without a charge")
    desk.heal()
    bad += judge(desk, refused=way.refuses)
    where = f"{api} {'+'.join(armed) or 'plain'} {way.name} {kind} {'after' if executed else 'before'}"
    return desk.fired > 0, [f"{where}: {each}" for each in bad]


__all__ = ["ARMS", "vendor_layer"]
