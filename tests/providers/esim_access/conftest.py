"""A profile with an account at eSIM Access, whose vendor runs on loopback."""

from collections.abc import Iterator

import pytest

from tests.conftest import Runner
from tests.providers.fakes.esim_access import ACCESS_CODE, EsimAccessVendor
from tests.providers.fakes.run import Shop
from tests.vendors.wire import serving


@pytest.fixture
def shop(run: Runner) -> Iterator[Shop]:
    with serving(EsimAccessVendor()) as served:
        environ = {"ESIMCTL_ESIM_ACCESS_ACCESS_CODE": ACCESS_CODE, "ESIMCTL_ESIM_ACCESS_BASE_URL": served.url}
        yield Shop(run, served, "esim-access", environ).open()
