"""The soaks, reduced: a few days with many faults, a few weeks of a household. The whole is `python -m tests.soak`."""

import shutil
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.soak.household import Household
from tests.soak.life import Life
from tests.soak.seeded import BUGS, hunted
from tests.soak.weather import SHORT


@pytest.fixture
def home_in_memory(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A home that no disk has to wait for, where the machine has such a place."""
    shared = Path("/dev/shm")
    folder = tempfile.mkdtemp(dir=shared if shared.is_dir() else None)
    monkeypatch.setenv("ESIMCTL_HOME", f"{folder}/home")
    monkeypatch.setenv("ESIMCTL_NOW", "")  # put back when the test ends
    yield
    shutil.rmtree(folder)


@pytest.mark.slow
@pytest.mark.usefixtures("home_in_memory")
def test_spending_equals_the_model_to_the_cent_and_nothing_is_told_twice() -> None:
    found = Life(3, rate=0.6, appetite=60, step=timedelta(minutes=40)).run(110)
    assert found.model_cents == found.ledger_cents == found.operator_cents
    assert found.attempts >= 5, "something happened at all"
    assert sum(found.faults.values()) >= 3
    assert found.repeated == []


@pytest.mark.usefixtures("home_in_memory")
def test_six_weeks_of_a_household_are_as_its_own_books_say() -> None:
    found = Household(3, 0.25, SHORT).run(41)
    assert found.differences == []
    assert found.missed == []
    happened = {
        "renewal",
        "weekly",
        "router",
        "kid",
        "gifts",
        "trips",
        "dark weeks",
        "months of Saturdays",
        "wrong clocks",
        "clocks taken back",
    }
    assert set(found.seen) >= happened, "something of everything happened"
    assert found.seen["trips"] == 2, "a name was used twice"


@pytest.mark.usefixtures("home_in_memory")
@pytest.mark.parametrize("name", ["adds_before_it_renews", "looks_for_an_effect_when_it_is_over", "never_renews"])
def test_the_household_notices_a_bug(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """All of them: `python -m tests.soak seeded`."""
    found = hunted(BUGS[name], monkeypatch.setattr)
    assert found.differences
    assert (found.missed != []) is (name == "never_renews"), "a renewal that does not come is called that"
