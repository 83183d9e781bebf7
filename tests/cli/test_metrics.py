"""Metrics: whose they are, play money apart, and no line falls silent before it is removed."""

import re
from datetime import datetime
from typing import Any

import pytest

from tests.conftest import NOW, Runner

PLAN = "demo-monthly-20gb"
SAMPLE = re.compile(r"^(esimctl_\w+)(?:\{(.*)\})? (\S+)$", re.MULTILINE)
LOOK, OVER, LONG_AFTER = "2026-12-01T09:00:00+07:00", "2026-12-25T09:00:00+07:00", "2027-12-25T09:00:00+07:00"
DATA = ("data_remaining_bytes", "data_judged_bytes", "plan_expiry_timestamp_seconds")


def samples(run: Runner, now: str, *words: str) -> dict[tuple[str, frozenset[tuple[str, str]]], str]:
    """(family, labels) → value."""
    made = run("transactions", "export", "--format", "prometheus", *words, now=now)
    assert made.code == 0, made.err
    return {
        (name.removeprefix("esimctl_"), frozenset(re.findall(r'(\w+)="([^"]*)"', labels))): value
        for name, labels, value in SAMPLE.findall(made.out)
    }


def of(run: Runner, line: str, now: str) -> dict[str, str]:
    """Family → value of a line's samples; the octets of its buckets summed up."""
    told: dict[str, Any] = {}
    for (name, labels), value in samples(run, now).items():
        if ("line", line) in labels and name != "balance_money":
            told[name] = str(int(told[name]) + int(value)) if name == "data_remaining_bytes" and name in told else value
    return told


def seconds(instant: str) -> str:
    return str(int(datetime.fromisoformat(instant).timestamp()))


def source(run: Runner, now: str) -> set[str]:
    """At whose word a line's figures were last seen."""
    told = samples(run, now)
    return {dict(labels)["source"] for name, labels in told if name == "reading_timestamp_seconds"}


def test_every_sample_says_whose_it_is_and_every_file_has_the_same_words(run: Runner) -> None:
    """node_exporter refuses a file whose HELP or TYPE of a family differs from that of another one."""
    headers = []
    for name, plan in (("home", PLAN), ("work", "demo-weekly-2gb")):
        chosen = ("--profile", name)
        run("profile", "create", name)
        run("buy", plan, "--name", "phone", "--yes", *chosen)
        run("lines", "add", "sim", "--provider", "manual", "--carrier", "smart", *chosen)
        assert all(("profile", name) in labels for _, labels in samples(run, NOW, *chosen))
        text = run("transactions", "export", "--format", "prometheus", *chosen).out
        headers.append({line.split(" ")[2]: line for line in text.splitlines() if line.startswith("# HELP")})
    assert headers[0] == headers[1]


def test_a_profile_called_by_a_number_is_not_named(run: Runner) -> None:
    run("profile", "create", "85512345678")
    assert "85512345678" not in run("transactions", "export", "--format", "prometheus", "--profile", "85512345678").out


def test_play_money_is_marked_in_sums_and_on_lines(run: Runner) -> None:
    """An order of the embedded operator, whatever its age, and the line that it is for; money has no such label."""
    run("buy", PLAN, "--name", "toy", "--yes")
    run("lines", "add", "sim", "--provider", "manual", "--carrier", "smart", "--data", "5GB", "--days", "30", "--price",
        "6USD")  # fmt: skip
    told = samples(run, NOW)
    spent = {labels: value for (name, labels), value in told.items() if name == "spend_total"}
    money = {("profile", "default"), ("currency", "USD")}
    assert spent == {frozenset(money): "6.00", frozenset({*money, ("play", "true")}): "9.00"}
    marked = {("play", "true") in labels for _, labels in told if ("line", "toy") in labels}
    plain = {("play", "true") in labels for _, labels in told if ("line", "sim") in labels}
    assert (marked, plain) == ({True}, {False})


@pytest.mark.parametrize("looked", [True, False])
def test_a_line_of_an_operator_has_its_samples_after_its_end(run: Runner, looked: bool) -> None:
    """0 left, the last end, and when somebody looked last, or when it was bought: never the hour of the export."""
    run("buy", PLAN, "--name", "phone", "--yes")
    if looked:
        run("sandbox", "use", "phone", "5GB", now=LOOK)
        run("balance", "--refresh", now=LOOK)
    before = of(run, "phone", LOOK)
    assert before["data_remaining_bytes"] == str((15 if looked else 20) * 10**9)
    for now in (OVER, LONG_AFTER):
        told = of(run, "phone", now)
        assert told.keys() == before.keys()
        ended = seconds("2026-12-20T09:00:00+07:00")
        assert tuple(told[name] for name in DATA) == ("0", "0", ended)
        assert told["reading_timestamp_seconds"] == seconds(LOOK if looked else NOW)
        assert source(run, now) == {"provider" if looked else "modelled"}
    run("lines", "remove", "phone", "--yes", now=LONG_AFTER)
    assert of(run, "phone", LONG_AFTER) == {}


