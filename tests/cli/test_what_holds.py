"""The claim in force is what the books use: lists, offers, purchases, balances and reports say and do the same."""

from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Runner, balance_of, day

GB = 10**9
PLAN = "smart-laor-30d"
OWN_ROW = """
[plan.smart-laor-30d]
carrier = "smart"
name = "Laor from the shop"
price = "7.00 USD"
source = "the shop at the corner"
as_of = 2026-10-01
[plan.smart-laor-30d.terms]
data = "70GB"
term = "31 days"
rollover = { mode = "carry", validity = "2 months" }
"""


def done(run: Runner, *words: str, now: str) -> Any:
    found = run(*words, now=now)
    assert found.code == 0, found.err
    return found


def carry(run: Runner, now: str, *words: str, subject: str = f"smart/{PLAN}") -> Any:
    values = ("mode=carry", "validity=3 months", "--source", "hotline 888")
    return done(run, "policy", "set", subject, "rollover", *values, *words, now=now)


def add(run: Runner, now: str, *words: str) -> None:
    done(run, "lines", "add", "sim", "--provider", "manual", "--carrier", "smart", "--price", "6USD", *words, now=now)


def reported(run: Runner, now: str, month: str) -> dict[str, Any]:
    found: dict[str, Any] = run("report", "--month", month, "--json", now=now).json["report"][0]
    return found


@pytest.fixture
def sim(run: Runner) -> Runner:
    """A SIM of a counter with thirty days from 20 October; 22 of its 60 GB are left on 18 November."""
    add(run, day("10-20"), "--plan", PLAN)
    done(run, "usage", "record", "sim", "--remaining", "22GB", now=day("11-18"))
    return run


def test_the_word_of_the_hotline_is_what_every_list_offer_and_book_says(sim: Runner) -> None:
    """Nothing was lost: the report, the lists, the offer and the balance agree with the person's word."""
    assert balance_of(sim, "sim", day("11-18"))["rollover"]["effective"] == "none"
    said = carry(sim, day("11-18"))
    assert "sim: this counts from 2026-10-20 on" in said.err
    shown = sim("plans", "show", PLAN, "--json", now=day("11-18")).json["plan"]
    assert (shown["rollover"], shown["rollover_claim"], shown["rollover_by"]) == (
        "carry", f"own-{PLAN}-rollover", "person",
    )  # fmt: skip
    assert shown["terms"]["rollover"] == {"mode": "carry", "validity": "3 months"}
    listed = sim("plans", "list", "--carrier", "smart", "--rollover", "--json", now=day("11-18")).json["plans"]
    assert PLAN in {row["id"] for row in listed}
    offered = sim("renew", "sim", "--dry-run", "--json", now=day("11-18")).json["offer"]["plan"]
    assert (offered["rollover"], offered["rollover_by"]) == ("carry", "person")
    bought = sim("buy", PLAN, "--provider", "sandbox", "--dry-run", "--json", now=day("11-18")).json["offer"]["plan"]
    assert (bought["rollover"], bought["rollover_by"]) == ("carry", "person")
    part = balance_of(sim, "sim", day("11-18"))["rollover"]
    assert (part["effective"], part["disputed"], part["by"]) == ("carry", False, "person")
    assert part["carry_if_renewed_bytes"] == 22 * GB
    done(sim, "renew", "sim", "--paid", "x1", now=day("11-18"))
    after = balance_of(sim, "sim", day("12-01"))
    assert after["data"]["remaining_bytes"] == 82 * GB
    [carried] = [bucket for bucket in after["buckets"] if bucket["category"] == "rollover"]
    assert (carried["remaining"], carried["end"]) == (22 * GB, "2027-02-19T02:00:00Z")
    november = reported(sim, day("12-01"), "2026-11")
    assert (november["carried_bytes"], november["wasted_bytes"]) == (22 * GB, 0)
    assert sim("lines", "show", "sim", "--json", now=day("12-01")).json["line"]["rollover"]["effective"] == "carry"


