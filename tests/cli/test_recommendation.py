"""`plans recommend` from the command line: what may be part of an answer, what stands beside it, what is said of it.

The rows are the test's own, of a carrier of its own: what is shipped may change.
"""

from pathlib import Path
from typing import Any

import pytest

from tests.conftest import NOW, Outcome, Runner

CARRIER = """
[carrier.newtel]
name = "NewTel"
names = { zh = "新电信" }
home_country = "KH"
"""


def row(name: str, price: str, terms: str, more: str = "") -> str:
    """A row of a catalogue file with the terms as they stand in it."""
    return f"""
[plan.newtel-{name}]
carrier = "newtel"
name = "{name}"
price = "{price}"
source = "receipt"
as_of = 2026-11-18
{more}
[plan.newtel-{name}.terms]
{terms}
"""


def pack(name: str, price: str, data: str, term: str, more: str = "", terms: str = "") -> str:
    """A pack of so much data for so long."""
    return row(name, price, f'data = "{data}"\nterm = "{term}"\n{terms}', more)


WINDOW = 'category = "window"\nwindow = { from = "23:00", to = "07:00" }'
WEEK = pack("week", "1.25 USD", "3GB", "7 days")
MONTH = pack("month", "6.00 USD", "20GB", "30 days")


@pytest.fixture
def shop(run: Runner, tmp_path: Path) -> Any:
    """`shop(rows …)` imports them; `shop.ask(words …)` is the recommendation among them."""

    class Shop:
        def __call__(self, *rows: str) -> "Shop":
            file = tmp_path / "newtel.toml"
            file.write_text("".join((CARRIER, *rows)), encoding="utf-8")
            assert run("plans", "import", str(file)).code == 0
            return self

        def ask(self, *words: str, now: str = NOW) -> Any:
            return run("plans", "recommend", *words, "--carrier", "newtel", "--json", now=now).json

        def told(self, *words: str, now: str = NOW) -> Outcome:
            return run("plans", "recommend", *words, "--carrier", "newtel", "-o", "table", now=now)

    return Shop()


def plans(way: dict[str, Any]) -> list[str]:
    """The plans of a way without their carrier."""
    return [row["plan"].removeprefix("newtel-") for row in way["purchases"]]


def amount(way: dict[str, Any]) -> str:
    """Its total."""
    return str(way["total"]["amount"])


def test_nothing_made_up_and_no_promotion_unless_asked(run: Runner) -> None:
    words = ("plans", "recommend", "--days", "35", "--per-day", "700MB", "--json")
    plain = run(*words).json
    assert plain["complete"]
    assert all(not row["example"] and row["promotion"] is None for row in plain["purchases"])
    assert float(amount(plain)) > 5
    assert plain["without_promotions"] is None
    made_up = run(*words, "--provider", "sandbox").json
    assert all(row["example"] and row["promotion"] is None for row in made_up["purchases"])
    offers = run(*words, "--provider", "sandbox", "--with-promotions").json
    assert any(row["promotion"] for row in offers["purchases"])
    assert float(amount(offers)) < float(amount(made_up))
    assert amount(offers["without_promotions"]) == amount(made_up)
    told = run(*words[:-1], "--provider", "sandbox", "--with-promotions", "-o", "table").out
    assert "Without a promotion: " in told
    assert told.startswith("SANDBOX · Cheapest for 35 days")


