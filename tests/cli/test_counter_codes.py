"""Activation and confirmation codes as people have them: links, marks, blanks, a second code beside the first."""

from pathlib import Path

import pytest

from tests.conftest import Runner
from tests.providers.fakes.lpac import calls, put_up

HOST, ID = "smdp.example.com", "ABCD-1234"
CODE = f"LPA:1${HOST}${ID}"
ENCODED = "LPA%3A1%24smdp.example.com%24ABCD-1234"
GIVEN = {
    "plain": CODE,
    "lower": f"lpa:1${HOST}${ID}",
    "mixed": f"Lpa:1${HOST}${ID}",
    "bare": f"1${HOST}${ID}",
    "mark": f"\ufeff{CODE}",
    "blanks": f"  LPA:1$ {HOST} ${ID}\u200b ",
    "quoted": f"<{CODE}>",
    "apple": f"https://esimsetup.apple.com/esim_qrcode_provisioning?carddata={ENCODED}",
    "android": f"https://esimsetup.android.com/esim_qrcode_provisioning?carddata={ENCODED}",
    "unencoded": f"https://esimsetup.apple.com/esim_qrcode_provisioning?carddata={CODE}",
    "mailed": f"https://mail.example.com/c?u=https%3A%2F%2Fshop.example%3Fcode%3D{ENCODED.replace('%', '%25')}&t=9",
    "without-prefix": f"https://shop.example/install?lpa=1%24{HOST}%24{ID}&order=77",
}


def add(run: Runner, given: str) -> None:
    done = run("lines", "add", "a", "--provider", "manual", "--carrier", "smart", "--lpa-stdin", given=given)
    assert done.code == 0, done.err
    assert ID not in done.out + done.err, "the code is nobody's to read"


def download(program: Path) -> list[str]:
    """The words with which lpac was told to load the profile."""
    (words,) = (call["words"] for call in calls(program) if call["words"][:2] == ["profile", "download"])
    return list(words)


@pytest.mark.parametrize("given", GIVEN.values(), ids=GIVEN)
def test_a_code_is_taken_as_it_was_handed_out(run: Runner, given: str) -> None:
    add(run, given + "\n")
    shown = run("lines", "show", "a", "--show-code", "--json").json["line"]
    assert shown["activation"]["lpa"] == CODE
    assert shown["confirmation_code"] is None


@pytest.mark.parametrize(
    ("given", "says"),
    [("https://shop.example/orders/77?t=SECRET9", "holds no activation code"), ("hello SECRET9", "form LPA:1$HOST$ID")],
)
def test_a_link_without_a_code_is_refused_without_repeating_it(run: Runner, given: str, says: str) -> None:
    done = run("lines", "add", "a", "--provider", "manual", "--carrier", "smart", "--lpa-stdin", "--json", given=given)
    assert (done.code, done.json["error"]["code"]) == (2, "bad_activation_code")
    assert says in done.json["error"]["message"]
    assert "SECRET9" not in done.out + done.err


def test_the_confirmation_code_in_the_second_line_is_kept_and_told(run: Runner, tmp_path: Path) -> None:
    """Sellers send both; the activation code does not always say that there is a second one."""
    add(run, f"{CODE}\n123456\n")
    assert run("lines", "show", "a", "--show-code", "--json").json["line"]["confirmation_code"] == "123456"
    steps = run("lines", "install", "a", "--on", "ios", "--json").json["steps"]
    assert "confirmation" in steps
    assert "123456" not in run("lines", "install", "a", "--on", "ios").out
    program = put_up(tmp_path / "bin")
    assert run("lines", "install", "a", "--yes", env={"ESIMCTL_LPAC": str(program)}).code == 0
    assert download(program) == ["profile", "download", "-a", CODE, "-c", "123456"]


@pytest.mark.parametrize("words", [("--yes",), ("--on", "android")])
def test_a_confirmation_code_given_later_is_used_without_the_flag_and_kept(
    run: Runner, tmp_path: Path, words: tuple[str, ...]
) -> None:
    add(run, CODE + "\n")
    program = put_up(tmp_path / "bin")
    env = {"ESIMCTL_LPAC": str(program)}
    done = run("lines", "install", "a", *words, "--confirmation-stdin", given="123456\n", env=env)
    assert done.code == 0, done.err
    assert run("lines", "show", "a", "--show-code", "--json").json["line"]["confirmation_code"] == "123456"
    if words == ("--yes",):
        assert download(program)[-2:] == ["-c", "123456"]
    else:
        assert "\tconfirmation\n" in done.out


@pytest.mark.parametrize("printed", ["8985 5060 0000 1234 566", "89855060-00001234-566", "8985506000001234566F"])
def test_an_iccid_is_taken_as_it_is_printed(run: Runner, printed: str) -> None:
    words = ("--provider", "manual", "--carrier", "smart", "--iccid", printed)
    assert run("lines", "add", "a", *words).code == 0
    shown = run("lines", "show", "a", "--show-code", "--json").json["line"]
    assert shown["iccid"] == "8985506000001234566"
