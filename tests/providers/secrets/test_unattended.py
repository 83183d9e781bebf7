"""`doctor --cron` tries what a scheduler would run: without a terminal, a session bus or this shell's variables."""

from pathlib import Path

import pytest

from tests.conftest import Outcome
from tests.providers.fakes.run import Shop
from tests.providers.secrets.conftest import ACCESS_CODE


def row(outcome: Outcome) -> tuple[bool, str]:
    found = next(each for each in outcome.json["checks"] if each["name"] == "cron_provider")
    return found["ok"], found["detail"]


def test_a_private_file_works_for_cron(shop: Shop) -> None:
    """The process of its own has asked the vendor."""
    shop("providers", "login", "esim-access", "--key-stdin", given=f"{ACCESS_CODE}\n")
    ok, detail = row(shop("doctor", "--cron", "--json"))
    assert ok, detail
    assert shop.vendor.count("balance/query") == 1


def test_a_command_that_needs_the_session_bus_fails_for_cron(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It works in the terminal, and that is the trap."""
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere")
    script = tmp_path / "keys"
    script.write_text(f'#!/bin/sh\n[ -n "$DBUS_SESSION_BUS_ADDRESS" ] || exit 1\necho {ACCESS_CODE}\n')
    script.chmod(0o700)
    profile = tmp_path / "home" / "profiles" / "default" / "profile.toml"
    head = "[provider.esim-access]\n"
    profile.write_text(profile.read_text().replace(head, f'{head}key_command = ["{script}"]\n'))
    assert shop("providers", "check", "esim-access").code == 0
    ok, detail = row(shop("doctor", "--cron", "--json"))
    assert not ok
    assert "key_command" in detail
