"""Children are forked from this process: what they need is loaded once."""

import pytest

from tests.faults.crash import warm


@pytest.fixture(scope="session", autouse=True)
def warmed() -> None:
    """See `warm`: without it the k-th call would not be the same call in every child."""
    warm()
