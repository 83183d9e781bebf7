"""Found and invented never share a name: what is listed, compared, recommended and sold, and how fresh it is."""

import re
from pathlib import Path
from typing import Any

import pytest
import tomlkit
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import Runner
from tests.own_plans import bring

#: names of carriers that are words of every day, or of a seller's goods
WORDS = {"yes", "hello", "met", "true", "connect", "travel esim"}
DEMO = re.compile(r"demo-[a-z0-9-]+")


def real_names(run: Runner) -> set[str]:
    """Every way to write a real carrier's name."""
    found: set[str] = set()
    for row in run("plans", "carriers", "--json").json["carriers"]:
        if row["id"] != "demo":
            found |= {row["id"], row["name"], *row["names"].values(), *row["former"], *row["aliases"]}
    return {name.casefold() for name in found} - WORDS


def plans(run: Runner, *words: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = run("plans", "list", *words, "--json").json["plans"]
    return rows


def test_the_embedded_operators_list_holds_demo_plans_that_name_no_real_carrier(run: Runner) -> None:
    rows = plans(run, "--provider", "sandbox")
    assert len(rows) >= 20
    real = real_names(run)
    assert {"smart", "metfone", "cootel", "cellcard"} <= real
    for row in rows:
        assert (row["example"], row["carrier"], row["provider"], row["grade"]) == (True, "demo", "sandbox", "example")
        assert DEMO.fullmatch(row["id"])
        assert row["name"].startswith("Demo: ")
        text = " ".join((row["id"], row["name"], row["source"], *row["notes"])).casefold()
        assert not [name for name in real if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text)], row["id"]
    promotions = run("promotions", "list", "--all", "--provider", "sandbox", "--json").json["promotions"]
    kinds = {row["effect"]["kind"] for row in promotions}
    assert kinds == {"multiply", "add", "free", "percent", "fixed", "rollover"}
    assert all(row["example"] and DEMO.fullmatch(row["id"]) and row["carriers"] in ([], ["demo"]) for row in promotions)


def test_every_found_row_says_where_it_is_from_how_good_and_when_it_was_read(run: Runner) -> None:
    rows = plans(run)
    assert len(rows) >= 40
    for row in rows:
        assert (row["example"], row["provider"], row["promotions"]) == (False, "manual", [])
        assert row["grade"] in ("V", "S", "U"), row["id"]
        assert row["source"], row["id"]
        assert row["retrieved"] is not None, row["id"]
        assert row["seen"] is None or row["seen"] <= row["retrieved"], row["id"]
        assert row["stale"] or row["seen"] is not None, "what is undated is never fresh"
        assert "invented" not in row["source"]
    assert any(row["seen"] is None for row in rows)
    assert any(row["seen"] is not None for row in rows)


def test_how_fresh_a_row_is_stands_in_words_and_example_is_a_column(run: Runner) -> None:
    table = run("plans", "list", "--carrier", "cellcard", "-o", "table").out
    assert "  Nov 2026\n" in table
    assert "  Dec 2023\n" in table
    assert "demo" not in table
    shown = run("plans", "show", "smart-laor-7d", "--sources", "-o", "table").out
    assert "second hand, undated, read in Nov 2026" in shown
    assert "dial *1710*150*1# on the line's phone" in shown
    assert run("plans", "list", "--header").out.splitlines()[0].split("\t")[-1] == "example"
    assert set(run("plans", "list", "--columns", "example").out.split()) == {"no"}
    assert set(run("plans", "list", "--provider", "sandbox", "--columns", "example").out.split()) == {"yes"}
    demo = run("plans", "show", "demo-monthly-20gb", "--sources", "-o", "table").out
    assert demo.startswith("demo-monthly-20gb · Demo: monthly 20 GB, rolls over six months · SANDBOX\n")
    assert "made up" in demo


