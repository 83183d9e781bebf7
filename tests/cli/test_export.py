"""`esimctl transactions export`: what goes where, for which period, the same bytes for the same state, no secret."""

import csv
import io
import json
import os
import stat
from pathlib import Path

import pytest

from tests.conftest import NOW, Runner, tree
from tests.validation import validate

PLAN = "demo-monthly-20gb"
FORMATS = ("csv", "json", "hledger", "beancount", "ics", "prometheus")
LATER = "2026-11-22T09:00:00+07:00"


@pytest.fixture
def story(run: Runner) -> Runner:
    """A line bought, topped up two days later, a refused payment, a second line given back."""
    run("buy", PLAN, "--name", "phone", "--yes")
    run("balance", "--refresh")
    run("topup", "phone", "--amount", "5USD", "--yes", now=LATER)
    run("topup", "phone", "--amount", "7USD", "--yes", "--pay", "sandbox-declined", now=LATER)
    bought = run("buy", "smart-laor-7d", "--provider", "sandbox", "--name", "trip", "--yes", "--json", now=LATER).json[
        "order"
    ]["id"]
    run("transactions", "refund", bought, "--yes", now=LATER)
    return run


def export(run: Runner, form: str, *words: str, now: str = LATER) -> str:
    done = run("transactions", "export", "--format", form, *words, now=now)
    assert done.code == 0, done.err
    return done.out


def test_csv_holds_every_order(story: Runner) -> None:
    """The same orders as the list, octets as integers, money as decimal text."""
    rows = list(csv.DictReader(io.StringIO(export(story, "csv"), newline=""), strict=True))
    listed = story("transactions", "list", "--json").json["transactions"]
    assert [row["id"] for row in rows] == [order["id"] for order in listed]
    assert [row["state"] for row in rows] == ["settled", "settled", "rejected", "refunded"]
    assert rows[0]["data_bytes"] == str(20 * 10**9)
    assert (rows[1]["paid"], rows[1]["paid_currency"], rows[1]["data_bytes"]) == ("5.00", "USD", "")
    assert (rows[3]["refund"], rows[3]["refunded_at"]) == ("1.50", "2026-11-22T02:00:00Z")


def test_json_is_one_valid_order_a_line(story: Runner) -> None:
    lines = export(story, "json").splitlines()
    assert len(lines) == 4
    for line in lines:
        validate(json.loads(line))
    assert export(story, "jsonl").splitlines() == lines


def test_no_code_and_no_whole_number_is_in_any_export(story: Runner) -> None:
    """Activation codes, ICCIDs and phone numbers are worth money."""
    shown = story("lines", "show", "phone", "--show-code", "--json", now=LATER).json["line"]
    secrets = {shown["iccid"], shown["msisdn"], shown["activation"]["lpa"], shown["activation"]["lpa"].split("$")[-1]}
    assert all(len(secret) > 8 for secret in secrets)
    for form in FORMATS:
        made = export(story, form)
        assert [secret for secret in secrets if secret in made] == [], form


@pytest.mark.parametrize("form", FORMATS)
def test_the_same_state_gives_the_same_bytes(story: Runner, form: str, tmp_path: Path) -> None:
    """Twice, an hour apart, to stdout and to a file; nothing is written to the profile and nobody is asked."""
    story("balance", "--refresh", now=LATER)
    before = tree(tmp_path / "home/profiles/default/journal")
    first = export(story, form)
    again = export(story, form, "--to", str(tmp_path / "out"), now="2026-11-22T10:00:00+07:00")
    assert (tmp_path / "out").read_bytes().decode() == first
    assert again == "", "a file that was asked for is no news"
    assert tree(tmp_path / "home/profiles/default/journal") == before