def test_without_a_word_the_dispute_is_shown_and_the_lesser_promise_is_counted(sim: Runner) -> None:
    shown = sim("plans", "show", PLAN, "--json", now=day("11-18")).json["plan"]
    assert (shown["rollover"], shown["rollover_counted"]) == ("disputed", "none")
    [row] = [
        one
        for one in sim("plans", "list", "--carrier", "smart", "--json", now=day("11-18")).json["plans"]
        if one["id"] == PLAN
    ]
    assert row["rollover"] == "disputed"
    compared = sim("plans", "compare", PLAN, "--json", now=day("11-18")).json["plans"][0]
    assert (compared["rollover"], compared["policy"], compared["disputed"]) == ("disputed", "none", True)
    policy = sim("policy", "show", f"smart/{PLAN}", "rollover", "--json", now=day("11-18")).json["policy"][0]
    assert (policy["word"], policy["disputed"], policy["effective"]) == ("disputed", True, {"mode": "none"})
    assert PLAN not in sim("plans", "list", "--rollover", now=day("11-18")).out
    assert sim("plans", "list", "--carrier", "smart", "--columns", "id,rollover", now=day("11-18")).out.count(
        f"{PLAN}\tdisputed\n"
    )
    part = balance_of(sim, "sim", day("11-18"))["rollover"]
    assert (part["effective"], part["disputed"], part["carry_if_renewed_bytes"]) == ("none", True, 0)
    simulated = sim("simulate", "--plan", PLAN, "--per-day", "1GB", "--months", "2", "--json", now=day("11-18")).json
    assert simulated["plans"][0]["rollover"] == "disputed"
    assert all(month["carried_bytes"] == 0 for month in simulated["plans"][0]["months"])
    carry(sim, day("11-18"))
    simulated = sim("simulate", "--plan", PLAN, "--per-day", "1GB", "--months", "2", "--json", now=day("11-18")).json
    assert simulated["plans"][0]["rollover"] == "carry"
    assert any(month["carried_bytes"] for month in simulated["plans"][0]["months"])


def test_a_later_word_counts_from_the_present_term_and_leaves_the_terms_before_it_as_they_were(sim: Runner) -> None:
    done(sim, "renew", "sim", "--paid", "x1", now=day("11-18"))
    carry(sim, day("12-01"))
    after = balance_of(sim, "sim", day("12-01"), "--explain")
    assert after["data"]["remaining_bytes"] == 60 * GB, "what the first term left was lost by its own terms"
    assert after["rollover"]["carry_if_renewed_bytes"] == 60 * GB
    told = [step for step in after["explanation"] if step["reason"] == "restated-carry"]
    assert [(step["at"], step["params"]["other"]) for step in told] == [
        ("2026-11-18T02:00:00Z", f"own-{PLAN}-rollover")
    ]
    assert reported(sim, day("12-01"), "2026-11")["wasted_bytes"] == 22 * GB


def test_a_word_that_names_its_day_counts_from_there_for_terms_that_are_over_as_well(sim: Runner) -> None:
    done(sim, "renew", "sim", "--paid", "x1", now=day("11-18"))
    assert balance_of(sim, "sim", day("12-01"))["data"]["remaining_bytes"] == 60 * GB
    changed = carry(sim, day("12-01"), "--from", "2026-11-01", "--json").json["lines"]
    assert changed == [{"line": "sim", "since": "2026-10-31T17:00:00Z", "before": "disputed", "after": "carry"}]
    assert balance_of(sim, "sim", day("12-01"))["data"]["remaining_bytes"] == 82 * GB
    assert reported(sim, day("12-01"), "2026-11")["wasted_bytes"] == 0
    second = balance_of(sim, "sim", day("12-01"))["rollover"]
    assert (second["effective"], second["carry_if_renewed_bytes"]) == ("carry", 60 * GB), "bought after that day"
    assert sim("policy", "reset", f"smart/{PLAN}", now=day("12-01")).code == 0
    assert balance_of(sim, "sim", day("12-01"))["data"]["remaining_bytes"] == 60 * GB
    part = balance_of(sim, "sim", day("12-01"))["rollover"]
    assert (part["effective"], part["disputed"], part["claim"]) == ("none", True, "article-s0-clear")


def test_a_word_of_tomorrow_counts_tomorrow(sim: Runner) -> None:
    carry(sim, day("11-18"), "--from", "2026-11-19")
    assert sim("plans", "show", PLAN, "--json", now=day("11-18")).json["plan"]["rollover"] == "disputed"
    assert balance_of(sim, "sim", day("11-18"))["rollover"]["effective"] == "none"
    claims = sim("policy", "show", f"smart/{PLAN}", "rollover", "--json", now=day("11-18")).json["policy"][0]["claims"]
    assert [(one["from"], one["counts"]) for one in claims if one["kind"] == "person"] == [("2026-11-19", False)]
    early = "2026-11-19T01:00:00+07:00"
    assert sim("plans", "show", PLAN, "--json", now=early).json["plan"]["rollover"] == "carry"
    assert balance_of(sim, "sim", early)["rollover"]["effective"] == "carry"
    assert balance_of(sim, "sim", early)["rollover"]["carry_if_renewed_bytes"] == 22 * GB


