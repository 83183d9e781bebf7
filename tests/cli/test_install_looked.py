"""`lines install` after lpac ended without a word: the card is asked; lpac itself is interrupted and not killed."""

from pathlib import Path

import pytest

from esimctl.providers import lpac
from esimctl.providers.lpac import Lpac
from tests.cli.conftest import Desk
from tests.conftest import Runner
from tests.providers.fakes.lpac import calls, put_up

SILENT = "silent:profile download"


def words(desk: Desk) -> list[str]:
    return [" ".join(str(word) for word in call["words"][:2]) for call in calls(desk.program)]  # type: ignore[index]


def test_a_profile_that_the_card_has_was_installed(desk: Desk) -> None:
    """The servers are told as after any other installation; padding of the number is none of it."""
    done = desk.install("--yes", "--json", tells=f"{SILENT}\nlist:8985599000000000013 {desk.iccid}F")
    assert (done.code, done.json["installed"], done.json["notified"]) == (0, True, True), done
    assert words(desk) == ["chip info", "profile download", "profile list", "notification process"]


def test_a_profile_that_the_card_does_not_have_was_not(desk: Desk) -> None:
    outcome = desk.install("--yes", "--json", tells=f"{SILENT}\nlist:8985599000000000013")
    assert (outcome.code, outcome.json["error"]["code"]) == (3, "install_failed"), outcome
    assert "the profile is not on the eUICC" in outcome.json["error"]["message"]


@pytest.mark.parametrize("version", ["v2.0.0", "2.0.1"])
def test_a_version_that_takes_no_whole_code_is_named(desk: Desk, version: str) -> None:
    """It writes how it is used and ends; nothing was installed."""
    outcome = desk.install("--yes", "--json", tells=f"{SILENT}\nlist:8985599000000000013\nversion:{version}")
    error = outcome.json["error"]
    assert (outcome.code, error["code"]) == (78, "lpac_too_old"), outcome
    assert f"lpac {version.removeprefix('v')} is too old" in error["message"]


def test_a_line_without_a_number_is_told_by_what_is_new_on_the_card(run: Runner, tmp_path: Path) -> None:
    """The list before and the list after: the same means that nothing came."""
    sort = ("--provider", "manual", "--carrier", "smart", "--data", "1GB", "--days", "7", "--price", "1USD")
    code = "LPA:1$smdp.example$CANARY-78\n"
    assert run("lines", "add", "phone", *sort, "--lpa-stdin", given=code).code == 0
    program = put_up(tmp_path / "bin", f"{SILENT}\nlist:8985599000000000013")
    outcome = run("lines", "install", "phone", "--yes", "--json", env={"ESIMCTL_LPAC": str(program)})
    assert (outcome.code, outcome.json["error"]["code"]) == (3, "install_failed"), outcome


def test_a_download_that_takes_too_long_is_interrupted(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that it takes its leave of the server; what it says then counts."""
    monkeypatch.setattr(lpac, "DOWNLOAD", 1.5)
    outcome = desk.install("--yes", "--json", tells="cancels:profile download")
    assert (outcome.code, outcome.json["error"]["code"]) == (3, "install_failed"), outcome
    assert "cancelled" in outcome.json["error"]["message"]
    assert (desk.program.parent / "cancelled").exists()


def test_ctrl_c_interrupts_it_too(tmp_path: Path) -> None:
    """Where it says that it was cancelled, Ctrl-C is all that happened."""
    program = Lpac(str(put_up(tmp_path / "bin", "cancels:profile download")), {})

    def stop(_text: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        program.download("LPA:1$smdp.example$X", None, None, stop)
    assert (tmp_path / "bin" / "cancelled").exists()


def test_an_installation_that_ctrl_c_came_too_late_for_is_one(tmp_path: Path) -> None:
    """Its last word was on its way."""
    program = Lpac(str(put_up(tmp_path / "bin", "iccid:8985599000000000013\ndeaf:1")), {})

    def stop(_text: str) -> None:
        raise KeyboardInterrupt

    assert program.download("LPA:1$smdp.example$X", None, None, stop).data.exact("iccid") == "8985599000000000013"
