"""A profile with an account at Celitech, whose vendor runs on loopback."""

from collections.abc import Iterator

import pytest

from tests.conftest import Runner
from tests.providers.fakes.celitech import CLIENT_ID, CLIENT_SECRET, CelitechVendor
from tests.providers.fakes.run import Shop
from tests.vendors.wire import serving


@pytest.fixture
def shop(run: Runner) -> Iterator[Shop]:
    with serving(CelitechVendor()) as served:
        environ = {
            "ESIMCTL_CELITECH_CLIENT_ID": CLIENT_ID,
            "ESIMCTL_CELITECH_CLIENT_SECRET": CLIENT_SECRET,
            "ESIMCTL_CELITECH_BASE_URL": served.url,
        }
        yield Shop(run, served, "celitech", environ).open()