def test_a_day_that_is_none_is_refused_and_nothing_is_written(sim: Runner) -> None:
    refused = sim(
        "policy", "set", "smart", "rollover", "mode=none", "--source", "x", "--from", "2026-02-30", now=day("11-18")
    )
    assert (refused.code, refused.out) == (2, "")
    assert "--from" in refused.err
    assert sim("policy", "show", "smart", "rollover", "--json", now=day("11-18")).json["policy"][0]["disputed"]


def test_a_purchase_keeps_what_held_on_its_day_with_the_claim(run: Runner, tmp_path: Path) -> None:
    carry(run, day("10-01"), subject="smart")
    add(run, day("10-20"), "--plan", PLAN)
    text = (tmp_path / "home/profiles/default/journal/000001.toml").read_text("utf-8")
    assert 'claim = "own-smart-rollover"' in text
    assert 'validity = "3 months"' in text
    assert balance_of(run, "sim", day("10-21"))["rollover"]["claim"] == "own-smart-rollover"


def test_a_line_that_its_owner_described_follows_the_same_word(run: Runner) -> None:
    add(run, day("10-20"), "--data", "10GB", "--days", "30")
    assert balance_of(run, "sim", day("10-21"))["rollover"]["carry_if_renewed_bytes"] == 0
    carry(run, day("10-22"), subject="smart")
    part = balance_of(run, "sim", day("10-22"))["rollover"]
    assert (part["effective"], part["carry_if_renewed_bytes"]) == ("carry", 10 * GB)


