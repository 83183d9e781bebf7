"""What leaves the program holds what the books know: orders that no reading has confirmed, and nobody asked."""

from typing import Any

import pytest

from esimctl.catalogue.plans import plans
from tests.conftest import NOW, Runner

PLAN = "demo-monthly-20gb"
LATER = "2026-12-15T09:00:00+07:00"
BASES = sorted(
    each.id for each in plans() if each.id.startswith("demo-") and each.terms.get("category", "base") == "base"
)
WAITING = [each.id for each in plans() if each.id in BASES and each.terms.get("starts_on", "purchase") != "purchase"]
UNSURE = frozenset({"id", "provisional"})  #: of a bucket: its name, and whether nobody looked when it was carried
LEFT = 'esimctl_data_remaining_bytes{{profile="default",line="phone",operator="demo",play="true",bucket="{}"}}'
ENDS = (
    f'esimctl_plan_expiry_timestamp_seconds{{profile="default",line="phone",operator="demo",play="true",plan="{PLAN}"}}'
)


def line(run: Runner, now: str, *words: str) -> Any:
    """The document of the line `phone`, nobody being asked unless `words` say so."""
    (found,) = run("balance", "phone", *(words or ("--cached",)), "--json", now=now).json["lines"]
    return found


def metrics(run: Runner, now: str) -> dict[str, str]:
    """Sample → value."""
    made = run("transactions", "export", "--format", "prometheus", now=now)
    assert made.code == 0, made.err
    return dict(row.rsplit(" ", 1) for row in made.out.splitlines() if not row.startswith("#"))


def figures(document: Any, than: Any = None) -> Any:
    """What a line's document says of data and dates, without what `than` does not know; see `UNSURE`."""
    buckets = [{key: value for key, value in row.items() if key not in UNSURE} for row in document["buckets"]]
    known = (document if than is None else than)["data"]
    data = {key: value for key, value in document["data"].items() if known[key] is not None}
    told = ("status", "plan", "main_balance", "use_by", "expires_at")
    return {key: document[key] for key in told} | {"buckets": buckets, "data": data}


def calendar(run: Runner, now: str) -> str:
    """The calendar as text, with its SANDBOX marks left out of the titles."""
    made = run("transactions", "export", "--format", "ics", now=now)
    assert made.code == 0, made.err
    return made.out.replace("\r\n ", "").replace("SANDBOX: ", "")


@pytest.fixture
def alone(run: Runner, monkeypatch: pytest.MonkeyPatch) -> Runner:
    """The program where nobody can look at a line at the provider."""

    def never(*_: object, **__: object) -> None:
        raise AssertionError("a provider was asked")

    monkeypatch.setattr("esimctl.providers.sandbox.provider.SandboxProvider.reading", never)
    return run


def test_a_purchase_is_there_at_once(alone: Runner) -> None:
    """Its end and its data, in the balance, the calendar and the metrics; and that they were not read is said."""
    alone("buy", PLAN, "--name", "phone", "--yes")
    assert metrics(alone, NOW)[LEFT.format("base")] == str(20 * 10**9)
    assert "DTSTART:20261220T020000Z\r\nDURATION:PT1M\r\nSUMMARY:phone ends" in calendar(alone, NOW)
    told = line(alone, NOW)
    assert (told["reading"]["source"], told["reading"]["stale"]) == ("modelled", True)
    assert (told["figures"]["data"]["kind"], told["figures"]["expires_at"]["kind"]) == ("modelled", "observed")
    assert "data: worked out from what you bought, not read" not in alone("balance", "--cached").out, ()