def test_one_promotion_by_its_code(run: Runner, shop: Any) -> None:
    promotion = """
[promotion.half]
name = "Half"
carriers = ["newtel"]
from = 2026-01-01
until = 2028-01-01
eligible = "all"
orders = ["new", "renew"]
effect = { kind = "percent", percent = 50 }
source = "poster"
as_of = 2026-11-18
"""
    ask = shop(MONTH, promotion).ask
    need = ("--days", "30", "--data", "10GB")
    assert amount(ask(*need)) == "6.00"
    asked = ask(*need, "--promotion", "half")
    assert (amount(asked), asked["purchases"][0]["promotion"]) == ("3.00", "half")
    assert (amount(asked["without_promotions"]), asked["without_promotions"]["more"]["amount"]) == ("6.00", "3.00")
    wrong = run("plans", "recommend", *need, "--promotion", "hlaf")
    assert (wrong.code, "half" in wrong.err) == (2, True)
    demo = run("plans", "recommend", *need, "--promotion", "demo-renew-1usd")
    assert (demo.code, "--provider sandbox" in demo.err) == (2, True)
    assert run("plans", "recommend", *need, "--promotion", "half", "--with-promotions").code == 2


def test_rows_in_other_currencies_and_without_a_price_are_counted_and_named(shop: Any) -> None:
    unpriced = row("secret", "0 USD", 'data = "9GB"\nterm = "7 days"').replace('price = "0 USD"\n', 'grade = "U"\n')
    shop(WEEK, pack("riel", "1000 KHR", "9GB", "7 days"), pack("baht", "30.00 THB", "9GB", "7 days"), unpriced)
    need = ("--days", "7", "--data", "2GB")
    found = shop.ask(*need)
    assert plans(found) == ["week"]
    assert (found["compared"], found["optimal"]) == (1, True)
    assert found["left_out"] == [
        {"currency": "KHR", "rows": 1}, {"currency": "THB", "rows": 1}, {"currency": None, "rows": 1},
    ]  # fmt: skip
    told = shop.told(*need).out
    assert told.startswith("Cheapest for 7 days, 2 GB in all: 1.25 USD (one pack)\n")
    assert "; 1 without a known price left out; 2 in KHR and THB left out (--rate 1USD=4100KHR). Prices seen" in told
    rated = shop.ask(*need, "--rate", "1USD=4000KHR", "--rate", "1USD=33THB")
    assert (plans(rated), amount(rated), rated["compared"]) == (["riel"], "0.25", 3)
    assert rated["left_out"] == [{"currency": None, "rows": 1}]


def test_everything_compared_is_the_cheapest_of_all(shop: Any) -> None:
    told = shop(WEEK, MONTH).told("--days", "7", "--data", "2GB").out
    assert told.startswith("Cheapest for 7 days, 2 GB in all: 1.25 USD (one pack)\n")
    assert "Cheapest of 2 plans, all cases compared. Prices seen Nov 2026." in told
    assert "left out" not in told


def test_windows_single_apps_and_addons_are_no_base_plans(shop: Any) -> None:
    """They are the cheapest here, and never the answer: a top-up only where something is under it."""
    shop(
        MONTH,
        pack("night", "0.10 USD", "90GB", "30 days", 'kind = "topup"', WINDOW),
        pack("night-line", "0.10 USD", "90GB", "30 days", "", WINDOW),
        pack("social", "0.10 USD", "90GB", "30 days", 'purpose = "social"'),
        pack("extra", "0.20 USD", "10GB", "30 days", 'kind = "topup"', 'category = "topup"'),
    )
    found = shop.ask("--days", "30", "--data", "20GB")
    assert plans(found) == ["month"]
    assert [row["plan"] for row in found["on_top"]] == ["newtel-night", "newtel-social"]
    more = shop.ask("--days", "30", "--data", "29GB")
    assert (plans(more), amount(more)) == (["month", "extra"], "6.20")
    told = shop.told("--days", "30", "--data", "20GB", "--explain").out
    assert "On top of it, for some hours or one app only: newtel-night (0.10 USD), newtel-social (0.10 USD)" in told
    alone = shop(*(row for row in (pack("extra", "0.20 USD", "10GB", "30 days", 'kind = "topup"'),)))
    assert alone.ask("--days", "30", "--data", "1GB")["purchases"] == []


PAY = row(
    "use", "0 USD", 'overage = { action = "charge", price_per_mb = "0.03 USD" }',
    'billing = "pay-as-you-go"\ngrade = "V"',
).replace('price = "0 USD"\n', "")  # fmt: skip


