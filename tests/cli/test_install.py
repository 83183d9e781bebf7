"""`lines install`: the code goes to lpac and nowhere else, the servers are told, failures said; phones get steps."""

import json
import stat
from pathlib import Path
from typing import Any

import pytest

from esimctl.lines.installing import GUIDES
from esimctl.show.cards.lines import STEPS
from tests.cli.conftest import Desk
from tests.conftest import Runner
from tests.process.runner import run as run_process
from tests.process.runner import run_here
from tests.providers.fakes.lpac import EID, calls, put_up

PLAN = "demo-monthly-20gb"


def test_the_code_goes_to_lpac_and_the_servers_are_told(desk: Desk) -> None:
    """First the eUICC is asked without the code, then the profile is fetched, then the notifications are sent."""
    done = desk.install("--yes", "--json", tells=f"iccid:{desk.iccid}")
    assert done.code == 0, done
    assert done.json == {
        "schema": "esimctl.install/1",
        "line": "phone",
        "installed": True,
        "iccid": done.json["iccid"],
        "eid": done.json["eid"],
        "notified": True,
        "rehearsal": True,
    }
    assert [call["words"] for call in calls(desk.program)] == [
        ["chip", "info"],
        ["profile", "download", "-a", desk.code],
        ["notification", "process", "-a", "-r"],
    ]
    assert all(call["seen"] == [] for call in calls(desk.program)), "ours may hold credentials, TLS is as we say"
    assert "list of processes" in done.err
    assert EID not in done.out + done.err
    assert desk.iccid not in done.out + done.err


def test_the_code_is_nowhere_but_in_the_vault(desk: Desk, tmp_path: Path) -> None:
    """Neither on a stream nor in a file, whether it works or not, however much is said."""
    for tells in ("", f"fail:profile download={desk.code} is not known", "silent:profile download"):
        outcome = desk.install("--yes", "--verbose", tells=tells, ESIMCTL_DEBUG="1")
        assert desk.secret not in outcome.out + outcome.err, outcome
    holding = [
        path
        for path in (tmp_path / "home").rglob("*")
        if path.is_file() and desk.secret.encode() in path.read_bytes() and "sandbox" not in path.parts
    ]
    assert holding
    assert all("vault" in path.parts for path in holding), holding
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in holding)


@pytest.mark.parametrize(
    ("tells", "code", "error"),
    [
        ("fail:chip info=no card", 78, "no_euicc"),
        ("silent:chip info", 76, "lpac_silent"),
        ("fail:profile download=refused by the server", 3, "install_failed"),
        ("silent:profile download", 4, "install_unknown"),
    ],
)
def test_each_failure_has_its_code(desk: Desk, tells: str, code: int, error: str) -> None:
    """Without an eUICC the code is not handed over at all; an end without a word leaves it unknown if no list tells."""
    outcome = desk.install("--yes", "--json", tells=tells)
    assert (outcome.code, outcome.json["error"]["code"]) == (code, error), outcome
    asked = [" ".join(call["words"][:2]) for call in calls(desk.program)]  # type: ignore[index]
    looked = ["profile list"] if error == "install_unknown" else []
    assert asked == (["chip info"] if "chip" in tells else ["chip info", "profile download", *looked])
    if "refused" in tells:
        assert "refused by the server" in outcome.json["error"]["message"]


def test_servers_that_were_not_told_need_attention(desk: Desk) -> None:
    """It is installed all the same."""
    outcome = desk.install("--yes", "--json", tells="fail:notification process=network")
    assert (outcome.code, outcome.json["installed"], outcome.json["notified"]) == (20, True, False)
    assert "lpac notification process -a -r" in outcome.err


def test_lines_that_are_none_of_ours_are_passed_over(desk: Desk) -> None:
    """Text, lists and other types before the last word."""
    assert desk.install("--yes", tells="noise").code == 0


def test_another_profile_than_expected_is_said(desk: Desk) -> None:
    """The ICCID that came is not the one that was bought."""
    outcome = desk.install("--yes", "--json", tells="iccid:8985599000000000013")
    assert outcome.code == 0
    assert "another ICCID" in outcome.err


