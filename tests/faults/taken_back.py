"""A clock that is wrong once, taken back: the books of before, of meanwhile and of after, to the cent and the month.

The machine's clock is replaced in each child, and ESIMCTL_NOW is not set: the rules of real clocks are at stake.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from unittest import mock

from tests.faults import forked
from tests.faults.forked import Ran, command
from tests.faults.operator import sales
from tests.faults.report import Report
from tests.faults.scratch import renew
from tests.faults.stories import BUY, environment
from tests.faults.verdict import equal, opened, reader

BEGUN = datetime(2026, 11, 20, 2, tzinfo=UTC)
#: what the clock says once: next month, and the end of 32 bits
WRONG = (datetime(2026, 12, 24, 2, tzinfo=UTC), datetime(2038, 1, 19, 3, 14, 8, tzinfo=UTC))
#: clocks by which nothing is written: a machine without one, and one that stands before the books begin
UNSET = (datetime(1970, 1, 1, 0, 0, 5, tzinfo=UTC), BEGUN - timedelta(days=3))
TOPUP = ("topup", "phone", "--amount", "2USD", "--yes", "--json")
PRICE, MOST = 200, 4  #: minor units of a top-up, and how many a day has room for

HOUR = timedelta(hours=1)

Change = Callable[[], None]


def standing(now: datetime) -> Change:
    """The machine's clock says this, in a child."""

    def change() -> None:
        from esimctl.profile.opened import Clock

        Clock.now = lambda _self: now  # type: ignore[method-assign]

    return change


def taken_back(place: Path, report: Report, changes: Sequence[Change], *, first: bool = False) -> None:
    """Every wrong time over one home; what is violated is put into the report."""
    template = place / "real"
    template.mkdir(mode=0o700)
    for words in (BUY, TOPUP):
        ran = at(template, BEGUN, words)
        if ran.code != 0:
            raise RuntimeError(f"the home of the clocks cannot be made: {ran}")
    limit(template)
    for wrong in WRONG:
        home = renew(place / "home", template)
        for violation in story(home, wrong, report, changes):
            report.violated(f"taken back from {wrong:%Y-%m-%d}", violation)
        if first and report.violations:
            return


def at(home: Path, now: datetime, words: Sequence[str], changes: Sequence[Change] = ()) -> Ran:
    """One command by a clock that says `now`."""
    environ = environment(home)
    del environ["ESIMCTL_NOW"]
    return forked.run(command(*words), home.parent, environ, before=(*changes, standing(now)))


def limit(home: Path) -> None:
    """A day has room for so many top-ups beside the line itself."""
    with believing(BEGUN):
        store = opened(real(home)).store
        bought = sum(sale.charges[0][0] for sale in sales(home) if sale.kind == "new")
        with store.locked(5.0, "limit"):
            store.profile.edit(lambda doc: doc["settings"].update(limits={"per_day": most(bought)}))


def most(bought: int) -> str:
    """The limit of a day as it stands in a profile."""
    return f"{(bought + MOST * PRICE) // 100}.{(bought + MOST * PRICE) % 100:02d} USD"


def story(home: Path, wrong: datetime, report: Report, changes: Sequence[Change]) -> Iterator[str]:
    """One purchase by the wrong clock and one after it, the clock taken back, one more; and what must hold then."""

    def steps(*acts: tuple[datetime, Sequence[str], tuple[int, ...]]) -> Iterator[str]:
        for now, words, codes in acts:
            report.points += 1
            report.fired += 1
            ran = at(home, now, words, changes)
            if ran.code not in codes:
                yield f"{' '.join(words[:2])} at {now} ended with {ran.code}: {ran.out[:200]}{ran.err[:200]}"

    yield from steps(
        (wrong, TOPUP, (0,)),  # the limits of another day
        (BEGUN + HOUR, TOPUP, (0,)),  # by the right clock: it stands in the future as well
        (BEGUN + HOUR, ("doctor", "--clock", wrong.date().isoformat()), (5,)),  # this machine says otherwise
        (BEGUN + 2 * HOUR, ("doctor", "--clock", BEGUN.date().isoformat()), (0, 20)),
    )
    yield from unset(home, report, changes)
    yield from steps(
        (BEGUN + 3 * HOUR, TOPUP, (0,)),
        (BEGUN + 4 * HOUR, TOPUP, (5,)),  # the day is full: what the wrong clock dated counts in it
    )
    with believing(BEGUN + 5 * HOUR):
        yield from (*reader(real(home)), *equal(real(home)))
        yield from times(home, BEGUN + 3 * HOUR)
    yield from months(home, wrong.date(), changes)


def unset(home: Path, report: Report, changes: Sequence[Change]) -> Iterator[str]:
    """By a clock that cannot be right nothing is sold and nothing written."""
    for now in UNSET:
        report.points += 1
        report.fired += 1
        before, sold = journal(home), len(sales(home))
        ran = at(home, now, TOPUP, changes)
        if ran.code != 5 or len(sales(home)) != sold or journal(home) != before:
            yield f"by a clock of {now:%Y-%m-%d}: exit {ran.code}, {len(sales(home)) - sold} sold"


def times(home: Path, last: datetime) -> Iterator[str]:
    """They never fall but where a person took them back, and what came after is dated as it was."""
    high = None
    entries = opened(real(home)).store.journal.load().entries
    for entry in entries:
        if high is not None and entry["at"] < high and entry["kind"] != "clock.set":
            yield f"entry {entry['seq']} stands before the one before it"
        high = entry["at"]
    if sum(entry["kind"] == "clock.set" for entry in entries) != 1:
        yield "the clock was not taken back once"
    if high is None or abs(high - last) >= HOUR:
        yield f"what was written last is of {high}"


def months(home: Path, wrong: date, changes: Sequence[Change]) -> Iterator[str]:
    """This month has everything; the one that was stated has what the wrong clock dated, beside."""
    now = BEGUN + 6 * HOUR
    sold = [sale.charges[0][0] for sale in sales(home)]
    for month, due in ((f"{BEGUN:%Y-%m}", sum(sold)), (f"{wrong:%Y-%m}", sum(sold[2:-1]))):
        ran = at(home, now, ("report", "--month", month, "--json"), changes)
        told = json.loads(ran.out)["report"][0]["spend"] if ran.code == 0 else ran.err
        if told != [{"amount": f"{due // 100}.{due % 100:02d}", "currency": "USD"}]:
            yield f"{month}: {told} instead of {due} cents"


def journal(home: Path) -> list[bytes]:
    """Every segment as it is."""
    return [path.read_bytes() for path in sorted((home / "profiles/default/journal").glob("*.toml"))]


def real(home: Path) -> dict[str, str]:
    """The environment of a home that is kept by the machine's clock."""
    return {key: value for key, value in environment(home).items() if key != "ESIMCTL_NOW"}


@contextmanager
def believing(now: datetime) -> Iterator[None]:
    """In this process the machine's clock says `now`."""
    from esimctl.profile.opened import Clock

    with mock.patch.object(Clock, "now", return_value=now):
        yield


__all__ = ["standing", "taken_back"]
