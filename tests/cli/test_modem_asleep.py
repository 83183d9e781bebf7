"""`usage modem` on a modem that is not awake: what it needs is said with the command, and nobody waits for nothing."""

import pytest

from tests.cli.conftest import ICCID
from tests.cli.test_modem import needs_a_bus
from tests.conftest import Outcome, Runner
from tests.providers.fakes.modem import Radio


def ask(run: Runner, modem: Radio, *words: str) -> Outcome:
    sort = ("--provider", "manual", "--carrier", "smart", "--data", "15GB", "--days", "7", "--price", "1.50USD")
    assert run("lines", "add", "sim", *sort, "--iccid", ICCID).code == 0
    return run("usage", "modem", "sim", *words, env={"DBUS_SYSTEM_BUS_ADDRESS": modem.address})


@needs_a_bus
@pytest.mark.parametrize("way", [(), ("--sms",)])
@pytest.mark.parametrize(
    ("state", "code", "said", "hint"),
    [
        (3, 78, "the modem is disabled", "mmcli -m 0 -e"),
        (2, 78, "the SIM in the modem is locked", "mmcli -m 0"),
        (-1, 78, "the modem is out of order", "mmcli -m 0"),
        (5, 75, "the modem is getting ready", ""),
    ],
)
def test_it_says_what_it_needs(
    run: Runner, modem: Radio, state: int, code: int, said: str, hint: str, way: tuple[str, ...]
) -> None:
    """Its USSD session has no state then, which is no session of somebody else's."""
    modem.modems[0].state, modem.ussd.state = state, 0
    outcome = ask(run, modem, *way)
    assert (outcome.code, said in outcome.err, hint in outcome.err) == (code, True, True), outcome
    assert "another USSD session" not in outcome.err
    assert modem.ussd.dialled == []


@needs_a_bus
def test_one_that_searches_is_asked_all_the_same(run: Runner, modem: Radio) -> None:
    """Enabled, searching, registered: the network decides what comes of it."""
    modem.modems[0].state = 7
    modem.ussd.replies["*888#"] = "Main balance: $1.25. Data: 9.5GB, expires 27/11/2026."
    assert ask(run, modem).code == 0
