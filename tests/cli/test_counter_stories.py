"""The stories of the articles on lines bought at a counter, through the command line with the rehearsal clock."""

import pytest

from tests.conftest import Runner, balance_of, day
from tests.own_plans import bring

GB = 10**9


def add(run: Runner, name: str, *words: str, now: str) -> None:
    done = run("lines", "add", name, "--provider", "manual", *words, now=now)
    assert done.code == 0, done.err


def test_the_tourist_with_seven_days_from_the_airport(run: Runner) -> None:
    """Passport at the counter, a pack for a week, a look every morning, and the end is known in time."""
    add(
        run,
        "trip",
        "--carrier",
        "cellcard",
        "--plan",
        "cellcard-tourist-7d",
        "--price",
        "5USD",
        "--channel",
        "offline",
        "--receipt",
        "PNH-0042",
        "--msisdn",
        "012 345 678",
        now=day("11-20"),
    )
    start = balance_of(run, "trip", day("11-20"))
    assert start["status"] == "active"
    assert start["expires_at"] == "2026-11-27T02:00:00Z"
    assert start["reading"]["source"] == "modelled"
    granted = start["data"]["granted_bytes"]
    sms = "Your remaining bundle data is 6.4 GB. It expires on 27-Nov-2026."
    assert run("usage", "import", "trip", "-", given=sms, now=day("11-23")).code == 0
    seen = balance_of(run, "trip", day("11-23"))
    assert seen["data"]["remaining_bytes"] == 6_400_000_000
    assert seen["data"]["used_bytes"] == granted - 6_400_000_000
    assert seen["reading"] == {"at": "2026-11-23T02:00:00Z", "source": "sms", "stale": False}
    assert seen["expires_at"] == "2026-11-27T02:00:00Z", "the day agrees: the earlier instant is kept"
    assert seen["figures"]["expires_at"]["kind"] == "observed"
    late = balance_of(run, "trip", day("11-26"))
    assert set(late["attention"]) >= {"expiring", "stale_reading"}
    assert run("check", "trip", now=day("11-26")).code == 20
    gone = balance_of(run, "trip", day("11-28"))
    assert (gone["status"], gone["data"]["remaining_bytes"]) == ("expired", 0)
    (order,) = run("transactions", "list", "--json", now=day("11-28")).json["transactions"]
    assert (order["provider_order"], order["paid"], order["provider"]) == (
        "PNH-0042",
        {"amount": "5.00", "currency": "USD"},
        "manual",
    )


def test_the_resident_on_monthly_packs_keeps_what_is_left_by_renewing_in_time(run: Runner) -> None:
    """20 GB a month; 8 are left when the next month is paid at the kiosk, and they are carried."""
    bring(run)
    add(run, "phone", "--carrier", "smart", "--plan", "smart-own-20gb", "--price", "9USD", now=day("10-20"))
    reply = "Main balance: $1.50. Data: 8GB, expires 20/11/2026."
    assert run("usage", "import", "phone", "-", "--kind", "ussd", given=reply, now=day("11-15")).code == 0
    before = balance_of(run, "phone", day("11-15"))
    assert before["rollover"]["carry_if_renewed_bytes"] == 8 * GB
    assert before["main_balance"] == {"amount": "1.50", "currency": "USD"}
    assert before["figures"]["main_balance"] == {"kind": "observed", "source": "ussd", "at": "2026-11-15T02:00:00Z"}
    paid = run("renew", "phone", "--paid", "KIOSK-77", "--price", "9USD", "--json", now=day("11-16"))
    assert (paid.code, paid.json["order"]["state"], paid.json["order"]["provider_order"]) == (0, "settled", "KIOSK-77")
    after = balance_of(run, "phone", day("11-21"))
    assert [(b["category"], b["remaining"]) for b in after["buckets"]] == [("rollover", 8 * GB), ("base", 20 * GB)]
    assert after["reading"]["source"] == "modelled", "a boundary has passed since the reading"
    assert after["figures"]["data"]["observed_bytes"] == 8 * GB
    assert after["data"]["remaining_bytes"] == 28 * GB


def test_the_resident_who_pays_late_has_lost_it(run: Runner) -> None:
    bring(run)
    add(run, "phone", "--carrier", "smart", "--plan", "smart-own-20gb", now=day("10-20"))
    run("usage", "record", "phone", "--remaining", "8GB", now=day("11-15"))
    assert balance_of(run, "phone", day("11-25"))["status"] == "expired"
    run("renew", "phone", "--paid", "cash", now=day("11-25"))
    assert balance_of(run, "phone", day("11-25"))["data"]["remaining_bytes"] == 20 * GB


def test_the_family_pool(run: Runner) -> None:
    """One pack for four; the child draws on it up to a cap, and nobody sees more than there is."""
    bring(run)
    add(run, "family", "--carrier", "smart", "--plan", "smart-own-family", "--price", "18USD", now=day("11-20"))
    add(run, "child", "--carrier", "smart", now=day("11-20"))
    assert run("lines", "share", "family", "--with", "child", "--cap", "5GB", now=day("11-20")).code == 0
    (bucket,) = balance_of(run, "child", day("11-20"))["buckets"]
    assert (bucket["category"], bucket["remaining"], bucket["shared"]) == ("shared", 5 * GB, True)
    run("usage", "record", "family", "--remaining", "3GB", now=day("12-01"))
    (bucket,) = balance_of(run, "child", day("12-01"))["buckets"]
    assert bucket["remaining"] == 3 * GB
    assert run("lines", "unshare", "family", "--with", "child", now=day("12-02")).code == 0
    assert balance_of(run, "child", day("12-02"))["buckets"] == []


