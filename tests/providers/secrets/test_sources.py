"""Where credentials come from, in which order, and that they stand nowhere else."""

import json
import sys
import types
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Outcome
from tests.providers.fakes.run import Shop
from tests.providers.secrets.conftest import ACCESS_CODE
from tests.vendors.accounts import PACK
from tests.vendors.broken import Fault

Source = Callable[..., Outcome]
SECRET_KEY, OTHER = "canary-secret-key-90aa", "canary-other-code-55"


def check(shop: Shop, **environ: str) -> Outcome:
    return shop("providers", "check", "esim-access", "--json", env=environ)


def source(shop: Shop, **environ: str) -> str | None:
    listed = shop("providers", "list", "--json", env=environ).json["providers"]
    found: str | None = next(row["credentials"] for row in listed if row["name"] == "esim-access")
    return found


def edit(tmp_path: Path, line: str) -> None:
    """A person's own edit of the profile."""
    path = tmp_path / "home" / "profiles" / "default" / "profile.toml"
    text = path.read_text()
    assert "[provider.esim-access]\n" in text
    path.write_text(text.replace("[provider.esim-access]\n", f"[provider.esim-access]\n{line}\n"))


def test_without_any_the_failure_says_how(shop: Shop) -> None:
    """77, the command and the variables; nothing was asked."""
    outcome = check(shop)
    assert (outcome.code, outcome.json["error"]["code"]) == (77, "credentials_missing")
    assert "ESIMCTL_ESIM_ACCESS_ACCESS_CODE" in outcome.json["error"]["hint"]
    assert shop.vendor.calls == []
    assert source(shop) is None


def test_login_from_stdin_keeps_a_private_file_outside_the_profile(shop: Shop, tmp_path: Path) -> None:
    """0600, not below profiles/, so that no backup takes it along; the same works without a terminal."""
    kept = shop("providers", "login", "esim-access", "--key-stdin", "--json", given=f"{ACCESS_CODE}\n")
    assert kept.code == 0, kept
    assert source(shop) == "file"
    assert check(shop).code == 0
    holders = [path for path in tmp_path.rglob("*") if path.is_file() and ACCESS_CODE.encode() in path.read_bytes()]
    assert [path.relative_to(tmp_path / "home").parts for path in holders] == [
        ("credentials", "default", "esim-access")
    ]
    assert holders[0].stat().st_mode & 0o777 == 0o600
    assert not any(ACCESS_CODE in text for text in shop.printed)


def test_a_file_that_others_can_read_is_refused(shop: Shop, tmp_path: Path) -> None:
    """77 with the chmod; it is not mended behind the person's back."""
    shop("providers", "login", "esim-access", "--key-stdin", given=f"access_code={ACCESS_CODE}\n")
    path = tmp_path / "home" / "credentials" / "default" / "esim-access"
    path.chmod(0o644)
    outcome = check(shop)
    assert (outcome.code, outcome.json["error"]["code"]) == (77, "loose_mode")
    assert "chmod 600" in outcome.json["error"]["hint"]
    path.chmod(0o600)
    (tmp_path / "elsewhere").write_text(f"{ACCESS_CODE}\n")
    (tmp_path / "elsewhere").chmod(0o600)
    path.unlink()
    path.symlink_to(tmp_path / "elsewhere")
    assert check(shop).code == 77, "a link is not followed"


def test_the_person_may_name_a_file_of_their_own(shop: Shop, tmp_path: Path) -> None:
    """`key_file` in the profile."""
    (tmp_path / "mine").write_text(f"access_code = {ACCESS_CODE}\n")
    (tmp_path / "mine").chmod(0o600)
    edit(tmp_path, f'key_file = "{tmp_path / "mine"}"')
    assert check(shop).code == 0


def test_a_command_may_print_them(shop: Shop, tmp_path: Path) -> None:
    """No shell, none of our variables, its failure is 77."""
    script = tmp_path / "keys"
    script.write_text(f"#!/bin/sh\nenv | grep -c ESIMCTL_ >&2\nenv > {tmp_path}/seen\necho {ACCESS_CODE}\n")
    script.chmod(0o700)
    edit(tmp_path, f'key_command = ["{script}", "; touch {tmp_path}/shell"]')
    assert source(shop) == "key_command"
    assert check(shop).code == 0
    assert "ESIMCTL_" not in (tmp_path / "seen").read_text()
    assert not (tmp_path / "shell").exists()
    script.write_text("#!/bin/sh\nexit 3\n")
    outcome = check(shop)
    assert (outcome.code, outcome.json["error"]["code"]) == (77, "key_command_failed")


