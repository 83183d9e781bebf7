"""Readings of counter lines: what cannot be is asked about, a wrong one is taken back, a failed carry is said."""

import os
import pty
import select
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import NOW, Runner, day, standing, tree
from tests.own_plans import bring

GB = 10**9
CARRY = "smart-own-20gb"


@pytest.fixture
def sim(run: Runner) -> Runner:
    """Twenty gigabytes for thirty days, bought on 20 November; the clock stands two days later."""
    words = ("--provider", "manual", "--carrier", "cellcard", "--data", "20GB", "--days", "30", "--price", "4USD")
    done = run("lines", "add", "sim", *words)
    assert done.code == 0, done.err

    return standing(run, day("11-22"))


def left(run: Runner, line: str = "sim", **more: Any) -> Any:
    return run("balance", line, "--json", **more).json["lines"][0]["data"]["remaining_bytes"]


def talk(words: list[str], answers: list[tuple[bytes, bytes]], home: Path, now: str = day("11-22")) -> tuple[int, str]:
    """Run in a terminal; each answer is typed once its question is on the screen."""
    parent, child = pty.openpty()
    environ = {**os.environ, "ESIMCTL_HOME": str(home / "home"), "ESIMCTL_NOW": now, "TERM": "dumb"}
    process = subprocess.Popen(
        [sys.executable, "-m", "esimctl", *words], stdin=child, stdout=child, stderr=child, env=environ
    )
    os.close(child)
    seen, place, end = b"", 0, time.monotonic() + 40
    while time.monotonic() < end:
        if select.select([parent], [], [], 0.2)[0]:
            try:
                got = os.read(parent, 65536)
            except OSError:
                break
            if not got:
                break
            seen += got
        elif process.poll() is not None:
            break
        if answers and answers[0][0] in seen[place:]:
            place = len(seen)
            os.write(parent, answers.pop(0)[1])
    os.close(parent)
    return process.wait(timeout=10), seen.decode()


IMPOSSIBLE = [
    (("--remaining", "92GB"), "92 GB left is more than the 20 GB that were granted; did you mean 9.2GB?"),
    (("--remaining", "9200GB"), "did you mean 9.2GB?"),
    (("--remaining", "20.5GB"), "20.5 GB left is more than the 20 GB that were granted; did you mean 2.05GB?"),
    (("--used", "21GB"), "21 GB used is more than the 20 GB that were granted; did you mean 2.1GB?"),
    (("--expires", "2026-11-19"), "it cannot end on 2026-11-18 17:00 UTC: its term began on 2026-11-20 02:00 UTC"),
    (("--remaining", "4GB", "--expires", "2025-12-20"), "it cannot end on"),
    (("--carried", "1GB"), "1 GB carried over is more than the 0 B that the books know of"),
]


@pytest.mark.parametrize(("words", "says"), IMPOSSIBLE)
def test_what_cannot_be_is_refused_without_a_terminal_and_nothing_is_written(
    sim: Runner, tmp_path: Path, words: tuple[str, ...], says: str
) -> None:
    before = tree(tmp_path)
    done = sim("usage", "record", "sim", *words, "--json")
    assert (done.code, done.json["error"]["code"]) == (2, "reading_impossible")
    assert says in done.json["error"]["message"]
    assert "--force" in done.json["error"]["hint"]
    assert tree(tmp_path) == before


@pytest.mark.parametrize("words", [("--remaining", "92GB"), ("--used", "21GB"), ("--expires", "2026-11-19")])
def test_force_keeps_it_as_it_was_typed(sim: Runner, words: tuple[str, ...]) -> None:
    done = sim("usage", "record", "sim", *words, "--force", "--json")
    assert (done.code, done.json["reading"]["state"]) == (0, "recorded"), done.err
    if words[0] == "--remaining":
        assert (done.json["reading"]["findings"], left(sim)) == (["above_granted"], 92 * GB)
    if words[0] == "--expires":
        (line,) = sim("balance", "sim", "--json").json["lines"]
        assert (line["status"], line["expires_at"]) == ("expired", "2026-11-18T17:00:00Z"), "as it was said"


@pytest.mark.parametrize("words", [("--remaining", "20GB"), ("--remaining", "0B"), ("--used", "20GB")])
def test_what_can_be_is_not_asked_about(sim: Runner, words: tuple[str, ...]) -> None:
    assert sim("usage", "record", "sim", *words).code == 0


