"""`esimctl simulate` as a script and a person see it: stories, failures, wrong files, the everyday what-if."""

import csv
import io
import json
from pathlib import Path

import pytest

from esimctl.documents.document import as_json
from esimctl.errors import ExitCode
from esimctl.simulation.what_if import simulate
from tests.conftest import Runner, tree

SCENARIOS = Path(__file__).parent.parent / "scenarios"
GOOD = SCENARIOS / "ro-01.toml"


@pytest.mark.parametrize("path", sorted(SCENARIOS.glob("*.toml")), ids=lambda path: path.stem)
def test_every_scenario_passes_through_the_action(path: Path) -> None:
    """The document says that it passed, and is plain JSON without a float."""
    result = simulate(path.read_bytes(), path.name, story=True)
    assert (result.exit_code, result.data.passed) == (ExitCode.DONE, True)
    plain = as_json(result.data)
    assert json.loads(json.dumps(plain), parse_float=pytest.fail) == plain


def test_the_document(run: Runner) -> None:
    """One document with the keys of its schema; checks carry what was expected and what was found."""
    outcome = run("simulate", GOOD, "--json", now=None)
    document = outcome.json
    assert outcome.code == 0
    assert document["schema"] == "esimctl.simulation/1"
    assert {"name", "passed", "checks", "final", "journal"} <= set(document)
    check = document["checks"][-1]
    assert set(check) == {"event", "at", "line", "expected", "actual", "ok"}
    assert (check["event"], check["at"], check["line"], check["ok"]) == (4, "2026-02-27T17:00:00Z", "a", True)
    assert check["expected"]["available_bytes"] == check["actual"]["available_bytes"] == 16 * 10**9
    line = document["final"]["lines"][0]
    assert (line["line"], line["data"]["remaining_bytes"]) == ("a", 16 * 10**9)
    assert [bucket["category"] for bucket in line["buckets"]] == ["rollover", "base"]
    balance = {"plan", "status", "data", "voice", "main_balance", "use_by", "expires_at", "throttled", "rollover"}
    assert balance | {"out_of_bucket_bytes", "buckets", "forecast", "reading", "attention"} <= set(line)
    assert line["rollover"]["carry_if_renewed_bytes"] == 10**10


def test_no_profile_is_touched(run: Runner, tmp_path: Path) -> None:
    """A what-if needs no home and makes none."""
    before = tree(tmp_path)
    assert run("simulate", GOOD, now=None).code == 0
    assert tree(tmp_path) == before


def test_an_expectation_that_does_not_hold_is_20(run: Runner, tmp_path: Path) -> None:
    """The document still stands on stdout, the failure is named on stderr."""
    wrong = tmp_path / "wrong.toml"
    wrong.write_text(GOOD.read_text("utf-8").replace('available = "16000MB"', 'available = "17000MB"'), "utf-8")
    outcome = run("simulate", wrong, "--json")
    assert (outcome.code, outcome.json["passed"]) == (20, False)
    assert [check["event"] for check in outcome.json["checks"] if not check["ok"]] == [4]
    assert "1 of 3 expectations do not hold" in outcome.err


def test_a_refusal_nobody_expected_fails_the_run(run: Runner, tmp_path: Path) -> None:
    """A gift that is refused without saying so is a failed check."""
    text = (SCENARIOS / "gf-03.toml").read_text("utf-8").replace("refused = true\n", "")
    file = tmp_path / "refused.toml"
    file.write_text(text, "utf-8")
    outcome = run("simulate", file, "--json")
    assert outcome.code == 20
    assert outcome.json["checks"][0]["expected"] == {"refused": False}


def test_a_wrong_file_is_2_with_file_line_and_key(run: Runner, tmp_path: Path) -> None:
    """On stderr for a person, as an error document for a program."""
    wrong = tmp_path / "wrong.toml"
    wrong.write_text(GOOD.read_text("utf-8").replace("auto_renew", "auto_renow"), "utf-8")
    said = run("simulate", wrong)
    assert (said.code, said.out) == (2, "")
    assert f"{wrong}, line 14: line.a.auto_renow: unknown key, did you mean auto_renew?" in said.err
    assert run("simulate", wrong, "--json").json["error"]["exit_code"] == 2


@pytest.mark.parametrize(
    "words",
    [
        ("simulate",),
        ("simulate", "no-such-file.toml"),
        ("simulate", "."),
        ("simulate", "a\x00b"),
        ("simulate", str(GOOD), "--plan", "demo-monthly-5gb"),
        ("simulate", "--plan", "demo-monthly-5gb"),
        ("simulate", "--plan", "no-such-plan", "--per-day", "1GB"),
        ("simulate", "--plan", "demo-monthly-5gb", "--per-day", "1GB", "--from", "a day"),
        ("simulate", "--plan", "demo-monthly-5gb", "--per-day", "1GB", "--months", "0"),
    ],
)
def test_wrong_use(run: Runner, words: tuple[str, ...]) -> None:
    """Every slip is exit 2 and says so."""
    outcome = run(*words)
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err


def test_stdin(run: Runner) -> None:
    """A dash reads the scenario from stdin."""
    assert run("simulate", "-", "--json", given=GOOD.read_text("utf-8")).json["passed"] is True


def test_the_story_can_be_checked_with_a_pencil(run: Runner) -> None:
    """Each movement of data carries its reason, exactly, in order; in a pipe as rows."""
    rows = list(csv.reader(io.StringIO(run("simulate", SCENARIOS / "ro-07.toml", "--explain", "-o", "csv").out)))
    assert rows[0] == ["at", "line", "reason", "text"]
    told = [(reason, text) for _, _, reason, text in rows[1:]]
    assert told[:4] == [
        ("bought", "bought m5"),
        ("granted", "5GB granted: base-1, now 5GB"),
        ("renewed", "renewed with m5"),
        ("carried", "5GB of base-1 carried over"),
    ]
    assert ("trimmed", "2GB cut from rollover-of-base-1: carried data is over its ceiling") in told
    document = run("simulate", SCENARIOS / "ro-07.toml", "--explain", "--json").json
    assert [step["text"] for step in document["explanation"]] == [text for _, text in told]


def test_on_a_terminal(run: Runner) -> None:
    """The verdict, what is left, and on the wall clock of the scenario."""
    shown = run("simulate", GOOD, "-o", "table").out
    assert "RO-01: every expectation holds (3/3)" in shown
    assert "31 May 00:00" in shown


def test_the_everyday_what_if(run: Runner) -> None:
    """So much a day, month by month, for two plans side by side: what adds up, adds up."""
    words = (
        "simulate",
        "--plan",
        "demo-monthly-5gb",
        "--plan",
        "demo-monthly-20gb",
        "--per-day",
        "300MB",
        "--months",
        "6",
    )
    document = run(*words, "--json").json
    assert document["schema"] == "esimctl.what-if/1"
    assert [plan["plan"] for plan in document["plans"]] == ["demo-monthly-5gb", "demo-monthly-20gb"]
    for plan in document["plans"]:
        assert [row["month"] for row in plan["months"]] == [1, 2, 3, 4, 5, 6]
        days = 31 + 28 + 31 + 30 + 31 + 30
        assert plan["total"]["used_bytes"] + plan["total"]["out_of_bucket_bytes"] == days * 300_000_000
    assert run(*words, "-o", "table").code == 0
    assert len(run(*words).out.splitlines()) == 12
