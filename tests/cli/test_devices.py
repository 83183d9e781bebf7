"""Can this device take an eSIM: yes, no or look at the device, always with a reason."""

from pathlib import Path

import pytest

from esimctl.catalogue.devices import devices, fold
from tests.conftest import Runner, tree

EID = "89049032123451234512345678901235"


def test_the_table_is_ours_sourced_and_unambiguous() -> None:
    rows = devices()
    assert len(rows) >= 60
    assert all(row.source and row.as_of and row.note for row in rows)
    names: dict[str, str] = {}
    for row in rows:
        for name in row.every_name:
            assert names.setdefault(fold(name), row.id) == row.id, name
    assert {row.kind for row in rows} == {"phone", "tablet", "watch"}
    assert {row.esim for row in rows} == {"yes", "no", "variant"}


@pytest.mark.parametrize(
    ("model", "answer", "word"),
    [
        ("iPhone 13", "yes", "mainland China"),
        ("iphone14,5", "yes", "mainland China"),
        ("APPLE iPhone X", "no", "older than"),
        ("iPhone SE (2nd gen)", "yes", "mainland China"),
        ("iPhone SE 2016", "no", "older than"),
        ("Galaxy S21", "check-on-device", "suffix"),
        ("samsung galaxy s24 ultra", "yes", "Hong Kong"),
        ("blueline", "check-on-device", "Taiwan"),
        ("Pixel 8", "yes", "locked"),
        ("Apple Watch Ultra", "check-on-device", "travel eSIM is not possible"),
        ("iPad mini (6th generation)", "check-on-device", "Cellular"),
        ("Xiaomi 13 Pro", "check-on-device", "mainland China"),
        ("Nokia 3310", "check-on-device", "not in the table"),
        ("iPhone 99", "check-on-device", "not in the table"),
    ],
)
def test_a_model_is_answered_with_its_reason(run: Runner, model: str, answer: str, word: str) -> None:
    done = run("devices", "check", model, "--json")
    device = done.json["device"]
    assert (done.code, device["answer"]) == (0, answer)
    assert word in device["reason"]
    assert "*#06#" in device["check"]


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        (("iPhone 13", "--region", "mainland-china"), "no"),
        (("iPhone Air", "--region", "mainland-china"), "check-on-device"),
        (("iPhone 13", "--region", "hong-kong"), "check-on-device"),
        (("iPhone 13", "--region", "united-states"), "yes"),
        (("iPhone 13", "--locked"), "check-on-device"),
        (("iPhone X", "--locked"), "no"),
        (("--eid", EID), "yes"),
        (("iPhone 13", "--eid", EID, "--region", "mainland-china"), "yes"),
    ],
)
def test_region_lock_and_the_device_itself(run: Runner, words: tuple[str, ...], answer: str) -> None:
    assert run("devices", "check", *words, "--json").json["device"]["answer"] == answer


def test_an_eid_is_checked_and_masked(run: Runner) -> None:
    done = run("devices", "check", "--eid", EID, "--json")
    assert EID not in done.out
    assert done.json["device"]["eid"].startswith("8904")
    for place in range(len(EID)):
        wrong = EID[:place] + str((int(EID[place]) + 1) % 10) + EID[place + 1 :]
        assert run("devices", "check", "--eid", wrong).code == 2


@pytest.mark.parametrize("words", [(), ("--eid", "123"), ("iPhone 13", "--region", "mars")])
def test_wrong_input(run: Runner, tmp_path: Path, words: tuple[str, ...]) -> None:
    before = tree(tmp_path)
    done = run("devices", "check", *words)
    assert (done.code, done.out) == (2, "")
    assert tree(tmp_path) == before


OWN = """
[device.nokia-3310]
esim = "no"
note = "looked inside"
as_of = 2026-11-01
"""
#: as a list of a seller was once written down
LISTED = """
[device.google-pixel-99]
brand = "Google"
name = "Pixel 99"
esim = "yes"
kind = "phone"
identifiers = ["zebra"]
source = "list of a seller, compatible.json"
as_of = 2026-11-01
"""


def test_records_and_lists_of_before_go_on_counting(run: Runner, tmp_path: Path) -> None:
    """In a profile that has them: a [device] of profile.toml before the table, and a seller's list in the catalogue."""
    assert run("buy", "demo-weekly-2gb", "--name", "phone", "--yes").code == 0
    folder = tmp_path / "home" / "profiles" / "default"
    profile = folder / "profile.toml"
    profile.write_text(profile.read_text() + OWN)
    (folder / "catalogue").mkdir(mode=0o700)
    (folder / "catalogue" / "devices.toml").write_text(LISTED)
    (folder / "catalogue" / "devices.toml").chmod(0o600)
    device = run("devices", "check", "Nokia 3310", "--json").json["device"]
    assert (device["answer"], device["reason"], device["source"]) == ("no", "looked inside", "your own record")
    device = run("devices", "check", "zebra", "--json").json["device"]
    assert (device["answer"], device["source"]) == ("yes", "list of a seller, compatible.json")
    checks = run("doctor", "--json").json["checks"]
    assert all(row["ok"] for row in checks if row["name"] in ("profile", "catalogue")), checks
    assert run("plans", "import", "--remove", "devices").code == 0
    assert run("devices", "check", "zebra", "--json").json["device"]["answer"] == "check-on-device"


@pytest.mark.parametrize("gone", ["add", "import", "list"])
def test_lists_of_devices_are_kept_by_no_command(run: Runner, gone: str) -> None:
    assert run("devices", gone).code == 2
