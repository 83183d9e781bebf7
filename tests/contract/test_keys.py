"""The key set of every document of the first journey. Keys may be added with a new line here; none may go."""

from typing import Any

import pytest

from tests.conftest import Runner

PLAN = "demo-monthly-5gb"

ORDER = {
    "id", "kind", "state", "charged", "retry_safe", "request_id", "line", "provider", "plan", "price", "paid",
    "promotion", "payment_method", "provider_order", "created_at", "settled_at", "reason", "activation",
    "refund", "refunded_at", "imported", "play_money",
}  # fmt: skip
ACTIVATION = {"lpa", "iccid", "confirmation_code_required", "apple_url", "android_url", "use_by"}
LINE = {
    "line", "provider", "carrier", "plan", "status", "data", "voice", "main_balance", "use_by", "expires_at",
    "throttled", "out_of_bucket_bytes", "buckets", "rollover", "forecast", "reading", "attention",
}  # fmt: skip
BUCKET = {
    "id", "category", "usage_type", "granted", "remaining", "reserved", "start", "end", "status", "window", "shared",
    "provisional", "unlimited", "money", "purpose", "usable",
}  # fmt: skip
PLAN_KEYS = {
    "id", "carrier", "name", "countries", "price", "data_bytes", "unlimited", "validity", "clock", "billing",
    "rollover", "overage", "shareable", "promotions", "provider", "source", "as_of", "stale", "kind", "category",
    "period", "period_bytes", "voice_seconds", "audience", "price_per_gb", "price_per_day", "example", "notes",
    "allowance", "grade", "seen", "retrieved", "dial", "rollover_counted", "rollover_claim", "rollover_by",
}  # fmt: skip


def no_floats(value: Any) -> bool:
    """Whether a document holds no floating-point number anywhere."""
    if isinstance(value, float):
        return False
    if isinstance(value, dict):
        return all(no_floats(item) for item in value.values())
    return all(no_floats(item) for item in value) if isinstance(value, list) else True


@pytest.fixture
def bought(run: Runner) -> dict[str, Any]:
    """The answer to the first purchase."""
    document: dict[str, Any] = run("buy", PLAN, "--name", "phone", "--yes", "--json").json
    return document


def test_order(bought: dict[str, Any]) -> None:
    assert list(bought) == ["schema", "order", "rehearsal"]
    assert bought["schema"] == "esimctl.order/1"
    assert set(bought["order"]) == ORDER
    assert set(bought["order"]["activation"]) == ACTIVATION
    assert set(bought["order"]["price"]) == {"amount", "currency"}


def test_balance(run: Runner, bought: dict[str, Any]) -> None:
    document = run("balance", "--json").json
    assert list(document) == ["schema", "as_of", "profile", "lines", "rehearsal"]
    (line,) = document["lines"]
    assert set(line) >= LINE
    assert set(line["data"]) == {
        "granted_bytes", "used_bytes", "remaining_bytes", "restricted_bytes", "restricted_unlimited", "reserved_bytes",
        "judged_bytes", "judged_granted_bytes", "unlimited",
    }  # fmt: skip
    assert set(line["rollover"]) == {
        "effective", "disputed", "claim", "by", "carry_if_renewed_bytes", "lost_anyway_bytes", "lost_if_not_bytes",
        "kept_anyway_bytes", "carried_until", "lost_anyway_at", "renew_by", "grace_until",
    }  # fmt: skip
    assert {"runs_out_at", "earliest", "latest", "days_of_history", "reason"} <= set(line["forecast"])
    assert {"at", "source", "stale"} <= set(line["reading"])
    assert all(set(bucket) == BUCKET for bucket in line["buckets"])
    assert {bucket["usage_type"] for bucket in line["buckets"]} <= {"data", "voice", "sms", "monetary"}


@pytest.mark.parametrize(
    ("words", "schema", "array"),
    [
        (("plans", "list"), "plans", "plans"),
        (("lines", "list"), "lines", "lines"),
        (("transactions", "list"), "transactions", "transactions"),
        (("payments", "list"), "payments", "payments"),
        (("profile", "list"), "profiles", "profiles"),
    ],
)
def test_lists(run: Runner, bought: dict[str, Any], words: tuple[str, ...], schema: str, array: str) -> None:
    document = run(*words, "--json").json
    assert list(document) == ["schema", array, *(["rehearsal"] if array != "profiles" else [])]
    assert document["schema"] == f"esimctl.{schema}/1"
    assert document[array]
    assert len(run(*words, "--json", "--limit", "1").json[array]) == 1
    assert no_floats(document)


def test_rows(run: Runner, bought: dict[str, Any]) -> None:
    assert set(run("plans", "list", "--json").json["plans"][0]) == PLAN_KEYS
    assert set(run("transactions", "list", "--json").json["transactions"][0]) == ORDER | {
        "attention", "date", "month", "refund_date", "refund_month",
    }  # fmt: skip
    assert set(run("payments", "list", "--json").json["payments"][0]) == {
        "name",
        "kind",
        "provider",
        "reference",
        "default",
    }
    assert {"line", "provider", "carrier", "plan", "iccid", "msisdn", "order", "tags"} <= set(
        run("lines", "list", "--json").json["lines"][0]
    )
    assert {"remaining_bytes", "restricted_bytes", "expires_at", "renew_by", "grace_until", "lost_anyway_bytes"} <= set(
        run("lines", "list", "--json").json["lines"][0]
    )
    assert set(run("plans", "show", PLAN, "--json").json["plan"]) == PLAN_KEYS | {"terms"}


def test_error(run: Runner, bought: dict[str, Any]) -> None:
    document = run("balance", "nobody", "--json").json
    assert list(document) == ["schema", "error", "order"]
    assert list(document["error"]) == ["code", "exit_code", "message", "hint", "retry_safe"]
    refused = run("renew", "phone", "--pay", "sandbox-declined", "--yes", "--json").json
    assert set(refused["order"]) == ORDER


def test_planned(run: Runner) -> None:
    document = run("buy", PLAN, "--dry-run", "--json").json
    assert list(document) == ["schema", "order", "offer", "dry_run", "rehearsal"]
    assert set(document["order"]) == ORDER
    assert {"price", "effect", "lost_bytes", "payment_method"} <= set(document["offer"])