def test_texts_and_files_are_kept_as_they_came_and_found(sim: Runner) -> None:
    """Holiday gifts exceed grants."""
    sms = "Your remaining bundle data is 92 GB. It expires on 20-Dec-2026."
    done = sim("usage", "import", "sim", "-", "--json", given=sms)
    assert done.code == 0, done.err
    assert done.json["readings"][0]["findings"] == ["above_granted"]
    table = "at,remaining\n2026-11-22T09:00:00+07:00,93GB\n"
    done = sim("usage", "import", "sim", "-", "--kind", "csv", "--json", given=table)
    assert done.json["readings"][0]["findings"] == ["above_granted"]


def test_a_line_that_answers_for_itself_is_asked_about_as_well(run: Runner) -> None:
    assert run("buy", "demo-monthly-20gb", "--provider", "sandbox", "--name", "phone", "--yes").code == 0
    assert run("balance", "phone").code == 0
    done = run("usage", "record", "phone", "--remaining", "200GB", "--json")
    assert (done.code, done.json["error"]["code"]) == (2, "reading_impossible")
    assert "did you mean 20GB?" in done.json["error"]["message"]
    assert run("usage", "record", "phone", "--remaining", "12GB").code == 0


def test_a_terminal_asks_whether_another_figure_was_meant(sim: Runner, tmp_path: Path) -> None:
    words = ["usage", "record", "sim", "--remaining", "92GB"]
    code, seen = talk(words, [(b"Did you mean 9.2GB? [y/N]", b"y\n")], tmp_path)
    assert (code, left(sim)) == (0, 9_200_000_000), seen
    code, seen = talk(words, [(b"Did you mean", b"n\n"), (b"Keep it as you typed it?", b"n\n")], tmp_path)
    assert (code, left(sim)) == (2, 9_200_000_000), seen
    code, seen = talk(words, [(b"Did you mean", b"n\n"), (b"Keep it as you typed it?", b"y\n")], tmp_path)
    assert (code, left(sim)) == (0, 92 * GB), seen


def test_undo_takes_the_last_reading_back_as_an_entry_of_its_own(sim: Runner, tmp_path: Path) -> None:
    sim("usage", "record", "sim", "--remaining", "18GB", now=day("11-21"))
    sim("usage", "record", "sim", "--remaining", "2GB", "--expires", "2026-12-01T09:00:00+07:00")
    lines = tree(tmp_path / "home" / "profiles" / "default" / "journal")
    done = sim("usage", "undo", "sim", "--json")
    reading = done.json["reading"]
    assert (done.code, reading["state"], reading["remaining_bytes"]) == (0, "undone", 2 * GB)
    assert reading["modelled_bytes"] == 18 * GB, "what counts now"
    after = tree(tmp_path / "home" / "profiles" / "default" / "journal")
    for name, content in lines.items():
        assert after[name].startswith(content), "the journal only grows"
    assert b'kind = "reading.undone"' in b"".join(after.values())
    (balance,) = sim("balance", "sim", "--json").json["lines"]
    assert (balance["data"]["remaining_bytes"], balance["reading"]["at"]) == (18 * GB, "2026-11-21T02:00:00Z")
    assert balance["expires_at"] == "2026-12-20T02:00:00Z"


def test_history_report_and_forecast_follow(sim: Runner) -> None:
    for date, amount in (("11-21", "19GB"), ("11-22", "18GB"), ("11-23", "17GB"), ("11-24", "16GB"), ("11-25", "1GB")):
        sim("usage", "record", "sim", "--remaining", amount, now=day(date))
    asked = (
        ("usage", "history", "sim", "--json"), ("report", "--json"), ("usage", "forecast", "sim", "--json"),
        ("balance", "sim", "--json"),
    )  # fmt: skip
    wrong = [sim(*words, now=day("11-25")).json for words in asked]
    assert wrong[1]["report"][0]["used_bytes"] == 19 * GB
    assert sim("usage", "undo", "sim", now=day("11-25")).code == 0
    told = [sim(*words, now=day("11-25")).json for words in asked]
    assert (told[0]["used_bytes"], told[1]["report"][0]["used_bytes"]) == (4 * GB, 4 * GB)
    assert told[2]["mean_per_day_bytes"] == GB
    assert told[3]["lines"][0]["data"]["remaining_bytes"] == 16 * GB
    assert sim("doctor", "--json", now=day("11-25")).code in (0, 20)