@pytest.mark.parametrize(("form", "mode"), [("csv", 0o600), ("ics", 0o600), ("prometheus", 0o644)])
def test_the_mode_of_a_file(story: Runner, form: str, mode: int, tmp_path: Path) -> None:
    """Ours alone; a collector that runs as another user must read its metrics, whatever the umask."""
    old = os.umask(0o077)
    try:
        export(story, form, "--to", str(tmp_path / "out"))
    finally:
        os.umask(old)
    assert stat.S_IMODE((tmp_path / "out").stat().st_mode) == mode
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_a_file_that_cannot_be_written(story: Runner, tmp_path: Path) -> None:
    """One line, 74 (2 for a name that no file can have); what exists and is no file stays, and so does the old file."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    for target, code in (("pipe", 74), ("folder", 2), ("no/such", 74), ("nul\0", 2)):
        done = story("transactions", "export", "--format", "csv", "--to", str(tmp_path / target))
        assert (done.code, done.out) == (code, ""), target
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)


def test_an_export_that_fails_on_its_way_leaves_the_old_file(
    story: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "out").write_text("old")

    def fails(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fchmod", fails)
    done = story("transactions", "export", "--format", "csv", "--to", str(tmp_path / "out"))
    assert (done.code, (tmp_path / "out").read_text()) == (74, "old")
    assert sorted(path.name for path in tmp_path.iterdir() if "out" in path.name) == ["out"]


def test_with_json_the_answer_is_one_document(story: Runner, tmp_path: Path) -> None:
    """Its content, or where it went; `--format` says what of, `--json` how it is told."""
    told = story("transactions", "export", "--format", "csv", "--json", now=LATER).json
    assert (told["content"], told["records"], told["path"]) == (export(story, "csv"), 4, None)
    told = story("transactions", "export", "--format", "hledger", "--json", "--to", str(tmp_path / "x")).json
    assert (told["content"], told["path"], told["format"]) == (None, str(tmp_path / "x"), "hledger")


def test_a_period_takes_what_was_made_or_changed_in_it(story: Runner) -> None:
    since = ("--since", "2026-11-21")
    assert len(export(story, "json", *since).splitlines()) == 3
    assert len(export(story, "json", "--until", "2026-11-21").splitlines()) == 1
    assert export(story, "json", "--since", "2026-11-23") == ""
    assert export(story, "csv", "--since", "2026-11-23").count("\r\n") == 1


def test_parts_of_the_books_make_up_the_whole(story: Runner) -> None:
    """Every transaction is in one part, and each part declares what it uses."""
    for form in ("hledger", "beancount"):
        whole = export(story, form)
        parts = [export(story, form, "--until", "2026-11-21"), export(story, form, "--since", "2026-11-21")]
        blocks = [{b.strip() for b in text.split("\n\n") if b.startswith("2026")} for text in (whole, *parts)]
        assert blocks[0] == blocks[1] | blocks[2]
        assert not blocks[1] & blocks[2]
        assert [len(each) for each in blocks] == [4, 1, 3]
    hledger = export(story, "hledger", "--since", "2026-11-21")
    used = {line.split("  ")[2] for line in hledger.splitlines() if line.startswith("    ") and ";" not in line}
    declared = {line.removeprefix("account ") for line in hledger.splitlines() if line.startswith("account ")}
    assert used == declared


def test_one_line_only(story: Runner) -> None:
    assert len(export(story, "json", "--line", "trip").splitlines()) == 1
    assert "phone" not in export(story, "hledger", "--line", "trip")
    assert 'line="phone"' in export(story, "prometheus", "--line", "phone")


def test_open_orders_are_left_out_of_account_books_and_that_is_said(story: Runner) -> None:
    story("sandbox", "fault", "slow-activation", now=LATER)
    story("topup", "phone", "--amount", "2USD", "--no-wait", "--yes", now=LATER)
    done = story("transactions", "export", "--format", "hledger", now=LATER)
    assert "2.00 USD" not in done.out
    assert "1 open orders are not in it" in done.err
    assert len(export(story, "json").splitlines()) == 5


@pytest.mark.parametrize(
    "words",
    [
        ("--format", "xlsx"),
        (),
        ("--format", "csv", "--since", "a day"),
        ("--format", "csv", "--line", "nobody"),
        ("--format", "prometheus", "--since", "2026-11-01"),
    ],
)
def test_what_makes_no_sense_is_refused(story: Runner, words: tuple[str, ...], tmp_path: Path) -> None:
    done = story("transactions", "export", *words, "--to", str(tmp_path / "out"))
    assert (done.code, done.out) == (2, "")
    assert not (tmp_path / "out").exists()


def test_an_empty_profile_gives_empty_exports(run: Runner, tmp_path: Path) -> None:
    """No order is no error; unknown is absent from the metrics."""
    assert export(run, "json") == ""
    assert export(run, "csv").count("\r\n") == 1
    assert "BEGIN:VEVENT" not in export(run, "ics")
    made = export(run, "prometheus")
    assert [line.split("{")[0] for line in made.splitlines() if line[0] != "#"] == ["esimctl_build_info"]
    assert not (tmp_path / "home/profiles").exists(), "looking creates nothing"


@pytest.mark.parametrize(
    "words",
    [
        ("transactions", "export", "--format", form)
        for form in ("csv", "json", "hledger", "beancount", "ics", "prometheus")
    ]
    + [("report", "--format", "html")],
    ids=" ".join,
)
def test_a_home_without_a_profile_replaces_no_file(run: Runner, words: tuple[str, ...], tmp_path: Path) -> None:
    """A timer with another HOME would empty the books and calendars that a good run wrote."""
    good, fresh = tmp_path / "good", tmp_path / "fresh"
    good.write_text("what a good run wrote", "utf-8")
    done = run(*words, "--to", str(good))
    assert (done.code, done.out, good.read_text("utf-8")) == (2, "", "what a good run wrote")
    assert "stays as it was" in done.err
    assert run(*words, "--to", str(fresh)).code == 0
    assert fresh.exists()


def test_metrics_say_what_is_known_and_nothing_else(story: Runner) -> None:
    """Base units, money by currency, attempts by their end; a line that nobody has read has no figures."""
    made = dict(line.rsplit(" ", 1) for line in export(story, "prometheus").splitlines() if not line.startswith("#"))
    assert made[
        'esimctl_data_remaining_bytes{profile="default",line="phone",operator="demo",play="true",bucket="base"}'
    ] == str(20 * 10**9)
    assert made['esimctl_spend_total{profile="default",currency="USD",play="true"}'] == "15.50"
    assert made['esimctl_refund_total{profile="default",currency="USD",play="true"}'] == "1.50"
    assert made['esimctl_topup_attempts_total{profile="default",result="settled"}'] == "1"
    assert made['esimctl_topup_attempts_total{profile="default",result="rejected"}'] == "1"
    assert made['esimctl_audit_findings{profile="default",kind="failed_charge"}'] == "1"
    assert not any(name.startswith("esimctl_last_run") for name in made), "no run yet"
    run = story
    run("lines", "add", "found", "--provider", "manual", "--carrier", "cootel")
    later = export(run, "prometheus")
    assert 'esimctl_data_remaining_bytes{profile="default",line="found"' not in later
    assert 'esimctl_plan_expiry_timestamp_seconds{profile="default",line="found"' not in later


def test_a_line_called_by_its_number_is_not_named_in_the_metrics(run: Runner) -> None:
    run("lines", "add", "012345678", "--provider", "manual", "--carrier", "smart", "--data", "5GB", "--days", "30")
    made = export(run, "prometheus", now=NOW)
    assert "012345678" not in made
    assert 'line="line-' in made


def test_the_breaker_and_the_last_run_are_metrics(run: Runner) -> None:
    run("buy", PLAN, "--name", "phone", "--yes")
    words = ("--below", "1GB", "--plan", "demo-topup-2gb", "--max-price", "10USD", "--max-per-month", "20USD")
    assert run("autotopup", "set", "phone", *words).code == 0
    assert run("autotopup", "enable", "phone", "--confirm", "20USD").code == 0
    run("autotopup", "run")
    made = export(run, "prometheus", now=NOW)
    assert 'esimctl_autotopup_breaker_open{profile="default",rule="phone"} 0' in made
    assert 'esimctl_last_run_success{profile="default"} 1' in made
    assert 'esimctl_last_run_timestamp_seconds{profile="default"} 1795140000' in made