FILTERS = st.lists(
    st.sampled_from(
        [
            ("--country", "KH"),
            ("--country", "TH"),
            ("--country", "FR"),
            ("--carrier", "smart"),
            ("--carrier", "cootel"),
            ("--data", "900GB"),
            ("--days", "365"),
            ("--max-price", "0.30USD"),
            ("--rollover",),
            ("--no-rollover",),
            ("--sort", "per-gb"),
            ("family",),
            ("夜间包",),
            ("--provider", "manual"),
        ]
    ),
    max_size=3,
    unique_by=lambda words: words[0].replace("--no-", "--"),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(FILTERS)
def test_whatever_is_asked_for_no_demo_row_comes_without_its_provider(
    run: Runner, chosen: list[tuple[str, ...]]
) -> None:
    words = [word for pair in chosen for word in pair]
    assert not [row["id"] for row in plans(run, *words) if row["example"] or row["carrier"] == "demo"]
    compared = [w for pair in chosen if pair[0] in ("--country", "--carrier", "--data", "--days") for w in pair]
    rows = run("plans", "compare", *compared, "--json").json["plans"]
    assert not [row["id"] for row in rows if row["example"]]


def test_a_recommendation_is_of_plans_that_can_be_bought_and_of_demo_plans_where_they_are_asked_for(
    run: Runner,
) -> None:
    words = ("plans", "recommend", "--days", "10", "--data", "10GB", "--json")
    bought = run(*words).json["purchases"]
    assert bought
    assert not [row for row in bought if DEMO.match(row["plan"])]
    assert {row["provider"] for row in bought} == {"manual"}
    played = run(*words, "--provider", "sandbox").json["purchases"]
    assert all(DEMO.fullmatch(row["plan"]) and row["provider"] == "sandbox" for row in played)
    assert run(*words, "--provider", "nobody").code == 2
    assert run("plans", "recommend", "--days", "3", "--data", "1GB", "--country", "TH", "--json").code == 20
    named = run("plans", "compare", "smart-laor-30d", "demo-monthly-20gb", "--json").json["plans"]
    assert {row["id"]: row["example"] for row in named} == {"smart-laor-30d": False, "demo-monthly-20gb": True}


def test_promotions_of_real_carriers_are_none_and_the_demo_ones_are_marked(run: Runner, tmp_path: Path) -> None:
    """Nothing else exists and nothing was asked for: then the demo ones stand there, marked."""
    rows = run("promotions", "list", "--json").json["promotions"]
    assert rows
    assert all(row["example"] for row in rows)
    assert "demo" in run("promotions", "list", "-o", "table").out
    for words in (("--carrier", "smart"), ("--plan", "smart-laor-30d"), ("--provider", "manual")):
        assert run("promotions", "list", "--all", *words, "--json").json["promotions"] == [], words
    mine = tmp_path / "mine.toml"
    mine.write_text(
        '[promotion.poster]\nname = "Half"\nplans = ["smart-laor-7d"]\nfrom = 2026-01-01\nuntil = 2028-01-01\n'
        'eligible = "all"\norders = ["renew"]\neffect = { kind = "percent", percent = 50 }\nsource = "poster"\n'
        "as_of = 2026-11-01\n"
    )
    assert run("plans", "import", str(mine)).code == 0
    (own,) = run("promotions", "list", "--json").json["promotions"]
    assert (own["id"], own["example"], own["grade"], own["seen"]) == ("poster", False, "own", "2026-11-01")


def test_a_real_plan_is_sold_where_it_is_really_sold(run: Runner) -> None:
    """Exit 2 with where and what to give; then what the person says was bought stands in the books as real money."""
    for words in (("--yes",), ("--yes", "--json"), ()):
        refused = run("buy", "smart-laor-7d", *words)
        told = refused.err + refused.out
        assert refused.code == 2
        for word in ("counter", "app", "*1710*150*1#", "--paid REFERENCE", "--provider sandbox"):
            assert word in told, word
    way = run("buy", "smart-laor-7d", "--dry-run", "--json").json["offer"]["way"]
    assert {"*1710*150*1#", "https://www.smart.com.kh", "888"} <= {step["value"] for step in way}
    assert any("counter" in step["say"] for step in way)
    done = run("buy", "smart-laor-7d", "--name", "sim", "--paid", "R-7", "--json").json["order"]
    assert (done["state"], done["provider"], done["provider_order"]) == ("settled", "manual", "R-7")
    assert run("lines", "show", "sim", "--json").json["line"]["play_money"] is False
    shown = run("buy", "smart-laor-7d", "--name", "sim-2", "--paid", "R-8", "-o", "table")
    assert "SANDBOX" not in shown.out
    assert "scan the code" not in shown.out
    assert "activation code" not in shown.err


def test_it_is_played_with_by_its_name_only_and_the_line_is_marked(run: Runner) -> None:
    played = run("buy", "smart-laor-7d", "--provider", "sandbox", "--name", "game", "--yes", "-o", "table")
    assert played.code == 0
    assert "SANDBOX" in played.out
    assert run("lines", "show", "game", "--json").json["line"]["play_money"] is True
    assert run("balance", "game", "--json").json["lines"][0]["play_money"] is True
    for words in (("lines", "list"), ("lines", "show", "game"), ("balance", "game"), ("transactions", "list")):
        assert "SANDBOX" in run(*words, "-o", "table").out, words


def test_a_demo_plan_is_bought_at_once_and_never_at_a_counter(run: Runner) -> None:
    assert run("buy", "demo-monthly-20gb", "--yes", "--json").json["order"]["provider"] == "sandbox"
    for words in (
        ("buy", "demo-monthly-20gb", "--provider", "manual", "--paid", "x"),
        ("lines", "add", "sim", "--provider", "manual", "--plan", "demo-monthly-20gb"),
        ("lines", "add", "sim", "--provider", "manual", "--carrier", "smart", "--plan", "smart-monthly-20gb"),
    ):
        refused = run(*words, "--json")
        assert (refused.code, refused.json["error"]["code"]) == (2, "demo_plan"), words


def test_what_a_source_does_not_say_is_unknown_and_can_be_bought_all_the_same(run: Runner) -> None:
    plan = run("plans", "show", "cellcard-serey-plus-600", "--json").json["plan"]
    assert (plan["price"], plan["data_bytes"], plan["unlimited"], plan["validity"], plan["allowance"]) == (
        {"amount": "6.00", "currency": "USD"}, None, False, None, "unknown",
    )  # fmt: skip
    assert "unknown" in run("plans", "show", "cellcard-serey-plus-600", "-o", "table").out
    assert run("buy", "cellcard-serey-plus-600", "--name", "s", "--paid", "x").code == 0
    data = run("balance", "s", "--json").json["lines"][0]["data"]
    assert (data["granted_bytes"], data["remaining_bytes"]) == (None, None)
    seen = run("usage", "record", "s", "--remaining", "3GB", "--json")
    assert (seen.code, seen.json["reading"]["findings"], "no purchase" in seen.err) == (0, [], False)
    assert run("balance", "s", "--json").json["lines"][0]["data"]["remaining_bytes"] == 3 * 10**9
    metered = run("plans", "show", "metfone-payg", "--json").json["plan"]
    assert (metered["price"], metered["validity"], metered["rollover"], metered["grade"]) == (
        None, None, "not-applicable", "V",
    )  # fmt: skip
    asked = run("buy", "metfone-payg", "--name", "m", "--paid", "x")
    assert (asked.code, "--price MONEY" in asked.err) == (2, True)
    assert run("simulate", "--plan", "smart-home-12", "--per-day", "1GB", "--months", "2").code == 2
    played = run("buy", "smart-home-12", "--provider", "sandbox", "--yes", "--json")
    assert (played.code, played.json["error"]["code"]) == (3, "plan_unknown_terms")


def test_old_names_in_rules_lines_claims_and_scripts_are_still_read(run: Runner, tmp_path: Path) -> None:
    """A line of before: its plan, a rule's plan, a claim and a promotion's code under the names that were given up."""
    run("buy", "demo-monthly-20gb", "--name", "phone", "--yes")
    run("autotopup", "set", "phone", "--below", "500MB", "--plan", "demo-topup-2gb", "--max-price", "2USD",
        "--max-per-month", "6USD")  # fmt: skip
    file = tmp_path / "home" / "profiles" / "default" / "profile.toml"
    doc = tomlkit.parse(file.read_text("utf-8"))
    doc["line"]["phone"].update({"plan": "smart-monthly-20gb", "carrier": "smart"})  # type: ignore[index, union-attr]
    doc["rule"]["phone"]["plan"] = "smart-topup-2gb"  # type: ignore[index]
    doc["claim"] = {
        "own-smart-monthly-20gb-rollover": {
            "carrier": "smart", "plans": ["smart-monthly-20gb"], "topic": "rollover", "value": {"mode": "none"},
            "source": "hotline", "kind": "person",
        }
    }  # fmt: skip
    file.write_text(tomlkit.dumps(doc), "utf-8")
    assert run("plans", "show", "smart-monthly-20gb", "--json").json["plan"]["id"] == "demo-monthly-20gb"
    assert run("balance", "phone", "--json").json["lines"][0]["plan"] is not None
    (policy,) = run("policy", "show", "demo-monthly-20gb", "rollover", "--json").json["policy"]
    assert (policy["effective"], policy["claim"]) == ({"mode": "none"}, "own-smart-monthly-20gb-rollover")
    assert run("policy", "show", "smart/smart-monthly-20gb", "rollover", "--json").json["plan"] == "demo-monthly-20gb"
    renewed = run("renew", "phone", "--promotion", "renew-1usd", "--yes", "--json", "--request-id", "r-1")
    assert renewed.json["order"]["plan"] == "demo-monthly-20gb"
    assert renewed.json["order"]["price"] == {"amount": "8.00", "currency": "USD"}
    words = ("topup", "phone", "--yes", "--json", "--request-id", "r-2", "--plan")
    first, again = run(*words, "smart-topup-2gb"), run(*words, "demo-topup-2gb")
    assert (first.code, first.out) == (0, again.out), "the same order under either name"
    assert run("autotopup", "show", "--json").code == 0
    assert run("autotopup", "enable", "phone", "--confirm", "6USD").code == 0


def test_the_terms_of_a_row_are_a_claim_of_its_own_grade(run: Runner) -> None:
    bring(run)
    (own,) = run("policy", "show", "smart/smart-own-20gb", "rollover", "--json").json["policy"]
    claim = next(each for each in own["claims"] if each["id"] == "terms:smart-own-20gb")
    assert (claim["kind"], claim["as_of"]) == ("person", "2026-10-01")
    (demo,) = run("policy", "show", "demo/demo-monthly-20gb", "rollover", "--json").json["policy"]
    assert (demo["claims"], demo["claim"], demo["why"]) == ([], None, "embedded-operator")
    assert demo["effective"]["mode"] == "carry"


@pytest.mark.parametrize(
    ("words", "than"),
    [
        (("connect-20gb-30d",), "above"),
        (("smart-laor-7d", "--price", "0.10USD"), "below"),
        (("smart-laor-7d", "--price", "99USD"), "above"),
        (("smart-laor-7d",), None),
        (("cellcard-data-1d", "--price", "0.30USD"), None),
    ],
)
def test_a_price_far_outside_the_usual_is_warned_of_and_done(
    run: Runner, words: tuple[str, ...], than: str | None
) -> None:
    """R-28: a level that articles claim, to compare with; never a rule."""
    planned = run("buy", *words, "--paid", "x", "--dry-run", "--json").json["offer"]["unusual_price"]
    assert (planned and planned["than"]) == than
    done = run("buy", *words, "--paid", "x")
    assert done.code == 0
    assert ("far " in done.err) is (than is not None)
    if than is not None:
        assert planned["claim"] == "articles-price-level"
        assert f"far {than} the usual 3.00 to 19.00 USD" in done.err


def test_a_price_that_was_paid_before_and_play_money_in_the_same_light(run: Runner) -> None:
    words = ("lines", "add", "sim", "--provider", "manual", "--carrier", "smart", "--data", "5GB", "--days", "30")
    added = run(*words, "--price", "90USD")
    assert (added.code, "far above the usual" in added.err) == (0, True)
    played = run("buy", "connect-20gb-30d", "--provider", "sandbox", "--yes")
    assert (played.code, "far above" in played.err) == (0, False)
    run("policy", "set", "smart", "price-level", "least=1USD", "most=99USD", "--source", "me")
    assert "far above" not in run("buy", "smart-laor-7d", "--price", "99USD", "--paid", "x").err


def claims(run: Runner, subject: str, topic: str) -> dict[str, dict[str, Any]]:
    (policy,) = run("policy", "show", subject, topic, "--json").json["policy"]
    return {claim["id"]: claim for claim in policy["claims"]}


def test_claims_say_what_their_pages_say(run: Runner) -> None:
    social = claims(run, "cellcard/cellcard-social-pack", "rollover")["cellcard-social-rollover"]
    assert social["value"] == {"mode": "carry", "condition": "a bigger pack is bought"}
    assert claims(run, "smart", "payment-new") == {}, "S2 lists methods of a renewal only"
    assert claims(run, "cellcard/cellcard-time-to-rise-30d", "rollover")["cellcard-rise"]["kind"] == "operator"
    assert "article-s1-failed-carry" in claims(run, "metfone", "failed-carry")
    assert "article-s1-metfone-holidays" in claims(run, "metfone", "promotions")
    assert claims(run, "smart", "market")["article-s0-penetration"]["confidence"] == "low"
    roaming = run("policy", "show", "demo/demo-asia-30d", "rollover", "--json").json["policy"][0]["claims"]
    assert roaming == []
    every = [claim for name in ("smart", "metfone", "cellcard") for claim in claims(run, name, "rollover").values()]
    assert not [claim["source"] for claim in every if "R-" in claim["source"]]


@pytest.mark.parametrize(
    ("carrier", "grade"), [("smart", "article"), ("metfone", "article"), ("cootel", "article"), ("cellcard", "V")]
)
def test_whether_a_carrier_has_esims_is_answered_in_one_place(run: Runner, carrier: str, grade: str) -> None:
    """R-16: a claim, and the carrier's page and a line's page show that claim."""
    (policy,) = run("policy", "show", carrier, "esim", "--json").json["policy"]
    assert policy["effective"] == {"allowed": "yes"}
    (row,) = run("plans", "carriers", carrier, "--json").json["carriers"]
    (fact,) = [fact for fact in row["facts"] if fact["topic"] == "esim"]
    assert (fact["values"], fact["grade"], fact["source"]) == (["yes"], grade, policy["claims"][0]["source"])
    run("policy", "set", carrier, "esim", "allowed=no", "--source", "the shop")
    (row,) = run("plans", "carriers", carrier, "--json").json["carriers"]
    assert next(fact["values"] for fact in row["facts"] if fact["topic"] == "esim") == ["no"]
    run("lines", "add", "sim", "--provider", "manual", "--carrier", carrier)
    shown = run("lines", "show", "sim", "--json").json["line"]["carrier_facts"]
    assert next(fact["values"] for fact in shown if fact["topic"] == "esim") == ["no"]


def test_a_demo_plan_is_found_by_what_it_does_and_its_line_is_advised_of_demo_plans(run: Runner) -> None:
    found = [row["id"] for row in plans(run, "--provider", "sandbox", "流量不清零")]
    assert "demo-monthly-20gb" in found
    run("buy", "demo-monthly-20gb", "--name", "phone", "--yes")
    offered = plans(run, "--line", "phone")
    assert {row["carrier"] for row in offered} == {"demo"}
    for day in range(21, 26):
        run("sandbox", "use", "phone", "3900MB", now=f"2026-11-{day}T12:00:00+07:00")
        run("balance", "--refresh", now=f"2026-11-{day}T12:05:00+07:00")
    words = ("plans", "recommend", "--days", "40", "--for", "phone", "--json")
    bought = run(*words, now="2026-11-26T09:00:00+07:00").json["purchases"]
    assert bought
    assert all(DEMO.fullmatch(row["plan"]) for row in bought)


def test_the_tour_knows_demo_plans_only(run: Runner) -> None:
    real = real_names(run) - {"demo"}
    told = run("tour", now=None)
    assert told.code == 0, told.err
    assert len(set(DEMO.findall(told.out))) >= 5
    assert not [name for name in real if re.search(rf"(?<![\w-]){re.escape(name)}-", told.out.casefold())]
