"""Who reads is set by a run; a test of a screen begins without anybody."""

from collections.abc import Iterator

import pytest

from esimctl.show.reader import read_by


@pytest.fixture(autouse=True)
def nobody_reads() -> Iterator[None]:
    """No reader is left from another test."""
    read_by(None)
    yield
    read_by(None)
