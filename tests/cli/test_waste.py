"""What lapsed unused is told in the month of its own end and at what was paid for it, whoever looked meanwhile."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.conftest import Runner

GB = 10**9
FIRST = datetime(2026, 5, 1, 9)  # noqa: DTZ001 (the offset is written behind it)
LATER = 160  #: days after the first purchase: all five terms of thirty days are over
MONTHS = ("2026-05", "2026-06", "2026-07", "2026-08", "2026-09")
Row = dict[str, Any]
Look = Callable[[Runner, float], None]


def day(number: float) -> str:
    """So many days after the first of May, nine in the morning in Phnom Penh."""
    return f"{(FIRST + timedelta(days=number)).isoformat()}+07:00"


def done(run: Runner, *words: str, at: float) -> None:
    outcome = run(*words, now=day(at))
    assert outcome.code == 0, outcome.err


def reported(run: Runner, at: float = LATER) -> dict[str, Row]:
    """Month → its row of the line `a`."""
    document = run("report", "--month", "2026-12", "--months", "8", "--by", "line", "--json", now=day(at)).json
    return {row["month"]: row for row in document["report"] if row["group"] == "a"}


def wasted(run: Runner, at: float = LATER) -> dict[str, tuple[int | None, list[str]]]:
    """Month → octets that lapsed in it, and what they had cost; months without any are left out."""
    return {
        month: (row["wasted_bytes"], [f"{one['amount']} {one['currency']}" for one in row["wasted_money"]])
        for month, row in reported(run, at).items()
        if row["wasted_bytes"] != 0 or row["unknown"]["wasted"]
    }


def five_terms(run: Runner, look: Look, when: tuple[float, ...], *, counter: bool = False) -> None:
    """20 GB for 4 USD, renewed four times just before the end of the term; looks in between."""
    words = () if counter else ("--provider", "sandbox")
    for term in range(5):
        paid = ("--paid", f"r{term}") if counter else ()
        if term:
            done(run, "renew", "a", "--yes", *paid, at=30 * term - 0.01)
        else:
            done(run, "buy", "cellcard-data-30d", "--name", "a", "--yes", *words, *paid, at=0)
        for offset in when:
            if 0 < offset - 30 * term < 29.9 or (term == 4 and offset > 149.9):
                look(run, offset)


def ask(run: Runner, at: float) -> None:
    done(run, "balance", "--refresh", "-q", at=at)


def nobody(run: Runner, at: float) -> None:
    raise AssertionError("nobody looks")


LOOKS = {
    "never": (),
    "once, at the end": (151.0,),
    "once, at the beginning": (1.0,),
    "each month": (1.0, 31.0, 61.0, 91.0, 121.0, 151.0),
    "before each renewal": (29.8, 59.8, 89.8, 119.8, 149.8),
    "now and then": (40.0, 100.0),
}
EACH = dict.fromkeys(MONTHS, (20 * GB, ["4.00 USD"]))


@pytest.mark.parametrize("when", LOOKS.values(), ids=LOOKS.keys())
def test_the_same_orders_give_the_same_report_whenever_somebody_looked(run: Runner, when: tuple[float, ...]) -> None:
    """Five terms of 20 GB, nothing used: 20 GB for 4.00 in each of five months, known in full."""
    five_terms(run, ask, when)
    assert wasted(run) == EACH
    rows = reported(run)
    assert [(rows[month]["used_bytes"], rows[month]["carried_bytes"]) for month in MONTHS] == [(0, 0)] * 5
    assert not any(any(row["unknown"].values()) for row in rows.values())


@pytest.mark.parametrize("when", [(), (151.0,)], ids=["never", "at the end"])
def test_use_in_one_term_lessens_the_waste_of_that_term(run: Runner, when: tuple[float, ...]) -> None:
    """5 GB of July's term: by the operator's own records, whether somebody looked or not."""
    five_terms(run, ask, when)
    done(run, "sandbox", "use", "a", "5GB", "--at", day(70), at=152)
    assert wasted(run) == {**EACH, "2026-07": (15 * GB, ["3.00 USD"])}
    assert reported(run)["2026-07"]["used_bytes"] == 5 * GB


def test_each_term_at_what_was_paid_for_it(run: Runner) -> None:
    """A renewal with another plan before the end: what lapses then is the older pack, at its own price."""
    done(run, "buy", "cellcard-data-30d", "--name", "a", "--yes", "--provider", "sandbox", at=0)
    renewed = run("renew", "a", "--plan", "cellcard-data-10d", "--yes", "--json", now=day(25)).json["order"]
    price, told = renewed["price"]["amount"], wasted(run)
    assert price != "4.00"
    assert told == {"2026-05": (20 * GB, ["4.00 USD"]), "2026-06": (15 * GB, [f"{price} USD"])}


@pytest.mark.parametrize("looks", [(), (33.0, 65.0, 200.0)], ids=["never", "sometimes"])
def test_what_rolls_over_is_wasted_when_it_lapses_in_the_end(run: Runner, looks: tuple[float, ...]) -> None:
    """Renewed once in time: 20 GB go on, and lapse six months after; the month of the renewal wasted nothing."""
    done(run, "buy", "demo-monthly-20gb", "--name", "a", "--yes", at=0)
    done(run, "renew", "a", "--yes", at=30)
    for at in looks:
        ask(run, at)
    rows = reported(run, 240)
    assert rows["2026-05"]["wasted_bytes"] == 0
    assert sum(row["carried_bytes"] for row in rows.values()) == 20 * GB
    told = wasted(run, 240)
    assert sum(octets or 0 for octets, _ in told.values()) == 40 * GB
    assert [cost for _, cost in told.values()] in ([["18.00 USD"]], [["9.00 USD"], ["9.00 USD"]])


@pytest.mark.parametrize(
    ("when", "known"),
    [
        ((), {}),
        ((151.0,), {"2026-09": (20 * GB, ["4.00 USD"])}),
        ((40.0, 100.0), {"2026-06": (20 * GB, ["4.00 USD"]), "2026-08": (20 * GB, ["4.00 USD"])}),
        ((1.0, 31.0, 61.0, 91.0, 121.0), EACH),
    ],
    ids=["never", "after all", "in the second and the fourth", "in every"],
)
def test_at_a_counter_a_term_without_a_look_is_unknown_and_not_nothing(
    run: Runner, when: tuple[float, ...], known: dict[str, Any]
) -> None:
    """Nobody else counts: null with a note in the month of the end, and what was used in it is not known either."""

    def read(run: Runner, at: float) -> None:
        done(run, "usage", "record", "a", "--remaining", "20GB" if at < 150 else "0GB", at=at)

    five_terms(run, read, when, counter=True)
    if when == (151.0,):
        known = {}  # after the end nothing is left, which says nothing of what was used before
    rows = reported(run)
    assert wasted(run) == {**dict.fromkeys(MONTHS, (None, [])), **known}
    for month in MONTHS:
        assert rows[month]["unknown"]["wasted"] == (month not in known)
    if len(known) < 5:
        assert rows["2026-07"]["unknown"]["used"] == 1
        assert "loss unknown" in run("report", "--month", "2026-07", "-o", "table", now=day(LATER)).out


def test_use_that_a_look_finds_lies_in_the_term_of_the_bucket(run: Runner) -> None:
    """15 GB are gone in the fifth term, of which nobody had seen anything: they were used in that term."""

    def read(run: Runner, at: float) -> None:
        done(run, "usage", "record", "a", "--remaining", "5GB", at=at)

    five_terms(run, read, (121.0,), counter=True)
    rows = reported(run)
    assert rows["2026-08"]["used_bytes"] == 15 * GB
    assert (rows["2026-09"]["wasted_bytes"], rows["2026-06"]["used_bytes"]) == (5 * GB, None)


@pytest.mark.parametrize(
    ("when", "told"),
    [((), dict.fromkeys(MONTHS, (None, []))), ((151.0,), EACH), ((1.0, 31.0, 61.0, 91.0, 121.0, 151.0), EACH)],
    ids=["never", "at the end", "each month"],
)
def test_an_operator_that_is_gone_leaves_its_readings(
    run: Runner, when: tuple[float, ...], told: dict[str, Any]
) -> None:
    """With its books away readings are all there is: what they counted lapsed at the ends that the orders tell."""
    five_terms(run, ask, when)
    done(run, "sandbox", "reset", "--yes", at=152)
    assert wasted(run) == told