def test_a_small_need_is_paid_by_use(shop: Any) -> None:
    shop(WEEK, MONTH, PAY)
    found = shop.ask("--days", "30", "--data", "20MB")
    assert (plans(found), amount(found), found["wasted_bytes"]) == (["use"], "0.60", 0)
    [bought] = found["purchases"]
    assert (bought["by_use"], bought["validity"], bought["data_bytes"]) == (True, "30 days", 20_000_000)
    assert found["reason"]["text"] == "small need: paying for what is used costs less than any pack"
    assert plans(shop.ask("--days", "30", "--data", "5GB")) == ["month"]


def test_a_last_day_is_paid_by_use_where_a_pack_costs_more(shop: Any) -> None:
    found = shop(MONTH, PAY).ask("--days", "31", "--per-day", "2MB")
    assert (plans(found), amount(found)) == (["use"], "1.86")
    mixed = shop.ask("--days", "31", "--per-day", "20MB")
    assert (sorted(plans(mixed)), amount(mixed)) == (["month", "use"], "6.60")
    assert mixed["reason"]["template"].startswith("long stay: packs, and beside them paying for what is used")
    assert mixed["fewer"] is None, "paying by use is no pack"
    days = shop.ask("--days", "34", "--per-day", "20MB")
    assert (len(days["purchases"]), amount(days)) == (2, "8.40")
    assert {row["validity"] for row in days["purchases"]} == {"30 days", "4 days"}


SHARED = pack("family", "9.00 USD", "40GB", "30 days", 'billing = "shared-pack"\naudience = "family"', "")


def test_people_share_where_that_costs_less(shop: Any) -> None:
    shop(MONTH, SHARED.replace('term = "30 days"', 'term = "30 days"\nbilling = "shared"'))
    need = ("--days", "30", "--data", "9GB")
    assert (plans(one := shop.ask(*need)), one["persons"]) == (["month"], 1)
    four = shop.ask(*need, "--persons", "4")
    assert (plans(four), amount(four), four["need_bytes"]) == (["family"], "9.00", 36_000_000_000)
    assert [row["persons"] for row in four["purchases"]] == [4]
    assert four["reason"]["text"] == "4 people share; purchases: 1"
    five = shop.ask(*need, "--persons", "5")
    assert (sorted(plans(five)), amount(five)) == (["family", "month"], "15.00")
    assert sorted(row["persons"] for row in five["purchases"]) == [1, 4]
    told = shop.told(*need, "--persons", "5").out
    assert "PERSONS" in told
    assert "4 of 5 people share; purchases in all: 2" in told
    two = shop(pack("month", "4.00 USD", "20GB", "30 days"), SHARED.replace('"\n\n', '"\nbilling = "shared"\n'))
    apart = two.ask(*need, "--persons", "2")
    assert (plans(apart), amount(apart)) == (["month", "month"], "8.00")
    assert (plans(apart["fewer"]), apart["fewer"]["more"]["amount"]) == (["family"], "1.00")


def test_money_for_some_of_the_people_is_less_than_asked(run: Runner, shop: Any) -> None:
    shop(MONTH)
    words = ("plans", "recommend", "--days", "30", "--data", "9GB", "--persons", "3", "--budget", "13USD")
    found = run(*words, "--carrier", "newtel", "--json")
    assert (found.code, found.json["complete"], amount(found.json)) == (20, False, "12.00")
    assert found.json["covers_bytes"] == 18_000_000_000


def test_the_cheapest_way_with_fewer_packs_stands_below(shop: Any) -> None:
    found = shop(WEEK, MONTH).ask("--days", "28", "--data", "11GB")
    assert (plans(found), amount(found)) == (["week"] * 4, "5.00")
    assert (plans(found["fewer"]), found["fewer"]["more"]["amount"]) == (["month"], "1.00")
    assert found["cheapest"] is None
    told = shop.told("--days", "28", "--data", "11GB").out
    assert "With fewer packs: newtel-month, 6.00 USD (one pack)." in told


