"""A profile with an account at Airalo, whose double runs on loopback with books of its own."""

from collections.abc import Iterator

import pytest

from tests.conftest import Runner
from tests.providers.fakes.run import Shop
from tests.vendors.accounts import CREDENTIALS, address
from tests.vendors.served import double
from tests.vendors.wire import serving


@pytest.fixture
def shop(run: Runner, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with serving(double("airalo", tmp_path_factory.mktemp("vendor"))) as served:
        yield Shop(run, served, "airalo", {**CREDENTIALS, address("airalo"): served.url}).open()