def test_undone_to_the_last_and_recorded_again(sim: Runner) -> None:
    sms = "Your remaining bundle data is 6.4 GB. It expires on 20-Dec-2026."
    for _ in range(2):
        done = sim("usage", "import", "sim", "-", "--json", given=sms)
        assert done.json["readings"][0]["state"] == "recorded", "what was taken back is no duplicate"
        assert left(sim) == 6_400_000_000
        assert sim("usage", "undo", "sim").code == 0
        assert left(sim) == 20 * GB
    done = sim("usage", "undo", "sim", "--json")
    assert (done.code, done.json["error"]["code"]) == (2, "nothing_to_undo")


def test_a_text_that_gave_no_figure_is_not_what_undo_takes(sim: Runner) -> None:
    sim("usage", "record", "sim", "--remaining", "9GB")
    assert sim("usage", "import", "sim", "-", given="Happy new year from all of us at your carrier!").code == 20
    assert sim("usage", "undo", "sim", "--json").json["reading"]["remaining_bytes"] == 9 * GB


def test_undo_leaves_a_providers_own_reading_alone(run: Runner) -> None:
    assert run("buy", "demo-monthly-20gb", "--provider", "sandbox", "--name", "phone", "--yes").code == 0
    assert run("balance", "phone").code == 0
    assert run("usage", "undo", "phone").code == 2
    assert run("usage", "record", "phone", "--remaining", "12GB").code == 0
    assert left(run, "phone", now=NOW) == 12 * GB
    assert run("usage", "undo", "phone").code == 0
    assert left(run, "phone", now=NOW) == 20 * GB


def test_an_undone_reading_stays_undone_after_the_line_has_another_name(sim: Runner) -> None:
    sim("usage", "record", "sim", "--remaining", "9GB")
    assert sim("usage", "undo", "sim").code == 0
    assert sim("lines", "rename", "sim", "card").code == 0
    assert left(sim, "card") == 20 * GB
    assert sim("usage", "undo", "card").code == 2


@pytest.fixture
def carried(run: Runner) -> Runner:
    """Eight gigabytes should have carried over on 20 November at nine, by the books."""
    bring(run)
    words = ("--provider", "manual", "--carrier", "smart", "--plan", CARRY, "--price", "9USD")
    assert run("lines", "add", "sim", *words, now=day("10-20")).code == 0
    assert run("usage", "record", "sim", "--remaining", "8GB", now=day("11-15")).code == 0
    assert run("renew", "sim", "--paid", "KIOSK-77", now=day("11-16")).code == 0
    document = run("balance", "sim", "--json", now=day("11-21")).json["lines"][0]
    assert [(b["category"], b["remaining"]) for b in document["buckets"]] == [("rollover", 8 * GB), ("base", 20 * GB)]
    return run


def test_a_carry_that_failed_closes_its_bucket_with_reason_date_and_whom_to_tell(carried: Runner) -> None:
    done = carried("usage", "record", "sim", "--carried", "0", "--json", now=day("11-21"))
    carry = done.json["reading"]["carry"]
    assert (done.code, carry["expected_bytes"], carry["carried_bytes"], carry["failed_bytes"]) == (0, 8 * GB, 0, 8 * GB)
    (closed,) = carry["closed"]
    assert (closed["octets"], closed["reason"]) == (8 * GB, "not_carried")
    assert (closed["since"], closed["at"]) == ("2026-11-20T02:00:00Z", "2026-11-21T02:00:00Z")
    assert "888" in carry["call"]
    assert "KIOSK-77" in carry["say"]
    assert "8 GB should have carried over" in carry["say"]
    assert "8 GB was not carried over" in done.err
    assert "call 888" in done.err


