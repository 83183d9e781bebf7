"""A profile with an account at Airalo, whose vendor runs on loopback."""

from collections.abc import Iterator

import pytest

from tests.conftest import Runner
from tests.providers.fakes.airalo import CLIENT_ID, CLIENT_SECRET, AiraloVendor
from tests.providers.fakes.run import Shop
from tests.vendors.wire import serving


@pytest.fixture
def shop(run: Runner) -> Iterator[Shop]:
    with serving(AiraloVendor()) as served:
        environ = {
            "ESIMCTL_AIRALO_CLIENT_ID": CLIENT_ID,
            "ESIMCTL_AIRALO_CLIENT_SECRET": CLIENT_SECRET,
            "ESIMCTL_AIRALO_BASE_URL": served.url,
        }
        yield Shop(run, served, "airalo", environ).open()
