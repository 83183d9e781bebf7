"""`check`: exit 20 and one line, the same as JSON, and the line and codes that plugins of monitors have."""

import re
from pathlib import Path

from tests.conftest import Runner

#: the guidelines for plugins: STATE - text | 'label'=value[unit]
FIGURE = r"'[^']+'=\d+B(;\d+:;1:;0;)?"
LINE = re.compile(rf"(OK|WARNING|CRITICAL|UNKNOWN) - [^|]+( \| {FIGURE}( {FIGURE})*)?\n\Z")


def bought(run: Runner, name: str = "phone", plan: str = "smart-5g-30d") -> None:
    assert run("buy", plan, "--provider", "sandbox", "--name", name, "--yes").code == 0


def test_all_is_well_silently(run: Runner) -> None:
    assert run("profile", "create", "default").code == 0
    assert run("check") == (0, "", "")
    bought(run)
    found = run("check")
    assert (found.code, found.out, found.err) == (0, "", "")


def test_where_there_is_no_profile_nothing_is_watched(run: Runner, tmp_path: Path) -> None:
    """A monitor that looks into the wrong home must not be green; looking makes nothing there."""
    said = f"there is no profile default in {tmp_path / 'home'}: nothing is watched"
    assert run("check") == (20, said + "\n", "")
    told = run("check", "--json")
    assert (told.code, told.json["ok"], told.json["lines"]) == (20, False, [])
    assert [(row["kind"], row["text"]) for row in told.json["findings"]] == [("no_profile", said)]
    assert run("check", "--plugin") == (3, f"UNKNOWN - {said}\n", "")
    assert not (tmp_path / "home").exists()


def test_a_finding_is_exit_20_and_one_line(run: Runner) -> None:
    bought(run)
    run("sandbox", "use", "phone", "82GB")
    found = run("check")
    assert found.code == 20
    assert found.out == "phone: low data (8 GB left)\n"


def test_the_document(run: Runner) -> None:
    bought(run)
    bought(run, "other")
    run("sandbox", "use", "phone", "82GB")
    found = run("check", "--json")
    assert found.code == 20
    assert list(found.json) == ["schema", "ok", "lines", "orders", "findings", "rules", "rehearsal"]
    assert found.json["schema"] == "esimctl.check/1"
    first, second = found.json["lines"]
    assert list(first)[:5] == ["line", "ok", "attention", "remaining_bytes", "expires_at"]
    assert set(first) - set(list(first)[:5]) == {
        "restricted_bytes",
        "restricted_unlimited",
        "judged_bytes",
        "unlimited",
        "renew_by",
        "grace_until",
        "source",
    }
    assert (first["ok"], first["attention"], first["remaining_bytes"]) == (False, ["low_data"], 8_000_000_000)
    assert (second["ok"], second["attention"]) == (True, [])


def test_own_thresholds(run: Runner) -> None:
    bought(run)
    assert run("check", "--below", "91GB").code == 20
    assert run("check", "--below", "90GB").code == 0, "less than, not as much as"
    assert run("check", "--expires-within", "31d").code == 20
    assert run("check", "--expires-within", "29d").code == 0
    run("sandbox", "use", "phone", "85GB")
    assert run("check", "--below", "1GB").code == 0, "the usual threshold is replaced"


def test_lines_can_be_named(run: Runner) -> None:
    bought(run)
    bought(run, "other")
    run("sandbox", "use", "phone", "82GB")
    assert run("check", "other").code == 0
    assert run("check", "phone", "other").code == 20
    assert run("check", "nobody").code == 2


def test_an_open_order_and_an_ended_plan(run: Runner) -> None:
    bought(run)
    later = run("check", "--json", now="2026-12-25T09:00:00+07:00")
    assert later.code == 20
    assert later.json["lines"][0]["attention"] == ["expired"]


def test_the_plugin_of_nagios(run: Runner) -> None:
    bought(run)
    fine = run("check", "--plugin")
    assert (fine.code, fine.out) == (0, "OK - 1 line, nothing to do | 'phone'=90000000000B\n")
    run("sandbox", "use", "phone", "82GB")
    low = run("check", "--plugin")
    assert low.code == 1
    assert LINE.match(low.out)
    limited = run("check", "--plugin", "--below", "10GB")
    assert limited.out == "WARNING - phone low (8 GB left) | 'phone'=8000000000B;10000000000:;1:;0;\n"
    gone = run("check", "--plugin", now="2026-12-25T09:00:00+07:00")
    assert gone.code == 2
    assert LINE.match(gone.out)


def test_a_reading_may_be_of_any_age(run: Runner) -> None:
    """A SIM whose balance nobody reads is no alarm for whoever says so."""
    words = ("--provider", "manual", "--carrier", "smart", "--data", "5GB", "--days", "30")
    assert run("lines", "add", "sim", *words).code == 0
    assert run("usage", "record", "sim", "--remaining", "4GB").code == 0
    later = {"now": "2026-11-24T09:00:00+07:00"}
    assert run("check", "--json", **later).json["lines"][0]["attention"] == ["stale_reading"]
    assert run("check", "--max-reading-age", "none", **later).code == 0
    assert run("check", "--max-reading-age", "5d", **later).code == 0
    assert run("check", "--max-reading-age", "3d", **later).code == 20
    assert run("check", "--plugin", "--max-reading-age", "none", **later).out.startswith("OK - ")
    assert run("check", "--max-reading-age", "old").code == 2
