"""An account at a vendor whose credentials are not given yet."""

from collections.abc import Iterator

import pytest

from tests.conftest import Runner
from tests.providers.fakes.run import Shop
from tests.vendors.accounts import address
from tests.vendors.served import double
from tests.vendors.wire import serving

ACCESS_CODE = "canary-access-code-7f31"


@pytest.fixture
def shop(run: Runner, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """It takes ACCESS_CODE."""
    with serving(double("esim-access", tmp_path_factory.mktemp("vendor"))) as served:
        served.vendor.arms.access_code = ACCESS_CODE
        yield Shop(run, served, "esim-access", {address("esim-access"): served.url}).open()
