"""Wrong input: one clear line, the right code, no traceback, nothing bought and no file changed."""

from pathlib import Path

import pytest

from tests.conftest import Runner, tree

PLAN = "smart-laor-7d"


@pytest.fixture
def line(run: Runner) -> str:
    """A profile with one line, `phone`."""
    assert run("buy", PLAN, "--provider", "sandbox", "--name", "phone", "--yes").code == 0
    run("balance")
    return "phone"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("buy", "smart-loar-7d", "--yes"), 2, "smart-laor-7d"),
        (("plans", "show", "smart-loar-7d"), 2, "smart-laor-7d"),
        (("balance", "phoen"), 2, "phone"),
        (("renew", "phoen", "--yes"), 2, "phone"),
        (("topup", "phone", "--amount", "5XYZ"), 2, "5XYZ"),
        (("topup", "phone", "--amount", "5.001USD"), 2, "5.001USD"),
        (("topup", "phone", "--amount", "-5USD"), 2, "-5USD"),
        (("topup", "phone", "--amount", "NaN"), 2, "NaN"),
        (("topup", "phone"), 2, "--plan"),
        (("topup", "phone", "--plan", "demo-topup-2gb", "--amount", "1USD"), 2, "--plan"),
        (("buy", PLAN, "--provider", "sandbox", "--max-price", "cheap"), 2, "cheap"),
        (("buy", PLAN, "--provider", "sandbox", "--wait", "soon"), 2, "soon"),
        (("buy", PLAN, "--provider", "sandbox", "--name", "../evil", "--yes"), 2, "evil"),
        (("buy", PLAN, "--provider", "sandbox", "--name", "phone", "--yes"), 2, "already"),
        (("buy", PLAN, "--provider", "sandbox", "--yes", "--request-id", "a b"), 2, "request-id"),
        (("buy", PLAN, "--provider", "sandbox", "--pay", "visa", "--yes"), 2, "visa"),
        (("buy", PLAN, "--provider", "nobody", "--yes"), 2, "nobody"),
        (("buy", PLAN, "--provider", "sandbox"), 2, "--yes"),
        (("buy", PLAN, "--provider", "sandbox", "--yes", "--max-price", "1USD"), 5, "1.50 USD"),
        (("buy", PLAN, "--provider", "sandbox", "--yes", "--max-price", "9000KHR"), 5, "KHR"),
        (("sandbox", "use", "phone", "12"), 2, "12"),
        (("sandbox", "use", "phone", "-1GB"), 2, "-1"),
        (("sandbox", "use", "phone", "0.0000000001GB"), 2, "0.0000000001GB"),
        (("sandbox", "use", "phone", "1GB", "--at", "some day"), 2, "some day"),
        (("sandbox", "use", "phone", "1GB", "--at", "2026-02-30"), 2, "2026-02-30"),
        (("sandbox", "fault", "earthquake"), 2, "earthquake"),
        (("plans", "list", "--sort", "colour"), 2, "colour"),
        (("plans", "list", "--country", "Kampuchea"), 2, "Kampuchea"),
        (("lines", "add", "z", "--provider", "manual", "--carrier", "smart", "--data", "0GB", "--days", "3"), 2, "0GB"),
        (("lines", "gift", "phone", "1GB", "--to", "phone"), 2, "phone"),
        (("plans", "list", "--carrier", "nobody"), 2, "nobody"),
        (("plans", "list", "--columns", "id,colour"), 2, "colour"),
        (("plans", "list", "-o", "yaml"), 2, "yaml"),
        (("plans", "list", "--json", "-o", "tsv"), 2, "tsv"),
        (("plans", "list", "--limit", "-1"), 2, "--limit"),
        (("transactions", "list", "--since", "11.12.2026"), 2, "2026-12-11 or 2026-11-12"),
        (("transactions", "list", "--state", "lost"), 2, "lost"),
        (("transactions", "show", "none"), 2, "none"),
        (("payments", "add", "visa", "--kind", "gold"), 2, "gold"),
        (("payments", "add", "visa", "--kind", "credit-card", "--reference", "4111 1111 1111 1111"), 2, "card"),
        (("payments", "remove", "visa"), 2, "visa"),
        (("lines", "rename", "phone", "Phone!"), 2, "Phone!"),
        (("lines", "remove", "phone"), 2, "--yes"),
        (("lines", "qr", "phoen"), 2, "phone"),
        (("profile", "use", "work"), 2, "work"),
        (("balance", "--profile", "work"), 2, "work"),
        (("balance", "--color", "green"), 2, "green"),
        (("blance",), 2, "balance"),
        (("balance", "--refrehs"), 2, "--refresh"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_one_line_the_right_code_and_nothing_changed(
    run: Runner, tmp_path: Path, line: str, words: tuple[str, ...], code: int, said: str
) -> None:
    before = tree(tmp_path / "home")
    ended = run(*words)
    assert ended.code == code
    assert ended.out == "" or "--json" in words
    if "--json" not in words:
        first, *rest = ended.err.splitlines()
        assert first.startswith("esimctl: ")
        assert len(rest) <= 1, "one line and one hint"
    assert said in ended.err + ended.out
    assert "Traceback" not in ended.err
    assert tree(tmp_path / "home") == before
    document = run(*words, "--json") if "-o" not in words and "--json" not in words else None
    if document is not None:
        assert document.code == code
        assert document.json["error"]["exit_code"] == code
    assert tree(tmp_path / "home") == before


@pytest.mark.parametrize("word", ["ESIMCTL_NOW", "ESIMCTL_DEADLINE", "ESIMCTL_OUTPUT"])
def test_a_bad_environment_is_named(run: Runner, line: str, word: str) -> None:
    ended = run("buy", PLAN, "--provider", "sandbox", "--yes", env={word: "rubbish"})
    assert ended.code == 2
    assert "rubbish" in ended.err


def test_a_profile_with_a_syntax_error_names_file_line_and_column(run: Runner, tmp_path: Path, line: str) -> None:
    path = tmp_path / "home" / "profiles" / "default" / "profile.toml"
    path.write_text("schema = 1\n[settings]\nzone = Asia\n")
    before = tree(tmp_path / "home")
    for words in (("balance",), ("buy", PLAN, "--provider", "sandbox", "--yes"), ("payments", "list")):
        ended = run(*words)
        assert ended.code == 78
        assert "profile.toml" in ended.err
        assert "line 3" in ended.err
        assert "column 8" in ended.err
    assert tree(tmp_path / "home") == before


def test_a_profile_of_a_newer_schema_is_left_alone(run: Runner, tmp_path: Path, line: str) -> None:
    path = tmp_path / "home" / "profiles" / "default" / "profile.toml"
    path.write_text(path.read_text().replace("schema = 1", "schema = 2"))
    before = tree(tmp_path / "home")
    for words in (
        ("balance",),
        ("buy", PLAN, "--provider", "sandbox", "--yes"),
        ("lines", "rename", "phone", "router"),
    ):
        ended = run(*words)
        assert ended.code == 78
        assert "newer" in ended.err
    assert tree(tmp_path / "home") == before


def test_a_damaged_journal_still_reads_but_does_not_spend(run: Runner, tmp_path: Path, line: str) -> None:
    path = tmp_path / "home" / "profiles" / "default" / "journal" / "000001.toml"
    data = bytearray(path.read_bytes())
    place = data.index(b"1.50") if b"1.50" in data else len(data) // 3
    data[place] ^= 1
    path.chmod(0o600)
    path.write_bytes(data)
    before = tree(tmp_path / "home")
    ended = run("buy", PLAN, "--provider", "sandbox", "--yes", "--json")
    assert ended.code == 6
    assert ended.json["error"]["code"] == "state_damaged"
    assert run("balance", "--json").code == 0
    assert run("transactions", "list").code in (0, 6)
    after = tree(tmp_path / "home")
    assert {name: data for name, data in after.items() if "journal" in name} == {
        name: data for name, data in before.items() if "journal" in name
    }


@pytest.mark.parametrize(
    ("words", "page"),
    [
        (("plans", "list", "--columns", "foo"), "esimctl plans list --help"),
        (("plans", "list", "--color", "maybe"), "esimctl plans list --help"),
        (("simulate",), "esimctl simulate --help"),
        (("check", "-o", "xml"), "esimctl check --help"),
    ],
)
def test_wrong_usage_without_a_hint_of_its_own_names_the_page_of_help(
    run: Runner, words: tuple[str, ...], page: str
) -> None:
    ended = run(*words)
    assert (ended.code, ended.err.splitlines()[-1].strip(), len(ended.err.splitlines())) == (2, page, 2)
    if "xml" not in words:
        assert run(*words, "--json").json["error"]["hint"] == page


def test_nothing_is_not_an_amount(run: Runner, line: str) -> None:
    ended = run("topup", line, "--amount", "0USD", "--yes")
    assert ended.code == 2
    assert "more than nothing" in ended.err


def test_what_is_read_of_a_damaged_journal_is_said_to_be_less_than_all(run: Runner, tmp_path: Path, line: str) -> None:
    path = tmp_path / "home" / "profiles" / "default" / "journal" / "000001.toml"
    path.write_bytes(path.read_bytes().replace(b"settled", b"settlee", 1))
    listed = run("transactions", "list", "--json")
    assert listed.code == 0
    assert listed.json["transactions"][0]["state"] == "attempted"
    assert "more may have happened than is shown" in listed.err


@pytest.mark.parametrize("words", [("plans", "show", "{}"), ("balance", "{}"), ("plans", "list", "--max-price", "{}")])
def test_a_very_long_word_is_not_said_back_in_full(run: Runner, words: tuple[str, ...]) -> None:
    ended = run(*(word.format("a" * 50_000) for word in words))
    assert ended.code == 2
    assert len(ended.err) < 3000


def test_braces_in_a_person_s_words_are_words(run: Runner) -> None:
    """A name that looks like a place of a sentence is no place: the hint repeats it as it was typed."""
    added = ("lines", "add", "phone", "--provider", "manual", "--carrier", "smart", "--data", "1GB", "--days", "30")
    assert run(*added).code == 0
    for words in (("topup", "{line}"), ("renew", "{path}"), ("buy", "{plan}", "--yes"), ("lines", "show", "{name}"),
                  ("autotopup", "show", "{rule}"), ("providers", "check", "{provider}")):  # fmt: skip
        ended = run(*words)
        assert ended.code == 2, ended
        assert words[-1] in ended.err or words[1] in ended.err
    told = run("autotopup", "targets", "--add", "x", "--kind", "command", given="/tmp/{place}\n")
    assert told.code == 2
    assert "--confirm /tmp/{place}" in told.err


@pytest.mark.parametrize("name", ["x" * 5000, "é" * 300])
@pytest.mark.parametrize("words", ["profile backup", "profile restore", "profile merge", "plans import", "simulate"])
def test_a_name_that_no_file_has(run: Runner, words: str, name: str) -> None:
    assert run("buy", "demo-monthly-20gb", "--name", "phone", "--yes").code == 0
    ended = run(*words.split(), name)
    assert ended.code == 2, ended
    assert len(ended.err.splitlines()) == 2


RULE = ("autotopup", "set", "phone", "--below", "1GB", "--plan", "demo-topup-2gb", "--max-price", "2USD",
        "--max-per-month", "6USD")  # fmt: skip


@pytest.mark.parametrize("output", ["table", "tsv", "csv", "json"])
@pytest.mark.parametrize(
    "words", [("transactions", "audit"), ("promotions", "list"), ("plans", "list"), ("lines", "list")]
)
def test_a_limit_may_be_any_number(run: Runner, words: tuple[str, ...], output: str) -> None:
    run("buy", "demo-weekly-2gb", "--name", "phone", "--yes")
    assert run(*words, "-o", output, "--limit", "9" * 26) == run(*words, "-o", output)


@pytest.mark.parametrize(
    "words",
    [
        ("usage", "record", "phone", "--minutes"),
        (*RULE, "--max-count"),
        (*RULE, "--max-unattended"),
    ],
    ids=lambda words: words[-1],
)
def test_a_count_that_no_file_can_hold_is_refused(run: Runner, words: tuple[str, ...]) -> None:
    """TOML has integers of 64 bits."""
    run("buy", "demo-weekly-2gb", "--name", "phone", "--yes")
    done = run(*words, "9" * 26)
    assert (done.code, words[-1] in done.err) == (2, True)