def test_systemd_may_hand_them_over(shop: Shop, tmp_path: Path) -> None:
    """LoadCredential=esimctl.esim-access.access_code:…, read from $CREDENTIALS_DIRECTORY."""
    folder = tmp_path / "handed"
    folder.mkdir()
    path = folder / "esimctl.esim-access.access_code"
    path.write_text(ACCESS_CODE + "\n")
    path.chmod(0o400)
    given = {"CREDENTIALS_DIRECTORY": str(folder)}
    assert source(shop, **given) == "systemd"
    assert check(shop, **given).code == 0
    path.chmod(0o444)
    assert check(shop, **given).code == 77


@pytest.fixture
def keyring(monkeypatch: pytest.MonkeyPatch) -> types.ModuleType:
    """A stand-in for the keyring package."""
    module = types.ModuleType("keyring")
    held: dict[tuple[str, str], str] = {}

    class Backend:
        __module__ = "keyring.backends.SecretService"

    module.get_keyring = Backend  # type: ignore[attr-defined]
    module.set_password = lambda service, user, text: held.__setitem__((service, user), text)  # type: ignore[attr-defined]
    module.get_password = lambda service, user: held.get((service, user))  # type: ignore[attr-defined]
    module.delete_password = lambda service, user: held.pop((service, user))  # type: ignore[attr-defined]
    module.held = held  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "keyring", module)
    return module


def test_the_keyring_keeps_them_where_it_was_asked_to(shop: Shop, keyring: types.ModuleType, tmp_path: Path) -> None:
    """By profile, provider and field; no file has them."""
    kept = shop("providers", "login", "esim-access", "--key-stdin", "--keyring", given=f"{ACCESS_CODE}\n")
    assert kept.code == 0, kept
    assert keyring.held == {("esimctl", "default/esim-access/access_code"): ACCESS_CODE}
    assert source(shop) == "keyring"
    assert check(shop).code == 0
    assert not any(ACCESS_CODE.encode() in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())


def test_a_secret_in_the_keyring_goes_with_its_provider(shop: Shop, keyring: types.ModuleType) -> None:
    """Before anything that names it: where the keyring does not answer, the provider stays."""
    both = f"access_code={ACCESS_CODE}\nsecret_key={SECRET_KEY}\n"
    assert shop("providers", "login", "esim-access", "--key-stdin", "--keyring", given=both).code == 0
    assert len(keyring.held) == 2
    answering = keyring.delete_password

    def locked(*_: str) -> None:
        raise RuntimeError("locked")

    keyring.delete_password = locked  # type: ignore[attr-defined]
    refused = shop("providers", "remove", "esim-access", "--json")
    assert (refused.code, refused.json["error"]["code"], source(shop)) == (77, "no_keyring", "keyring")
    keyring.delete_password = answering  # type: ignore[attr-defined]
    assert shop("providers", "remove", "esim-access").code == 0
    assert keyring.held == {}


def test_credentials_that_move_leave_nothing_behind(shop: Shop, keyring: types.ModuleType, tmp_path: Path) -> None:
    """From the file into the keyring, without a field that the new ones have not, and back."""
    words, into = ("providers", "login", "esim-access", "--key-stdin"), "--keyring"
    both = f"access_code={OTHER}\nsecret_key={SECRET_KEY}\n"
    for given, more in ((both, ()), (both, (into,)), (f"{ACCESS_CODE}\n", (into,))):
        assert shop(*words, *more, given=given).code == 0
    assert keyring.held == {("esimctl", "default/esim-access/access_code"): ACCESS_CODE}
    files = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    assert not [data for data in files if OTHER.encode() in data or SECRET_KEY.encode() in data]
    assert shop(*words, given=f"{ACCESS_CODE}\n").code == 0
    assert (keyring.held, source(shop)) == ({}, "file")


def test_a_keyring_that_is_no_more_is_left_for_a_file(shop: Shop, keyring: types.ModuleType) -> None:
    """What it still has is told; a keyring that refuses is no fault of ours."""
    words = ("providers", "login", "esim-access", "--key-stdin")
    assert shop(*words, "--keyring", given=f"{ACCESS_CODE}\n").code == 0

    def locked(*_: str) -> str:
        raise RuntimeError("locked")

    for name in ("get_password", "set_password"):
        setattr(keyring, name, locked)
    refused = shop(*words, "--keyring", "--json", given=f"{OTHER}\n")
    assert (refused.code, refused.json["error"]["code"]) == (77, "no_keyring"), refused
    moved = shop(*words, given=f"{ACCESS_CODE}\n")
    assert (moved.code, source(shop)) == (0, "file")
    assert "what the keyring had of esim-access is still there" in moved.err
    assert shop("providers", "remove", "esim-access").code == 0


