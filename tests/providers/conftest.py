"""What tests of all vendors are given."""

import pytest

from tests.providers.fakes.matrix import hurry


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits between two questions."""
    hurry(monkeypatch)
