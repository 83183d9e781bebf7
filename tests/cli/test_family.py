"""Lines of a family: who may use whose data, what that leaves, who took what, what is refused (R-05, R-49)."""

from typing import Any

import pytest

from tests.conftest import NOW, Runner
from tests.own_plans import bring

GB = 10**9
LATER = "2026-11-21T09:00:00+07:00"
FAMILY = "demo-family-30gb"


def line(run: Runner, name: str) -> Any:
    return run("balance", name, "--json").json["lines"][0]


@pytest.fixture
def family(run: Runner) -> Runner:
    """At the embedded operator: mum shares thirty gigabytes with kid, who has used up what was its own."""
    run("buy", FAMILY, "--name", "mum", "--yes")
    run("buy", "demo-monthly-5gb", "--name", "kid", "--yes")
    assert run("lines", "share", "mum", "--with", "kid", "--cap", "4GB").code == 0
    run("sandbox", "use", "kid", "5GB")
    return run


@pytest.fixture
def counter(run: Runner) -> Runner:
    """The like with SIMs of a counter: kid has nothing but what mum shares."""
    bring(run, NOW)
    run("lines", "add", "mum", "--provider", "manual", "--carrier", "smart", "--plan", "smart-own-family")
    run("lines", "add", "kid", "--provider", "manual", "--carrier", "smart")
    assert run("lines", "share", "mum", "--with", "kid", "--cap", "5GB").code == 0
    return run


def test_a_pool_that_is_usable_counts_as_left(family: Runner) -> None:
    kid = line(family, "kid")
    assert kid["data"]["remaining_bytes"] == 4 * GB
    assert (kid["data"]["granted_bytes"], kid["data"]["used_bytes"]) == (9 * GB, 5 * GB)
    assert kid["attention"] == []
    assert family("check").code == 0
    assert family("check", "--below", "3GB").code == 0


def test_no_rule_buys_while_a_pool_is_usable(family: Runner) -> None:
    family(
        *("autotopup", "set", "kid", "--below", "1GB", "--plan", "demo-topup-2gb"),
        *("--max-price", "5USD", "--max-per-month", "10USD"),
    )
    assert family("autotopup", "enable", "kid", "--confirm", "10USD").code == 0
    assert family("autotopup", "run", "--json").json["orders"] == []
    family("sandbox", "use", "kid", "3500MB")
    assert len(family("autotopup", "run", "--json").json["orders"]) == 1


def test_the_owners_figure_sinks_when_a_member_uses(family: Runner) -> None:
    assert line(family, "mum")["data"]["remaining_bytes"] == 30 * GB
    family("sandbox", "use", "kid", "3GB")
    assert line(family, "mum")["data"]["remaining_bytes"] == 27 * GB
    assert line(family, "kid")["data"]["remaining_bytes"] == GB


def test_a_line_whose_own_pack_has_ended_lives_on_its_pool(run: Runner) -> None:
    """A member is used up only when the pool is."""
    run("buy", "demo-family-30gb", "--name", "mum", "--yes")
    run("buy", "demo-weekly-2gb", "--name", "kid", "--yes")
    run("lines", "share", "mum", "--with", "kid")
    kid = run("balance", "kid", "--json", now="2026-11-29T09:00:00+07:00").json["lines"][0]
    assert (kid["status"], kid["data"]["remaining_bytes"]) == ("active", 30 * GB)
    assert kid["expires_at"] == "2026-12-20T02:00:00Z"


def test_what_a_counter_member_reads_off_the_phone_is_taken_from_the_pool(counter: Runner) -> None:
    kid = line(counter, "kid")
    assert (kid["status"], kid["data"]["remaining_bytes"]) == ("active", 5 * GB)
    read = counter("usage", "record", "kid", "--remaining", "3GB", "--json", now=LATER)
    assert (read.code, "no purchase" in read.err) == (0, False)
    kid, mum = (counter("balance", name, "--json", now=LATER).json["lines"][0] for name in ("kid", "mum"))
    assert kid["data"]["remaining_bytes"] == 3 * GB
    assert mum["data"]["remaining_bytes"] == 38 * GB
    assert [bucket["owner"] for bucket in kid["buckets"] if bucket["shared"]] == ["mum"]


def test_lines_name_their_ties_with_cap_and_taken(family: Runner) -> None:
    family("sandbox", "use", "kid", "1GB")
    mum = family("lines", "show", "mum", "--json").json["line"]["ties"]
    kid = {row["line"]: row for row in family("lines", "list", "--json").json["lines"]}["kid"]["ties"]
    assert mum == [{"line": "kid", "role": "member", "cap_bytes": 4 * GB, "taken_bytes": GB}]
    assert kid == [{"line": "mum", "role": "owner", "cap_bytes": 4 * GB, "taken_bytes": GB}]
    assert "kid may use its data: 1 GB of 4 GB taken" in family("lines", "show", "mum", "-o", "table").out
    family("lines", "unshare", "mum", "--with", "kid")
    assert family("lines", "show", "mum", "--json").json["line"]["ties"] == []


def test_ties_of_counter_lines_follow_a_new_name(counter: Runner) -> None:
    counter("usage", "record", "kid", "--remaining", "3GB", now=LATER)
    counter("lines", "rename", "kid", "child", now=LATER)
    ties = counter("lines", "show", "mum", "--json", now=LATER).json["line"]["ties"]
    assert ties == [{"line": "child", "role": "member", "cap_bytes": 5 * GB, "taken_bytes": 2 * GB}]