def test_a_keyring_that_cron_does_not_have_is_77(shop: Shop, keyring: types.ModuleType) -> None:
    """Without a session bus there is only a backend that fails; one that keeps plain text is refused as well."""
    shop("providers", "login", "esim-access", "--key-stdin", "--keyring", given=f"{ACCESS_CODE}\n")
    for module in ("keyring.backends.fail", "keyrings.alt.file"):
        keyring.get_keyring = type("Keyring", (), {"__module__": module})  # type: ignore[attr-defined]
        outcome = check(shop)
        assert (outcome.code, outcome.json["error"]["code"]) == (77, "no_keyring")
        assert "private file" in outcome.json["error"]["hint"]


def test_the_environment_comes_first_and_sources_are_never_mixed(shop: Shop, tmp_path: Path) -> None:
    """A code from here and a key from there would be two accounts."""
    shop("providers", "login", "esim-access", "--key-stdin", given=f"access_code={OTHER}\nsecret_key={SECRET_KEY}\n")
    given = {"ESIMCTL_ESIM_ACCESS_ACCESS_CODE": ACCESS_CODE}
    assert source(shop, **given) == "environment"
    assert check(shop, **given).code == 0
    assert "rt-signature" not in shop.vendor.calls[-1].headers
    noted = shop("providers", "login", "esim-access", "--key-stdin", given=OTHER, env=given)
    assert "environment comes first" in noted.err


def test_signed_requests_fit(shop: Shop) -> None:
    """With a secret key every request carries a signature over its own bytes."""
    shop.vendor.arms.secret_key = SECRET_KEY
    given = {"ESIMCTL_ESIM_ACCESS_ACCESS_CODE": ACCESS_CODE, "ESIMCTL_ESIM_ACCESS_SECRET_KEY": SECRET_KEY}
    bought = shop.buy(PACK, env=given)
    assert bought.code == 0, bought
    wrong = {**given, "ESIMCTL_ESIM_ACCESS_SECRET_KEY": "not-the-secret-key"}
    assert shop.buy(PACK, env=wrong).code == 77


@pytest.mark.parametrize("given", ["", "\n\n", "secret_key=only-this\n"])
def test_nothing_useful_on_stdin_is_wrong_usage(shop: Shop, given: str) -> None:
    """2, and nothing is kept."""
    outcome = shop("providers", "login", "esim-access", "--key-stdin", "--json", given=given)
    assert outcome.code == 2
    assert source(shop) is None


def test_without_a_terminal_login_does_not_ask(shop: Shop) -> None:
    """2 and the option that would have worked."""
    outcome = shop("providers", "login", "esim-access", "--json")
    assert (outcome.code, outcome.json["error"]["hint"]) == (2, "--key-stdin")


def test_a_vendor_that_sends_our_credentials_back_does_not_bring_them_into_files(shop: Shop, tmp_path: Path) -> None:
    """Not into evidence, journal, messages or crash files; plain, encoded or as base64."""
    from base64 import b64encode

    given = {"ESIMCTL_ESIM_ACCESS_ACCESS_CODE": ACCESS_CODE, "ESIMCTL_ESIM_ACCESS_SECRET_KEY": SECRET_KEY}
    encoded = b64encode(SECRET_KEY.encode()).decode()
    said = json.dumps({"success": False, "errorCode": "200007", "errorMsg": f"{ACCESS_CODE} {SECRET_KEY} {encoded}"})
    for status in ("400", "500"):
        shop.vendor.faults.append(Fault("esim/order", status, text=said))
        shop.buy(PACK, env={**given, "ESIMCTL_DEBUG": "1"})
    shop("reconcile", "--json", env=given)
    shop("transactions", "list", "--json", env=given)
    canaries = [ACCESS_CODE, SECRET_KEY, encoded.rstrip("=")]
    for text in shop.printed:
        assert not any(canary in text for canary in canaries)
    for path in tmp_path.rglob("*"):
        if path.is_file():
            assert not any(canary.encode() in path.read_bytes() for canary in canaries), path


def test_no_option_takes_a_secret() -> None:
    """The command lines of all processes can be read by everybody."""
    from esimctl.cli import build

    group = build("providers")
    for command in group.commands.values():
        for parameter in command.params:
            names = " ".join(getattr(parameter, "opts", ()))
            assert not any(word in names for word in ("secret", "code", "password", "token")), names