def test_lines_older_than_this_keep_the_terms_that_the_books_used(run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    """A journal that says nothing of whose word its terms are is read by its terms, whatever is claimed today."""
    from esimctl.lines import counter

    carry(run, day("10-01"), subject="smart")
    with monkeypatch.context() as older:
        older.setattr(counter, "frozen", lambda _session, _plan, terms, *_, **__: (dict(terms), None))
        add(run, day("10-20"), "--plan", PLAN)
    done(run, "usage", "record", "sim", "--remaining", "22GB", now=day("11-18"))
    part = balance_of(run, "sim", day("11-18"))["rollover"]
    assert (part["effective"], part["claim"], part["carry_if_renewed_bytes"]) == ("none", f"terms:{PLAN}", 0)
    done(run, "renew", "sim", "--paid", "x1", now=day("11-18"))
    assert balance_of(run, "sim", day("12-01"))["rollover"]["effective"] == "carry", "the new term is of today"
    assert balance_of(run, "sim", day("12-01"))["data"]["remaining_bytes"] == 60 * GB


def test_the_embedded_operator_plays_by_the_same_word(run: Runner) -> None:
    done(run, "buy", PLAN, "--provider", "sandbox", "--name", "p", "--yes", now=day("10-20"))
    assert balance_of(run, "p", day("10-21"))["rollover"]["carry_if_renewed_bytes"] == 0
    carry(run, day("10-21"), subject="smart")
    after = balance_of(run, "p", day("10-21"), "--explain")
    assert (after["rollover"]["effective"], after["rollover"]["carry_if_renewed_bytes"]) == ("carry", 60 * GB)
    assert "restated-carry" in {step["reason"] for step in after["explanation"]}
    done(run, "sandbox", "use", "p", "38GB", now=day("11-01"))
    done(run, "renew", "p", "--yes", now=day("11-18"))
    assert balance_of(run, "p", day("11-20"))["data"]["remaining_bytes"] == 82 * GB
    assert run("policy", "reset", "smart", now=day("11-20")).code == 0
    part = balance_of(run, "p", day("11-20"))["rollover"]
    assert (part["effective"], part["carry_if_renewed_bytes"]) == ("none", 0)


def test_a_word_that_came_with_a_file_counts_and_goes_with_it(sim: Runner, tmp_path: Path) -> None:
    file = tmp_path / "said.toml"
    file.write_text(
        '[claim.mine]\ncarrier = "smart"\ntopic = "rollover"\nvalue = { mode = "carry", validity = "1 month" }\n'
        'source = "poster"\n'
    )
    added = sim("plans", "import", str(file), now=day("11-18"))
    assert "sim: this counts from 2026-10-20 on" in added.err
    assert balance_of(sim, "sim", day("11-18"))["rollover"]["carry_if_renewed_bytes"] == 22 * GB
    assert sim("plans", "import", "--remove", "said", now=day("11-18")).code == 0
    assert balance_of(sim, "sim", day("11-18"))["rollover"]["carry_if_renewed_bytes"] == 0


def test_a_word_on_the_plan_stands_above_one_on_its_carrier(sim: Runner) -> None:
    carry(sim, day("11-18"))
    done(sim, "policy", "set", "smart", "rollover", "mode=none", "--source", "shop", now=day("11-18"))
    shown = sim("plans", "show", PLAN, "--json", now=day("11-18")).json["plan"]
    assert (shown["rollover"], shown["rollover_claim"]) == ("carry", f"own-{PLAN}-rollover")
    assert balance_of(sim, "sim", day("11-18"))["rollover"]["effective"] == "carry"
    assert sim("plans", "show", "smart-laor-7d", "--json", now=day("11-18")).json["plan"]["rollover"] == "none"


def test_a_carry_without_its_life_cannot_be_counted_with_and_says_so(sim: Runner) -> None:
    said = done(sim, "policy", "set", "smart", "rollover", "mode=carry", "--source", "shop", now=day("11-18"))
    assert "validity=" in said.err
    assert sim("plans", "show", PLAN, "--json", now=day("11-18")).json["plan"]["rollover"] == "unknown"
    part = balance_of(sim, "sim", day("11-18"))["rollover"]
    assert (part["effective"], part["carry_if_renewed_bytes"]) == ("unknown", 0)


def test_the_word_follows_the_line_to_its_new_name(sim: Runner) -> None:
    carry(sim, day("11-18"))
    done(sim, "lines", "rename", "sim", "card", now=day("11-18"))
    assert balance_of(sim, "card", day("11-18"))["rollover"]["carry_if_renewed_bytes"] == 22 * GB


def test_a_word_on_early_renewal_overage_and_clock_changes_what_is_bought(run: Runner) -> None:
    for topic, value in (("early-renewal", "effect=queue"), ("validity-clock", "clock=calendar-day")):
        done(run, "policy", "set", f"smart/{PLAN}", topic, value, "--source", "hotline", now=day("10-01"))
    done(run, "policy", "set", f"smart/{PLAN}", "overage", "action=throttle", "--source", "hotline", now=day("10-01"))
    shown = run("plans", "show", PLAN, "--json", now=day("10-01")).json["plan"]
    assert (shown["clock"], shown["overage"]) == ("calendar-day", "throttle")
    add(run, day("10-20"), "--plan", PLAN)
    assert balance_of(run, "sim", day("10-20"))["expires_at"] == "2026-11-18T17:00:00Z", "a term ends with a day"
    done(run, "renew", "sim", "--paid", "x1", now=day("11-01"))
    after = balance_of(run, "sim", day("11-01"))
    assert after["data"]["remaining_bytes"] == 60 * GB, "the second term waits for the end of the first"
    assert after["expires_at"] == "2026-12-18T17:00:00Z"


def test_a_word_on_early_renewal_reaches_the_term_that_runs(run: Runner) -> None:
    add(run, day("10-20"), "--plan", PLAN)
    done(run, "policy", "set", "smart", "early-renewal", "effect=queue", "--source", "hotline", now=day("10-21"))
    done(run, "renew", "sim", "--paid", "x1", now=day("11-01"))
    assert balance_of(run, "sim", day("11-01"))["data"]["remaining_bytes"] == 60 * GB


def test_sharing_is_by_the_person_s_word(run: Runner) -> None:
    assert run("plans", "show", PLAN, "--json", now=day("10-01")).json["plan"]["shareable"] is False
    done(run, "policy", "set", f"smart/{PLAN}", "sharing", "allowed=yes", "--source", "shop", now=day("10-01"))
    assert run("plans", "show", PLAN, "--json", now=day("10-01")).json["plan"]["shareable"] is True


def test_the_receipt_tells_the_rollover_that_was_frozen(sim: Runner) -> None:
    carry(sim, day("11-18"))
    order = done(sim, "renew", "sim", "--paid", "x1", "--json", now=day("11-18")).json["order"]["id"]
    promised = sim("transactions", "receipt", order, "--json", now=day("11-18")).json["receipt"]["promised"]
    assert promised["rollover"] == "carry"
    [first] = [
        one
        for one in sim("transactions", "list", "--json", now=day("11-18")).json["transactions"]
        if one["id"] != order
    ]
    told = sim("transactions", "receipt", first["id"], "--json", now=day("11-18")).json["receipt"]["promised"]
    assert told["rollover"] == "disputed"


def test_a_rollover_that_a_promotion_grants_is_the_seller_s_and_no_claim(run: Runner) -> None:
    offers = run("promotions", "list", "--all", "--json", now=day("10-01")).json["promotions"]
    granted = [one for one in offers if one["effect"]["kind"] == "rollover"]
    assert granted, "the embedded operator has one"
    one = granted[0]
    plans = {row["id"]: row for row in run("plans", "list", "--provider", "sandbox", "--json").json["plans"]}
    plan = next(p for p in plans.values() if one["id"] in p["promotions"] and p["kind"] == "base")
    when = f"{one['from']}T09:00:00+07:00"
    bought = run("buy", plan["id"], "--name", "p", "--promotion", one["id"], "--yes", now=when)
    assert bought.code == 0, bought.err
    part = run("balance", "p", "--json", now=when).json["lines"][0]["rollover"]
    assert (part["effective"], part["claim"], part["by"]) == ("carry", f"promotion:{one['id']}", "promotion")
    assert part["carry_if_renewed_bytes"]


@pytest.mark.parametrize(
    ("language", "words"), [("en", "yes, for 3 months (your word)"), ("zh-CN", "您的说法"), ("km", "")]
)
def test_a_person_reads_whose_word_it_is(sim: Runner, language: str, words: str) -> None:
    carry(sim, day("11-18"))
    env = {"ESIMCTL_LANG": language, "FORCE_COLOR": "", "COLUMNS": "200", "ESIMCTL_OUTPUT": "table"}
    shown = sim("plans", "show", PLAN, now=day("11-18"), env=env)
    assert shown.code == 0
    assert words in shown.out


def test_a_line_whose_plan_no_list_names_any_more_follows_the_word_by_its_own_terms(
    run: Runner, tmp_path: Path
) -> None:
    file = tmp_path / "own.toml"
    file.write_text(
        OWN_ROW.replace(PLAN, "smart-gone-31d").replace("carry", "none").replace(', validity = "2 months"', "")
    )
    assert run("plans", "import", str(file), now=day("10-01")).code == 0
    add(run, day("10-20"), "--plan", "smart-gone-31d")
    assert run("plans", "import", "--remove", "own", now=day("10-21")).code == 0
    carry(run, day("10-21"), subject="smart")
    assert balance_of(run, "sim", day("10-21"))["rollover"]["carry_if_renewed_bytes"] == 70 * GB


def test_another_line_of_the_same_name_does_not_inherit_what_was_said_of_the_first(sim: Runner) -> None:
    carry(sim, day("11-18"))
    done(sim, "lines", "remove", "sim", "--yes", now=day("11-18"))
    assert sim("policy", "reset", f"smart/{PLAN}", now=day("11-18")).code == 0
    add(sim, day("11-19"), "--plan", PLAN, "--started", "2026-10-01")
    part = balance_of(sim, "sim", day("11-19"))["rollover"]
    assert part["effective"] == "none"
    assert "restated-carry" not in {
        one["reason"] for one in balance_of(sim, "sim", day("11-19"), "--explain")["explanation"]
    }


def test_a_line_that_waits_for_its_start_follows_the_word_as_well(run: Runner, tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text(
        OWN_ROW.replace('rollover = { mode = "carry", validity = "2 months" }', 'starts_on = "installation"')
    )
    assert run("plans", "import", str(file), now=day("10-01")).code == 0
    done(run, "buy", PLAN, "--provider", "sandbox", "--name", "p", "--yes", now=day("10-20"))
    carry(run, day("10-21"), subject="smart")
    done(run, "sandbox", "use", "p", "1GB", now=day("10-22"))
    part = balance_of(run, "p", day("10-22"))["rollover"]
    assert (part["effective"], part["carry_if_renewed_bytes"]) == ("carry", 69 * GB)


def test_a_ceiling_cuts_what_is_carried_and_the_report_counts_the_cut_once(sim: Runner) -> None:
    values = ("mode=carry", "validity=3 months", "max=5GB")
    done(sim, "policy", "set", "smart", "rollover", *values, "--source", "shop", now=day("11-18"))
    assert balance_of(sim, "sim", day("11-18"))["rollover"]["carry_if_renewed_bytes"] == 5 * GB
    done(sim, "renew", "sim", "--paid", "x1", now=day("11-18"))
    november = reported(sim, day("12-01"), "2026-11")
    assert (november["carried_bytes"], november["wasted_bytes"]) == (5 * GB, 17 * GB)
    [carried] = [b for b in balance_of(sim, "sim", day("12-01"))["buckets"] if b["category"] == "rollover"]
    assert (carried["granted"], carried["remaining"]) == (5 * GB, 5 * GB)
