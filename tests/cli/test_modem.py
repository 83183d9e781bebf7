"""`usage modem`: a reply by USSD or SMS is read like a pasted one; nothing that costs money is dialled."""

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from esimctl.errors import Unreachable
from esimctl.providers.modem import Modem, same_sim, stamp
from tests.cli.conftest import ICCID
from tests.conftest import Outcome, Runner
from tests.providers.fakes.modem import SERVICE, DBusError, Radio, bus, radio
from tests.tools import needs

GB = 10**9
needs_a_bus = needs("dbus-daemon", "dbus")
Asking = Callable[..., Outcome]


@pytest.fixture
def sim(run: Runner, modem: Radio) -> Asking:
    """A Smart line with 15 GB whose SIM is in the modem."""
    words = ("lines", "add", "sim", "--provider", "manual", "--carrier", "smart", "--plan", "smart-laor-7d")
    assert run(*words, "--iccid", ICCID).code == 0

    def asking(*words: str, line: str = "sim", **more: Any) -> Outcome:
        return run("usage", "modem", line, *words, env={"DBUS_SYSTEM_BUS_ADDRESS": modem.address}, **more)

    return asking


@needs_a_bus
def test_the_balance_is_dialled_and_read(sim: Asking, modem: Radio, run: Runner) -> None:
    """The carrier's own code; the reply is kept with its source."""
    modem.ussd.replies["*888#"] = "Main balance: $1.25. Data: 9.5GB, expires 27/11/2026."
    done = sim("--json")
    assert done.code == 0, done
    (reading,) = done.json["readings"]
    assert (reading["remaining_bytes"], reading["source"]) == (9_500_000_000, "ussd")
    assert reading["main_balance"] == {"amount": "1.25", "currency": "USD"}
    assert modem.ussd.dialled == ["*888#"]
    left = run("balance", "sim", "--json").json["lines"][0]["data"]["remaining_bytes"]
    assert left == 9_500_000_000


@needs_a_bus
def test_a_reply_in_khmer_that_no_pattern_knows_stays_unknown(sim: Asking, modem: Radio) -> None:
    """It is kept as it came, control characters made visible."""
    modem.ussd.replies["*888#"] = "សួស្តី\x1b[31m ៥ ជីហ្គាបៃ"
    done = sim()
    assert (done.code, "\x1b" in done.out + done.err, "សួស្តី␛" in done.err) == (20, False, True)


@needs_a_bus
def test_a_menu_is_never_answered(sim: Asking, modem: Radio) -> None:
    """The session is ended, the text is kept, nothing is chosen."""
    modem.ussd.replies["*888#"], modem.ussd.menu = "1. Buy data 2. Balance", True
    done = sim()
    assert (done.code, modem.ussd.cancelled, modem.ussd.dialled) == (20, 1, ["*888#"])
    assert "the reply is a menu; nothing was chosen from it" in done.err


@needs_a_bus
@pytest.mark.parametrize("code", ["*1203*12345678901234#", "*1710*150*1#", "#6767#200#", "*911#", "1204"])
def test_codes_that_may_cost_money_are_not_dialled(sim: Asking, modem: Radio, code: str) -> None:
    """A voucher, a pack, a gift, a loan: exit 2, the modem hears nothing."""
    done = sim("--code", code)
    assert (done.code, modem.ussd.dialled) == (2, [])
    assert "is not known as a code that only reads" in done.err


@needs_a_bus
def test_another_code_that_only_reads_is_dialled(sim: Asking, modem: Radio) -> None:
    """The common code of all operators in the country."""
    modem.ussd.replies["*1201#"] = "Main balance: 5,000៛."
    done = sim("--code", "*1201#", "--json")
    assert done.json["readings"][0]["main_balance"] == {"amount": "5000", "currency": "KHR"}


@needs_a_bus
@pytest.mark.parametrize(
    ("name", "code", "word"),
    [
        ("Error.MobileEquipment.NetworkTimeout", 69, "network_timeout"),
        ("Error.Core.Unauthorized", 77, "modem_denied"),
        ("Error.Core.InProgress", 75, "modem_busy"),
        ("Error.Core.Unsupported", 3, "modem_refused"),
    ],
)
def test_what_the_modem_says_no_with(sim: Asking, modem: Radio, name: str, code: int, word: str) -> None:
    """Each error of ModemManager has its class; nothing is recorded."""
    modem.ussd.replies["*888#"] = DBusError(f"{SERVICE}.{name}", "said \x1b[31mno")
    done = sim("--json")
    assert (done.code, done.json["error"]["code"]) == (code, word)
    assert "\x1b" not in done.out


@needs_a_bus
def test_a_network_that_does_not_answer_is_left_after_a_while(modem: Radio) -> None:
    """The session is ended, so that the next one finds the modem idle."""
    modem.ussd.replies["*888#"], modem.ussd.delay = "late", 0.6
    asked = Modem(modem.address, network=0.1)
    try:
        asked.choose(ICCID)
        with pytest.raises(Unreachable):
            asked.dial("*888#")
    finally:
        asked.close()
    assert modem.ussd.cancelled == 1


@needs_a_bus
def test_a_session_of_another_program_is_left_alone(sim: Asking, modem: Radio) -> None:
    modem.ussd.state = 2
    done = sim()
    assert (done.code, modem.ussd.dialled, modem.ussd.cancelled) == (75, [], 0)