@pytest.mark.parametrize("looked", [True, False])
def test_a_line_of_a_counter_has_its_samples_after_its_end(run: Runner, looked: bool) -> None:
    """Its end is worked out: that is no look."""
    words = ("--provider", "manual", "--carrier", "smart", "--data", "20GB", "--days", "30")
    run("lines", "add", "sim", *words)
    if looked:
        assert run("usage", "record", "sim", "--remaining", "15GB", now=LOOK).code == 0
    before = of(run, "sim", LOOK)
    for now in (OVER, LONG_AFTER):
        told = of(run, "sim", now)
        assert told.keys() == before.keys()
        assert told["plan_expiry_timestamp_seconds"] == before["plan_expiry_timestamp_seconds"]
        assert (told["data_known"], told["data_remaining_bytes"], told["data_judged_bytes"]) == ("1", "0", "0")
        assert told["reading_timestamp_seconds"] == seconds(LOOK if looked else NOW)
        assert source(run, now) == {"manual" if looked else "modelled"}


def test_the_labels_stay_when_a_line_ends(run: Runner) -> None:
    """The same series goes on with 0, so that an alert on it is still that alert."""
    run("buy", PLAN, "--name", "phone", "--yes")
    run("lines", "add", "sim", "--provider", "manual", "--carrier", "smart", "--data", "20GB", "--days", "30")
    before, after = ({(name, labels) for name, labels in samples(run, now) if name in DATA} for now in (LOOK, OVER))
    assert before == after


def test_what_nobody_knows_is_said(run: Runner) -> None:
    """No figure and no reading, but a sample that says so; a look makes it known."""
    run("lines", "add", "sim", "--provider", "manual", "--carrier", "smart")
    assert of(run, "sim", NOW) == {"data_known": "0"}
    run("usage", "record", "sim", "--remaining", "0", now=LOOK)
    told = of(run, "sim", OVER)
    assert (told["data_known"], told["data_remaining_bytes"]) == ("1", "0")
    assert told["reading_timestamp_seconds"] == seconds(LOOK)


def test_a_night_pack_is_not_used_up_each_morning(run: Runner) -> None:
    """What can be used now is 0 by day, what thresholds look at is not."""
    run("buy", "demo-night-line-30d", "--provider", "sandbox", "--name", "sim", "--yes")
    told = of(run, "sim", NOW)
    assert (told["data_remaining_bytes"], told["data_judged_bytes"]) == ("0", str(20 * 10**9))
    assert told["data_restricted_bytes"] == str(20 * 10**9)


def test_an_unlimited_plan_has_no_octets_until_it_ends(run: Runner) -> None:
    run("lines", "add", "sim", "--provider", "manual", "--carrier", "smart", "--data", "unlimited", "--days", "30")
    told, ended = of(run, "sim", NOW), of(run, "sim", OVER)
    assert (told["plan_unlimited"], told["data_known"], told.get("data_remaining_bytes")) == ("1", "1", None)
    assert (ended["plan_unlimited"], ended["data_remaining_bytes"], ended["data_judged_bytes"]) == ("0", "0", "0")


def test_money_follows_every_order_at_once(run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    """Buy, renew, top up: the sum is there before anybody has looked."""

    def never(*_: object, **__: object) -> None:
        raise AssertionError("a provider was asked")

    monkeypatch.setattr("esimctl.providers.sandbox.provider.SandboxProvider.reading", never)
    sums = []
    for words in (
        ("buy", PLAN, "--name", "phone"), ("renew", "phone"), ("topup", "phone", "--plan", "demo-topup-2gb"),
        ("topup", "phone", "--amount", "2USD"),
    ):  # fmt: skip
        price = run(*words, "--yes", "--json").json["order"]["price"]["amount"]
        (spent,) = [value for (name, _), value in samples(run, NOW).items() if name == "spend_total"]
        sums.append((int(spent.replace(".", "")), int(price.replace(".", ""))))
    assert [total for total, _ in sums] == [sum(price for _, price in sums[: count + 1]) for count in range(len(sums))]