@pytest.mark.parametrize("by", ["line", "person"])
def test_a_report_says_who_took_what(family: Runner, by: str) -> None:
    names = {"mum": "mum", "kid": "kid"}
    if by == "person":
        names = {"mum": "Sokha", "kid": "Dara"}
        for name, owner in names.items():
            family("lines", "owner", name, owner)
    family("sandbox", "use", "mum", "2GB", now="2026-11-20T12:00:00+07:00")
    family("sandbox", "use", "kid", "3GB", now=LATER)
    rows = {row["group"]: row for row in family("report", "--by", by, "--json", now=LATER).json["report"]}
    mum, kid = rows[names["mum"]], rows[names["kid"]]
    assert (mum["used_bytes"], mum["pool_lent_bytes"], mum["pool_taken_bytes"]) == (2 * GB, 3 * GB, 0)
    assert (kid["used_bytes"], kid["pool_lent_bytes"], kid["pool_taken_bytes"]) == (8 * GB, 0, 3 * GB)
    assert family("report", "--json", now=LATER).json["totals"][0]["used_bytes"] == 10 * GB


def test_a_report_of_counter_lines_says_who_took_what(counter: Runner) -> None:
    counter("usage", "record", "kid", "--remaining", "3GB", now=LATER)
    rows = {row["group"]: row for row in counter("report", "--by", "line", "--json", now=LATER).json["report"]}
    assert (rows["kid"]["used_bytes"], rows["kid"]["pool_taken_bytes"]) == (2 * GB, 2 * GB)
    assert rows["mum"]["pool_lent_bytes"] == 2 * GB


def test_an_explanation_names_lines_and_no_iccid(family: Runner) -> None:
    iccids = [family("lines", "show", name, "--show-code", "--json").json["line"]["iccid"] for name in ("mum", "kid")]
    family("topup", "mum", "--plan", "demo-topup-5gb", "--yes")
    assert family("lines", "gift", "mum", "1GB", "--to", "kid").code == 0
    family("sandbox", "use", "kid", "2GB")
    for form in ("json", "table"):
        told = "".join(family("balance", name, "--explain", "-o", form).out for name in ("mum", "kid"))
        assert "may use the data of mum" in told
        assert "used by kid" in told
        assert "given to kid" in told
        assert not [iccid for iccid in iccids if iccid in told]


@pytest.mark.parametrize("verb", ["share", "gift"])
@pytest.mark.parametrize("provider", ["sandbox", "manual"])
def test_data_stays_within_one_carrier(run: Runner, verb: str, provider: str) -> None:
    for name, plan in (("a", "smart-laor-30d"), ("b", "metfone-met5g-30d")):
        if provider == "manual":
            run("lines", "add", name, "--provider", "manual", "--carrier", plan.split("-")[0], "--plan", plan)
        else:
            run("buy", plan, "--provider", "sandbox", "--name", name, "--yes")
    words = ("share", "a", "--with", "b") if verb == "share" else ("gift", "a", "1GB", "--to", "b")
    done = run("lines", *words, "--json")
    assert (done.code, done.json["error"]["code"]) == (2, "other_carrier")
    assert "smart" in done.json["error"]["message"]
    assert "metfone" in done.json["error"]["message"]


@pytest.mark.parametrize("provider", ["sandbox", "manual"])
def test_a_plan_that_does_not_share_says_so(run: Runner, provider: str) -> None:
    """`smart-laor-30d` says that it is not shareable, and has nothing that may be given away."""
    for name in ("a", "b"):
        if provider == "manual":
            run("lines", "add", name, "--provider", "manual", "--carrier", "smart", "--plan", "smart-laor-30d")
        else:
            run("buy", "smart-laor-30d", "--provider", "sandbox", "--name", name, "--yes")
    shared = run("lines", "share", "a", "--with", "b", "--json")
    assert (shared.code, shared.json["error"]["code"]) == (3, "not_shareable")
    assert "smart-laor-30d does not let its data be shared" in shared.json["error"]["message"]
    given = run("lines", "gift", "a", "1GB", "--to", "b", "--json")
    assert given.code == 3
    assert "this plan gives nothing away" in given.json["error"]["message"]
    assert run("balance", "b", "--json").json["lines"][0]["data"]["remaining_bytes"] == 60 * GB


def test_more_than_there_is_to_give_is_another_refusal(run: Runner) -> None:
    for name in ("a", "b"):
        run("buy", "demo-monthly-10gb", "--name", name, "--yes")
    given = run("lines", "gift", "a", "11GB", "--to", "b", "--json")
    assert "more than may be given away" in given.json["error"]["message"]


def test_a_persons_own_word_overrules_the_plan(run: Runner) -> None:
    """For lines of a counter: what the carrier did is what the person says."""
    for name in ("a", "b"):
        run("lines", "add", name, "--provider", "manual", "--carrier", "smart", "--plan", "smart-laor-30d")
    run("policy", "set", "smart/smart-laor-30d", "sharing", "allowed=yes", "--source", "hotline 888")
    assert run("lines", "gift", "a", "1GB", "--to", "b", "--yes").code == 0
    assert run("lines", "share", "a", "--with", "b").code == 0
    assert line(run, "a")["data"]["remaining_bytes"] == 59 * GB
    assert line(run, "b")["data"]["remaining_bytes"] == (61 + 59) * GB
    run("policy", "set", "smart", "sharing", "allowed=no", "--source", "the counter")
    run("policy", "reset", "smart/smart-laor-30d", "sharing")
    refused = run("lines", "gift", "a", "1GB", "--to", "b", "--json")
    assert (refused.code, "by your own word" in refused.json["error"]["message"]) == (3, True)
    assert line(run, "a")["data"]["remaining_bytes"] == 59 * GB, "what was done stays done"