@needs_a_bus
def test_the_sms_of_the_carrier_are_read_and_those_of_people_are_not(sim: Asking, modem: Radio) -> None:
    """Dated by the network, counted once, a friend's sentence about data is no reading."""
    modem.receive("You have 9.5 GB of data left, valid until 27/11/2026 23:59.", "Smart", "2026-11-20T10:00:00+07")
    modem.receive("You have 1 GB of data left, valid until 27/11/2026 23:59.", "+85512345678", "2026-11-20T10:01:00+07")
    modem.receive("You have 2 GB of data left, valid until 27/11/2026 23:59.", "Smart", "2026-11-20T10:02:00+07", 5)
    done = sim("--sms", "--json", now="2026-11-20T12:00:00+07:00")
    assert done.code == 0, done
    assert [(row["remaining_bytes"], row["at"]) for row in done.json["readings"]] == [
        (9_500_000_000, "2026-11-20T03:00:00Z")
    ]
    again = sim("--sms", "--json", now="2026-11-20T13:00:00+07:00")
    assert (again.json["recorded"], again.json["duplicates"]) == (0, 1)


@needs_a_bus
def test_a_modem_with_another_sim_is_not_asked(sim: Asking, modem: Radio, run: Runner) -> None:
    """The line's ICCID must be the SIM's."""
    words = ("lines", "add", "other", "--provider", "manual", "--carrier", "smart", "--iccid", "8985502000000000026")
    assert run(*words).code == 0
    done = sim("--json", line="other")
    assert (done.code, done.json["error"]["code"], modem.ussd.dialled) == (3, "wrong_sim", [])


@needs_a_bus
def test_of_several_modems_the_one_with_the_sim_is_asked(tmp_path: Path, run: Runner) -> None:
    """Without an ICCID nobody can say which."""
    for name, more in (("sim", ("--iccid", ICCID)), ("bare", ())):
        assert run("lines", "add", name, "--provider", "manual", "--carrier", "smart", *more).code == 0
    with radio(tmp_path / "bus", ICCID, "8985502000000000026") as made:
        made.ussd.replies["*888#"] = "Main balance: $2."
        environ = {"DBUS_SYSTEM_BUS_ADDRESS": made.address}
        assert run("usage", "modem", "sim", env=environ).code == 0
        assert run("usage", "modem", "bare", "--json", env=environ).json["error"]["code"] == "several_modems"


@needs_a_bus
def test_no_bus_no_service_and_no_modem_are_69(tmp_path: Path, run: Runner) -> None:
    """Each says what is missing."""
    assert run("lines", "add", "sim", "--provider", "manual", "--carrier", "smart").code == 0
    nowhere = {"DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={tmp_path / 'nothing'}"}
    assert run("usage", "modem", "sim", "--json", env=nowhere).json["error"]["code"] == "no_bus"
    with bus(tmp_path / "bus") as address:
        done = run("usage", "modem", "sim", "--json", env={"DBUS_SYSTEM_BUS_ADDRESS": address})
        assert (done.code, done.json["error"]["code"]) == (69, "no_modemmanager")
    with radio(tmp_path / "other") as made:
        done = run("usage", "modem", "sim", "--json", env={"DBUS_SYSTEM_BUS_ADDRESS": made.address})
        assert (done.code, done.json["error"]["code"]) == (69, "no_modem")


@needs_a_bus
@needs("mmcli", "modemmanager")
def test_the_stand_in_is_taken_for_the_real_one_by_the_real_client(modem: Radio) -> None:
    """ModemManager's own command line dials through it."""
    modem.ussd.replies["*888#"] = "ទិន្នន័យនៅសល់៖ ៥GB។"
    words = ["mmcli", "-m", "any", "--3gpp-ussd-initiate=*888#"]
    environ = {"DBUS_SYSTEM_BUS_ADDRESS": modem.address, "LC_ALL": "C.UTF-8"}
    said = subprocess.run(words, env=environ, capture_output=True, text=True, timeout=20, check=False)
    assert "ទិន្នន័យនៅសល់" in said.stdout, said


def test_code_and_sms_exclude_each_other(run: Runner) -> None:
    assert run("usage", "modem", "sim", "--code", "*888#", "--sms").code == 2


def test_a_line_of_an_unknown_carriers_code_is_told_the_other_way(run: Runner) -> None:
    """No code that reads is known: paste the reply."""
    assert run("lines", "add", "thai", "--provider", "manual", "--carrier", "truemove").code == 0
    done = run("usage", "modem", "thai")
    assert done.code == 2
    assert "usage import thai" in done.err


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (ICCID, ICCID, True),
        (ICCID, ICCID + "F", True),
        (ICCID, ICCID[:-1], True),
        (ICCID, "8985502000000000026", False),
        (ICCID, None, False),
        (ICCID, "", False),
    ],
)
def test_a_sim_is_known_by_its_number(one: str, other: str | None, same: bool) -> None:
    assert same_sim(one, other) is same


def test_the_time_of_an_sms_needs_its_offset() -> None:
    found = stamp("2026-11-20T10:00:00+07")
    assert found is not None
    assert found.isoformat() == "2026-11-20T03:00:00+00:00"
    assert stamp("2026-11-20T10:00:00") is None
    assert stamp("") is None