def test_the_frequent_traveller_with_roaming(run: Runner) -> None:
    """A Thai line roams in Cambodia: its own code, its own pack, a share instead of a volume in the SMS."""
    bring(run)
    add(run, "thai", "--carrier", "truemove", "--plan", "truemove-own-7d", now=day("11-20"))
    shown = run("lines", "show", "thai", "--json", now=day("11-20")).json["line"]
    assert shown["carrier"] == "truemove"
    granted = balance_of(run, "thai", day("11-20"))["data"]["granted_bytes"]
    sms = "TrueMove H roaming: you have used 80% of your package."
    done = run("usage", "import", "thai", "-", "--json", given=sms, now=day("11-23"))
    (reading,) = done.json["readings"]
    assert (done.code, reading["findings"]) == (0, ["derived"])
    assert balance_of(run, "thai", day("11-23"))["data"]["remaining_bytes"] == granted // 5
    run("renew", "thai", "--paid", "app-9", now=day("11-25"))
    assert balance_of(run, "thai", day("11-25"))["status"] == "active"


def test_the_student_with_a_night_pack(run: Runner) -> None:
    """The night pack is apart: by day it is there and cannot be used, and it never rolls over."""
    bring(run)
    add(run, "uni", "--carrier", "smart", "--plan", "smart-own-5gb", now=day("11-01"))
    bought = run("topup", "uni", "--plan", "smart-own-night", "--paid", "cash", "--price", "1USD", now=day("11-02"))
    assert bought.code == 0
    at_day = balance_of(run, "uni", day("11-03"))
    night = next(b for b in at_day["buckets"] if b["category"] == "window")
    assert night["remaining"] == 15 * GB
    assert night["window"] is not None
    assert (at_day["data"]["remaining_bytes"], at_day["data"]["restricted_bytes"]) == (5 * GB, 15 * GB)
    run("renew", "uni", "--paid", "cash", now=day("11-30"))
    later = balance_of(run, "uni", "2026-12-03T09:00:00+07:00")
    assert [b["category"] for b in later["buckets"] if b["category"] == "window"] == []


def test_ten_gigabytes_bought_half_used(run: Runner) -> None:
    """The question of the articles: 10 GB bought, half used, what happens to the rest?"""
    add(run, "sim", "--carrier", "metfone", "--data", "10GB", "--days", "30", "--price", "4USD", now=day("11-01"))
    run("usage", "record", "sim", "--used", "5GB", now=day("11-15"))
    half = balance_of(run, "sim", day("11-15"))
    assert half["data"]["remaining_bytes"] == 5 * GB
    assert half["data"]["used_bytes"] == 5 * GB
    assert (half["rollover"]["lost_anyway_bytes"], half["rollover"]["lost_if_not_bytes"]) == (5 * GB, 0)
    gone = balance_of(run, "sim", "2026-12-02T09:00:00+07:00")
    assert (gone["status"], gone["data"]["remaining_bytes"]) == ("expired", 0)


def test_what_was_bought_is_unknown_until_somebody_looks(run: Runner) -> None:
    """Silence is never zero: without terms and readings every figure is null; a reading is then all there is."""
    add(run, "found", "--carrier", "cootel", now=day("11-20"))
    nothing = balance_of(run, "found", day("11-20"))
    assert nothing["data"] == {
        "granted_bytes": None,
        "used_bytes": None,
        "remaining_bytes": None,
        "restricted_bytes": None,
        "restricted_unlimited": False,
        "judged_bytes": None,
        "judged_granted_bytes": None,
        "reserved_bytes": 0,
        "unlimited": False,
    }
    assert nothing["main_balance"] is None
    assert nothing["expires_at"] is None
    assert nothing["figures"]["data"]["kind"] == "unknown"
    sms = "CooTel data balance: 3GB; expire date: 2026-12-01."
    done = run("usage", "import", "found", "-", "--json", given=sms, now=day("11-20"))
    assert done.json["readings"][0]["findings"] == ["unexplained"]
    known = balance_of(run, "found", day("11-21"))
    assert (known["data"]["remaining_bytes"], known["data"]["granted_bytes"]) == (3 * GB, None)
    assert known["expires_at"] == "2026-11-30T17:00:00Z"
    assert balance_of(run, "found", "2026-12-02T09:00:00+07:00")["status"] == "expired"


def test_the_first_pack_of_a_line_that_is_followed(run: Runner) -> None:
    add(run, "sim", "--carrier", "smart", now=day("11-20"))
    bought = run("buy", "smart-laor-7d", "--name", "sim", "--paid", "cash", "--json", now=day("11-20"))
    assert (bought.code, bought.json["order"]["line"]) == (0, "sim")
    assert balance_of(run, "sim", day("11-20"))["data"]["remaining_bytes"] == 15 * GB
    assert run("lines", "show", "sim", "--json").json["line"]["plan"] == "smart-laor-7d"


@pytest.mark.parametrize("stated", ["2026-11-29T09:00:00+07:00", "2026-11-25T12:00:00+07:00"])
def test_an_observed_end_moves_the_modelled_one(run: Runner, stated: str) -> None:
    """The carrier knows better when it ends; the model follows, bucket and all."""
    add(run, "sim", "--carrier", "smart", "--plan", "smart-laor-7d", now=day("11-20"))
    run("usage", "record", "sim", "--remaining", "9GB", "--expires", stated, now=day("11-22"))
    found = balance_of(run, "sim", day("11-22"))
    from datetime import datetime

    assert datetime.fromisoformat(found["expires_at"]) == datetime.fromisoformat(stated)
    assert found["buckets"][0]["end"] == found["expires_at"]
    assert found["figures"]["expires_at"]["kind"] == "observed"