@pytest.mark.parametrize(
    ("price", "first", "cheapest"),
    [("2.90 USD", ["month"], ["day"] * 8), ("2.91 USD", ["day"] * 8, None)],
)
def test_few_packs_come_first_where_they_cost_little_more(
    shop: Any, price: str, first: list[str], cheapest: list[str] | None
) -> None:
    """Eight packs of a day for 2.40: 0.50 more is borne, a cent above it is not."""
    shop(pack("day", "0.30 USD", "1GB", "1 day"), pack("month", price, "20GB", "30 days"))
    found = shop.ask("--days", "8", "--data", "8GB")
    assert plans(found) == first
    assert (None if found["cheapest"] is None else plans(found["cheapest"])) == cheapest
    told = shop.told("--days", "8", "--data", "8GB").out
    assert ("The very cheapest takes more packs: 8 × newtel-day, 2.40 USD" in told) is (cheapest is not None)
    assert told.startswith("Best for 8 days" if cheapest else "Cheapest for 8 days")


def test_a_tenth_more_is_borne_where_that_is_more_than_half_a_dollar(shop: Any) -> None:
    shop(pack("day", "1.00 USD", "1GB", "1 day"), pack("month", "11.00 USD", "20GB", "30 days"))
    assert plans(shop.ask("--days", "10", "--data", "10GB")) == ["month"]
    shop(pack("day", "1.00 USD", "1GB", "1 day"), pack("month", "11.01 USD", "20GB", "30 days"))
    assert plans(shop.ask("--days", "10", "--data", "10GB")) == ["day"] * 10


def test_one_pack_a_week_is_no_burden(shop: Any) -> None:
    """Four packs in four weeks stand first although one would cost only a cent more."""
    shop(WEEK, pack("month", "5.01 USD", "20GB", "30 days"))
    assert plans(shop.ask("--days", "28", "--data", "11GB")) == ["week"] * 4


@pytest.mark.slow
def test_a_year_is_answered_whole_and_says_when_it_was_cut_short(
    run: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With 500 plans of every length, and once more with everything that makes the search hard.

    What it takes is told by `python -m tests.bench recommend`. Here the effort ends the search and not the processor's
    clock, so that two answers to one question agree.
    """
    monkeypatch.setattr("esimctl.advice.question.PATIENCE", 600.0)
    rows = [
        pack(f"p{number}", f"{1 + number * 37 % 997 / 100:.2f} USD", f"{500 + number * 811 % 30_000}MB",
             f"{1 + number * 13 % 60} days")
        for number in range(500)
    ]  # fmt: skip
    file = tmp_path / "many.toml"
    file.write_text("".join((CARRIER, *rows)), encoding="utf-8")
    run("plans", "import", str(file))
    for words in ((), ("--provider", "sandbox", "--with-promotions")):
        asked = ("plans", "recommend", "--days", "365", "--per-day", "700MB", *words)
        found, told = run(*asked, "--json").json, run(*asked, "-o", "table").out
        assert found["complete"]
        cut = "the search was stopped, there may be a cheaper way" in told
        assert cut is not found["optimal"]
        assert found["optimal"] or "Cheapest for" not in told


def test_a_search_that_is_out_of_time_says_so(shop: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    shop(*(pack(f"p{n}", f"{(n * 4 + n * 7 % 10) / 10:.2f} USD", f"{n}GB", "40 days") for n in range(20, 60)))
    monkeypatch.setattr("esimctl.advice.question.PATIENCE", 0.0)
    found = shop.ask("--days", "200", "--per-day", "7GB")
    assert (found["complete"], found["optimal"]) == (True, False)
    told = shop.told("--days", "200", "--per-day", "7GB").out
    assert told.startswith("Cheapest found for 200 days")
    assert "the search was stopped, there may be a cheaper way" in told