def test_a_renewal_and_a_top_up_are_there_at_once(alone: Runner) -> None:
    """The old end goes with the renewal, and "renew now" is not in the past."""
    alone("buy", PLAN, "--name", "phone", "--yes")
    alone("renew", "phone", "--yes", now=LATER)
    made = calendar(alone, LATER)
    assert (made.count("SUMMARY:phone ends"), made.count("SUMMARY:renew phone now")) == (1, 1)
    assert "DTSTART:20270120T020000Z\r\nDURATION:PT1M\r\nSUMMARY:phone ends" in made
    assert metrics(alone, LATER)[ENDS] == "1800410400"
    alone("topup", "phone", "--plan", "demo-topup-2gb", "--yes", now=LATER)
    alone("topup", "phone", "--amount", "5USD", "--yes", now=LATER)
    made_of = metrics(alone, LATER)
    assert made_of[LEFT.format("topup")] == str(2 * 10**9)
    assert (
        made_of[
            'esimctl_balance_money{profile="default",line="phone",operator="demo",play="true",currency="USD",bucket="main"}'
        ]
        == "5.00"
    )


def test_a_renewal_after_looks_goes_on_from_them(run: Runner) -> None:
    """What was used is not there again, and a line whose pack is over is alive with the next one."""
    later, late = "2026-12-01T09:00:00+07:00", "2026-12-25T09:00:00+07:00"
    run("buy", PLAN, "--name", "phone", "--yes")
    run("sandbox", "use", "phone", "5GB", now=later)
    run("balance", "--refresh", now=later)
    run("renew", "phone", "--yes", now=LATER)
    assert line(run, LATER)["data"]["remaining_bytes"] == 15 * 10**9
    after = line(run, late)
    assert after["data"]["remaining_bytes"] == 35 * 10**9
    assert figures(after) == figures(line(run, late, "--refresh"))


def test_a_gift_and_a_record_by_hand_go_on_from_what_is_known(alone: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both lines show the gift, and a figure typed in leaves the end as the purchase says it."""
    alone("buy", "demo-monthly-10gb", "--name", "phone", "--yes")
    alone("buy", "demo-monthly-10gb", "--name", "tablet", "--yes")
    monkeypatch.setattr("esimctl.providers.sandbox.provider.SandboxProvider.reading", lambda *_, **__: None)
    assert alone("lines", "gift", "phone", "1GB", "--to", "tablet").code == 0
    assert metrics(alone, NOW)[LEFT.format("base")] == str(9 * 10**9)
    (tablet,) = alone("balance", "tablet", "--cached", "--json").json["lines"]
    assert tablet["data"]["remaining_bytes"] == 11 * 10**9
    assert alone("usage", "record", "phone", "--remaining", "4GB").code == 0
    told = line(alone, NOW)
    assert (told["data"]["remaining_bytes"], told["expires_at"]) == (4 * 10**9, "2026-12-20T02:00:00Z")


@pytest.mark.parametrize("plan", WAITING)
def test_a_plan_that_waits_for_its_start_has_no_invented_end(alone: Runner, plan: str) -> None:
    """Its data is known, its end is not; until when to activate it stands in the calendar where the terms say it."""
    alone("buy", plan, "--name", "phone", "--yes")
    told = line(alone, NOW)
    assert (told["status"], told["expires_at"]) == ("pending", None)
    assert told["data"]["remaining_bytes"], "what it will give"
    made = calendar(alone, NOW)
    assert "phone ends" not in made
    assert ("activate phone before this" in made) == (told["use_by"] is not None)


@pytest.mark.parametrize("plan", sorted(set(BASES) - set(WAITING)))
def test_what_is_worked_out_is_what_the_operator_says(run: Runner, plan: str) -> None:
    """Bought, looked at, used, renewed in good time and topped up: the books come to the figures of the next look."""
    used, renewed = "2026-11-20T15:00:00+07:00", "2026-11-21T09:00:00+07:00"
    assert run("buy", plan, "--name", "phone", "--yes").code == 0
    alone = line(run, NOW)
    assert figures(alone, alone) == figures(line(run, NOW, "--refresh"), alone)
    run("sandbox", "use", "phone", "100MB", now=used)
    line(run, used, "--refresh")
    assert run("renew", "phone", "--yes", now=renewed).code == 0
    assert run("topup", "phone", "--plan", "demo-topup-2gb", "--yes", now=renewed).code == 0
    alone = line(run, renewed)
    assert figures(alone, alone) == figures(line(run, renewed, "--refresh"), alone)