def test_it_asks_first_and_takes_no_silence_for_a_yes(desk: Desk) -> None:
    """Without a terminal and without --yes nothing is handed over."""
    outcome = desk.install("--json")
    assert (outcome.code, outcome.json["error"]["code"]) == (2, "prompt_impossible")
    assert [call["words"] for call in calls(desk.program)] == [["chip", "info"]]


def test_a_missing_program_is_said_with_the_way_out(desk: Desk, tmp_path: Path) -> None:
    """Not installed, or not to be run."""
    gone = desk.install("--yes", "--json", ESIMCTL_LPAC=str(tmp_path / "nothing"))
    assert (gone.code, gone.json["error"]["code"]) == (78, "lpac_missing")
    desk.program.chmod(0o600)
    outcome = desk._run("lines", "install", "phone", "--yes", "--json", env={"ESIMCTL_LPAC": str(desk.program)})
    assert (outcome.code, outcome.json["error"]["code"]) == (78, "lpac_missing")


def test_a_confirmation_code_comes_from_stdin(run: Runner, tmp_path: Path) -> None:
    """A code that needs one; without a terminal it must come from stdin."""
    code = "LPA:1$smdp.example$CANARY-77$$1"
    words = ("--provider", "manual", "--carrier", "smart", "--data", "1GB", "--days", "7", "--price", "1USD")
    added = run("lines", "add", "phone", *words, "--lpa-stdin", given=code + "\n")
    assert added.code == 0, added
    program = put_up(tmp_path / "bin")
    env = {"ESIMCTL_LPAC": str(program)}
    refused = run("lines", "install", "phone", "--yes", "--json", env=env)
    assert (refused.code, refused.json["error"]["code"]) == (2, "prompt_impossible")
    imei = ("--imei", "490154203237518")
    done = run("lines", "install", "phone", "--yes", "--confirmation-stdin", *imei, env=env, given="canary-0815\n")
    assert done.code == 0, done
    assert calls(program)[-2]["words"] == ["profile", "download", "-a", code, "-c", "canary-0815", "-i", imei[1]]
    assert "canary" not in (done.out + done.err).lower()
    for wrong in ("12", "490154203237519"):  # too short; the last digit does not check the others
        assert run("lines", "install", "phone", "--yes", "--imei", wrong, env=env).code == 2


@pytest.mark.parametrize("place", ["ios", "android"])
@pytest.mark.parametrize("tongue", ["en", "zh-CN", "km"])
def test_the_steps_on_a_phone_are_told_in_three_languages(desk: Desk, place: str, tongue: str) -> None:
    """Every step is a sentence of that language; the code is masked unless it is asked for."""
    env = {"ESIMCTL_LANG": tongue}
    told = desk.install("--on", place, "-o", "table", **env)
    assert told.code == 0, told
    assert len(told.out.splitlines()) == len(GUIDES[place]) - 1, "no step for a confirmation code"
    assert desk.secret not in told.out
    shown = desk.install("--on", place, "-o", "table", "--show-code", **env)
    assert desk.secret in shown.out
    english = desk.install("--on", place, "-o", "table", ESIMCTL_LANG="en")
    same = set(told.out.splitlines()) & set(english.out.splitlines())
    assert len(same) == (len(GUIDES[place]) - 1 if tongue == "en" else 0), same
    assert calls(desk.program) == []


def test_the_steps_are_a_document_and_every_step_has_a_sentence(desk: Desk) -> None:
    """Programs get the names of the steps."""
    document: Any = desk.install("--on", "ios", "--json").json
    assert (document["schema"], document["on"]) == ("esimctl.install-guide/1", "ios")
    assert desk.secret not in json.dumps(document)
    assert {step for steps in GUIDES.values() for step in steps} == set(STEPS)
    wrong = desk.install("--on", "iso")
    assert (wrong.code, "did you mean ios" in wrong.err) == (2, True)


def test_lpac_is_found_in_the_path(tmp_path: Path) -> None:
    """Without the variable, as a process of its own."""
    bought = run_here(["buy", PLAN, "--name", "phone", "--yes", "--json"], tmp_path)
    assert bought.returncode == 0, bought
    program = put_up(tmp_path / "bin")
    done = run_process(
        ["lines", "install", "phone", "--yes", "--json"], tmp_path, environ={"PATH": f"{program.parent}:/usr/bin:/bin"}
    )
    assert done.returncode == 0, done
    assert json.loads(done.stdout)["installed"]