def test_no_phantom_remains(carried: Runner) -> None:
    assert carried("usage", "record", "sim", "--carried", "0", "--remaining", "19GB", now=day("11-21")).code == 0
    document = carried("balance", "sim", "--explain", "--json", now=day("11-21")).json["lines"][0]
    assert [(b["category"], b["remaining"]) for b in document["buckets"]] == [("base", 19 * GB)]
    (step,) = [step for step in document["explanation"] if step["reason"] == "not-carried"]
    assert (step["at"], "not carried over" in step["text"]) == ("2026-11-21T02:00:00Z", True)
    (both,) = carried("report", "--months", "2", "--json", now=day("11-21")).json["totals"]
    assert (both["carried_bytes"], both["wasted_bytes"]) == (0, 8 * GB)
    assert both["used_bytes"] == 13 * GB, "12 of the first pack and 1 of the second: what failed was not used"
    forecast = carried("usage", "forecast", "sim", "--json", now=day("11-21")).json
    assert forecast["remaining_bytes"] == 19 * GB


def test_a_part_that_was_carried_is_kept(carried: Runner) -> None:
    done = carried("usage", "record", "sim", "--carried", "3GB", "--json", now=day("11-21"))
    assert (done.json["reading"]["carry"]["failed_bytes"], done.json["reading"]["carry"]["closed"]) == (5 * GB, [])
    document = carried("balance", "sim", "--json", now=day("11-21")).json["lines"][0]
    assert [(b["category"], b["remaining"]) for b in document["buckets"]] == [("rollover", 3 * GB), ("base", 20 * GB)]


def test_the_deadline_for_support_is_shown_where_somebody_says_it(run: Runner) -> None:
    """Cellcard takes complaints about a balance for 14 days."""
    words = ("--provider", "manual", "--carrier", "cellcard", "--data", "10GB", "--days", "30", "--price", "4USD")
    assert run("lines", "add", "sim", *words, now=day("10-20")).code == 0
    said = ("rollover", "mode=carry", "validity=3 months", "--source", "hotline 812")
    run("policy", "set", "cellcard", *said, now=day("10-20"))
    assert run("usage", "record", "sim", "--remaining", "4GB", now=day("11-15")).code == 0
    done = run("usage", "record", "sim", "--carried", "0", "--json", now=day("11-16"))
    assert done.json["reading"]["carry"]["complain_by"] == "2026-11-30T02:00:00Z"
    assert "812" in done.json["reading"]["carry"]["call"]


def test_by_the_difference_it_is_asked_about_on_a_terminal(carried: Runner, tmp_path: Path) -> None:
    words = ["usage", "record", "sim", "--remaining", "19.5GB"]
    code, seen = talk(words, [(b"Did the carry fail? [y/N]", b"y\n")], tmp_path, now=day("11-21"))
    assert code == 0, seen
    document = carried("balance", "sim", "--json", now=day("11-21")).json["lines"][0]
    assert [(b["category"], b["remaining"]) for b in document["buckets"]] == [("base", 19_500_000_000)]
    assert "8 GB was not carried over" in " ".join(seen.split())


def test_a_no_means_that_it_was_used(carried: Runner, tmp_path: Path) -> None:
    words = ["usage", "record", "sim", "--remaining", "19.5GB"]
    code, seen = talk(words, [(b"Did the carry fail? [y/N]", b"n\n")], tmp_path, now=day("11-21"))
    assert code == 0, seen
    (both,) = carried("report", "--months", "2", "--json", now=day("11-21")).json["totals"]
    assert (both["carried_bytes"], both["used_bytes"]) == (8 * GB, 20_500_000_000)


def test_without_a_terminal_the_reading_counts_and_the_doubt_is_said(carried: Runner) -> None:
    done = carried("usage", "record", "sim", "--remaining", "19.5GB", "--json", now=day("11-21"))
    assert (done.code, done.json["reading"]["findings"]) == (0, ["carry_doubtful"])
    assert "esimctl usage record sim --carried 0" in done.err
    later = carried("usage", "record", "sim", "--remaining", "18GB", "--json", now=day("11-22"))
    assert later.json["reading"]["findings"] == [], "the first look decides"


def test_late_in_the_term_what_was_carried_may_well_be_used(carried: Runner) -> None:
    done = carried("usage", "record", "sim", "--remaining", "15GB", "--json", now=day("12-05"))
    assert done.json["reading"]["findings"] == []


def test_carried_data_is_not_typed_where_the_provider_says_it(run: Runner) -> None:
    assert run("buy", "demo-monthly-20gb", "--provider", "sandbox", "--name", "phone", "--yes").code == 0
    done = run("usage", "record", "phone", "--carried", "0", "--json")
    assert (done.code, done.json["error"]["code"]) == (2, "not_by_hand")
