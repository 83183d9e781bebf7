"""The key set of every document of tracked lines. Keys may be added with a new line here; none may go."""

from esimctl.documents.balance import BalanceDocument, BudgetRow
from esimctl.documents.claims import DevicePart
from esimctl.documents.kinds import kinds
from esimctl.documents.tracking import KhqrPart
from esimctl.documents.usage import ForecastDocument, PeriodRow, ReadingRow, UsageDocument
from tests.cli.test_khqr import THEN
from tests.conftest import Runner
from tests.providers.test_khqr import INDIVIDUAL

READING = {
    "line",
    "at",
    "source",
    "state",
    "remaining_bytes",
    "used_bytes",
    "main_balance",
    "expires_at",
    "modelled_bytes",
    "granted_bytes",
    "adjusted_bytes",
    "findings",
    "pattern",
    "tells",
    "text",
    "carry",
    "bonus",
    "bonus_expires_at",
}
DEVICE = {"model", "answer", "reason", "kind", "source", "as_of", "grade", "eid", "check"}
KHQR = {
    "state",
    "payee",
    "amount",
    "currency",
    "bill",
    "purpose",
    "dynamic",
    "created_at",
    "expires_at",
    "md5",
    "payload",
    "confirmed_by",
    "reference",
}
FIGURES = {"data", "main_balance", "expires_at", "voice_seconds"}


def test_every_document_of_tracking(run: Runner) -> None:
    """What is given is what is pinned here, and what the schema describes."""
    run("lines", "add", "sim", "--provider", "manual", "--carrier", "smart", "--plan", "smart-laor-7d")
    reading = run("usage", "record", "sim", "--remaining", "9GB", "--json").json
    assert (reading["schema"], set(reading["reading"])) == ("esimctl.reading/1", READING)
    imported = run("usage", "import", "sim", "-", "--json", given="Main balance: $1.50.").json
    assert set(imported) == {"schema", "line", "readings", "recorded", "duplicates", "unknown", "rehearsal"}
    assert set(imported["readings"][0]) == READING
    taught = run("usage", "learn", "sim", "--template", "You own {remaining} now", "--json").json
    assert set(taught["pattern"]) == {
        "name", "carrier", "template", "places", "figures", "replaces", "read_again",
    }  # fmt: skip
    assert set(run("devices", "check", "iPhone 13", "--json").json["device"]) == DEVICE
    assert set(run("payments", "khqr", "show", INDIVIDUAL, "--json", now=THEN).json["khqr"]) == KHQR
    line = run("balance", "sim", "--json").json["lines"][0]
    assert set(line["figures"]) == FIGURES
    assert set(line["figures"]["data"]) >= {"kind", "source", "at", "observed_bytes", "observed_at", "modelled_bytes"}
    shown = run("lines", "show", "sim", "--json").json["line"]
    assert {"contacts", "prefix_guess", "carrier_facts", "receipt"} <= set(shown)


def test_the_schemas_say_the_same() -> None:
    assert set(kinds(ReadingRow)) == READING
    assert set(kinds(DevicePart)) == DEVICE
    assert set(kinds(KhqrPart)) == KHQR


def test_history_forecast_and_budget() -> None:
    assert list(kinds(UsageDocument)) == [
        "line", "by", "zone", "from", "to", "source", "known_until", "reading", "used_bytes", "usage",
    ]  # fmt: skip
    assert list(kinds(PeriodRow)) == [
        "start", "end", "used_bytes", "complete", "days_known", "basis", "gap_seconds",
    ]  # fmt: skip
    assert list(kinds(ForecastDocument)) == [
        "as_of", "line", "method", "days_of_history", "spread_days", "reason", "runs_out_at", "earliest", "latest",
        "mean_per_day_bytes", "weekday_bytes", "remaining_bytes", "restricted_bytes", "term_ends_at",
        "leftover_bytes", "waste", "wasted_bytes", "allowed_per_day_bytes", "pace", "alert", "reading",
        "tips",
    ]  # fmt: skip
    assert list(kinds(BudgetRow)) == [
        "scope", "line", "budget", "spent", "reserved", "left", "from", "until", "play_money", "expected",
    ]  # fmt: skip
    assert list(kinds(BalanceDocument)) == ["as_of", "profile", "lines", "budget", "recent_use", "hints"]
