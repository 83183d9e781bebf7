"""The forecast against what really happened: better than a flat mean where weekdays differ, elsewhere not worse.

The whole table is printed by `python -m tests.bench forecast`; the lives are the same on every machine.
"""

import pytest

from tests.bench.forecast import RHYTHMS, held, score

LIVES = 300


@pytest.mark.parametrize("noise", [0.2, 0.4])
@pytest.mark.parametrize("rhythm", RHYTHMS)
def test_days_left_against_a_flat_mean(rhythm: str, noise: float) -> None:
    found = score(RHYTHMS[rhythm], noise, LIVES)
    print(f"{rhythm}, noise {noise}: forecast {found.profile:.3f} days off, flat mean {found.flat:.3f}")
    assert held(rhythm, found), found


def test_a_clear_rhythm_is_worth_a_fifth_of_the_error() -> None:
    found = score(RHYTHMS["weekends"], 0.2, LIVES)
    assert found.profile < 0.8 * found.flat, found
