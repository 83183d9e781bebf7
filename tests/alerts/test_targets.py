"""Addresses of ways out: a query that is part of one stays, and one that nobody can use is refused when it is added."""

import pytest

from tests.alerts.test_reminders import Listener, listener  # noqa: F401
from tests.autotopup.conftest import World
from tests.conftest import Outcome


def add(world: World, kind: str, confirm: str, address: str) -> Outcome:
    words = ("autotopup", "targets", "--add", "x", "--kind", kind, "--confirm", confirm, "--json")
    return world.esimctl(*words, given=address + "\n")


def test_the_query_of_a_heartbeat_address_stays(world: World, listener: Listener) -> None:  # noqa: F811
    """It may hold a token, or ask for the check to be made."""
    address = listener.address + "?create=1&token=t%2Fx"
    assert add(world, "heartbeat", "127.0.0.1", address).code == 0
    world.sweep()
    start, end = listener.asked
    assert start.startswith("/ping/abc/start?create=1&token=t%2Fx&rid=")
    assert end.startswith("/ping/abc/0?create=1&token=t%2Fx&rid=")


def test_what_ones_own_rules_refuse_is_a_run_that_did_its_work(low: World, listener: Listener) -> None:  # noqa: F811
    """As for systemd; the code stands in the words."""
    assert add(low, "heartbeat", "127.0.0.1", listener.address).code == 0
    low.esimctl("budget", "set", "--month", "0.01USD")
    assert low.ok("profile", "path").code == 0
    found = low.esimctl("autotopup", "run", "--max-price", "0.01USD")
    assert found.code == 5, found
    assert listener.asked[-1].startswith("/ping/abc/0?rid=")


@pytest.mark.parametrize("address", ["nosuch://host.example/y", "tgram://", "json://"])
def test_an_address_that_no_service_can_use_is_refused_when_it_is_added(world: World, address: str) -> None:
    """And not at the first alert that nobody gets; the address itself is not repeated."""
    part = "host.example" if "host" in address else address.partition("://")[0]
    refused = add(world, "apprise", part, address)
    assert (refused.code, refused.json["error"]["code"]) == (2, "unknown_service"), refused
    assert "/y" not in refused.out
    assert world.ok("autotopup", "targets", "--json").json["targets"] == []
