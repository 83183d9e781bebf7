"""The outlook of a line whose term was renewed early and has begun since."""

from datetime import datetime

from esimctl.charging.engine import Engine
from esimctl.charging.events import Purchase, Renew, Use
from esimctl.charging.outlook import outlook
from esimctl.charging.setup import LineSetup, Setup
from esimctl.charging.terms import terms_from_table
from esimctl.values.moments import zone

GB = 10**9


def test_the_outlook_is_of_the_term_that_runs_now_not_of_the_one_that_was_renewed() -> None:
    rollover = {"mode": "carry", "validity": "6 months", "max": "40GB"}
    terms = terms_from_table("m", {"data": "20GB", "term": "1 month", "early_renewal": "queue", "rollover": rollover})
    begin = datetime.fromisoformat("2026-11-20T09:00:00+07:00")
    engine = Engine(Setup(zone("Asia/Phnom_Penh"), begin, {"a": LineSetup()}))
    engine.apply(Purchase(begin, "a", terms))
    engine.apply(Use(datetime.fromisoformat("2026-11-29T09:00:00+07:00"), "a", 12 * GB))
    engine.apply(Renew(datetime.fromisoformat("2026-12-10T09:00:00+07:00"), "a", terms))
    ends = datetime.fromisoformat("2027-01-20T09:00:00+07:00")
    for day in ("2026-12-11", "2026-12-21"):
        engine.advance(datetime.fromisoformat(f"{day}T09:00:00+07:00"))
        told = outlook(engine, "a")
        # a lapse forfeits what was carried before as well
        assert (told.carry_if_renewed_bytes, told.lost_anyway_bytes, told.lost_if_not_bytes) == (20 * GB, 0, 28 * GB)
        assert told.renew_by == ends
