"""A profile with an account at eSIM Access, whose double runs on loopback with books of its own."""

from collections.abc import Iterator

import pytest

from tests.conftest import Runner
from tests.providers.fakes.run import Shop
from tests.vendors.accounts import CREDENTIALS, address
from tests.vendors.esim_access_shelf import esim_access
from tests.vendors.wire import serving


@pytest.fixture
def shop(run: Runner, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with serving(esim_access(tmp_path_factory.mktemp("vendor"))) as served:
        yield Shop(run, served, "esim-access", {**CREDENTIALS, address("esim-access"): served.url}).open()
