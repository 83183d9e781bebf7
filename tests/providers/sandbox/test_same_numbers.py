"""The same numbers from every entrance: a story told as a scenario and the same story told to the operator agree.

Every scenario file that has only what a person can do at the operator's counter is played through the provider object,
order by order, and must meet the expectations of the file.
"""

import tomllib
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from esimctl.catalogue.plan import Plan
from esimctl.errors import EsimctlError
from esimctl.providers.protocol import LineRef, Reading, ReadingBucket, Verdict
from esimctl.providers.sandbox.books import OperatorBooks
from esimctl.providers.sandbox.provider import SandboxProvider
from esimctl.providers.sandbox.stock import OperatorStock
from esimctl.values.money import Money
from esimctl.values.volume import UNLIMITED, parse_volume

from .conftest import Counter

FOLDER = Path(__file__).parents[2] / "scenarios"

#: What cannot be done at the counter: several periods unattended are done by hand instead (`auto_renew`).
VERBS = {"use": {"dated"}, "renew": set(), "topup": set(), "gift": {"to"}, "expect": set()}
LINE_KEYS = {"plan", "auto_renew", "main_balance"}
EXPECTED = {
    "available", "remaining", "forfeited", "out_of_bucket", "charged", "main_balance", "throttled", "buckets", "count",
}  # fmt: skip


def playable(scenario: Mapping[str, Any]) -> bool:
    if "pool" in scenario or scenario.get("schema") != "esimctl.scenario/1":
        return False
    if any(set(line) - LINE_KEYS or "plan" not in line for line in scenario.get("line", {}).values()):
        return False
    kinds: dict[str, set[str]] = {line["plan"]: {"base"} for line in scenario["line"].values()}
    for event in scenario.get("event", []):
        verb = next((word for word in VERBS if word in event), None)
        if verb is None or set(event) - {"at", "line", "refused", verb} - VERBS[verb] or "pool" in event:
            return False
        if verb in ("renew", "topup"):
            kinds.setdefault(event[verb], set()).add("base" if verb == "renew" else "topup")
        if verb == "expect" and set(event["expect"]) - EXPECTED:
            return False
    return all(len(uses) == 1 for uses in kinds.values())


def scenarios() -> Iterator[Any]:
    for path in sorted(FOLDER.rglob("*.toml")):
        try:
            scenario = tomllib.loads(path.read_text("utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError):
            continue
        if isinstance(scenario.get("line"), dict) and playable(scenario):
            yield pytest.param(scenario, id=path.stem)


PLAYABLE = list(scenarios())


VOLUMES = {
    "available": "available_bytes",
    "remaining": "remaining_bytes",
    "forfeited": "forfeited_bytes",
    "out_of_bucket": "out_of_bucket_bytes",
}


class Play:
    """One scenario at the counter."""

    def __init__(self, scenario: Mapping[str, Any], home: Path) -> None:
        self.scenario = scenario
        self.base = scenario.get("volume_base", 1000)
        self.zone = ZoneInfo(scenario.get("zone", "Asia/Phnom_Penh"))
        stock = OperatorStock(self.plans, lambda: (), self.zone)
        self.shop = Counter(SandboxProvider("sandbox", OperatorBooks(home), stock), self.instant(scenario["start"]))
        self.lines: dict[str, LineRef] = {}

    def plans(self) -> list[Plan]:
        topups = {event["topup"] for event in self.scenario.get("event", []) if "topup" in event}
        return [
            Plan(
                id=name,
                carrier="c",
                name=name,
                provider="sandbox",
                price=Money.parse("1USD"),
                terms={**table, "volume_base": self.base},
                kind="topup" if name in topups else "base",
            )
            for name, table in self.scenario.get("plan", {}).items()
        ]

    def instant(self, value: datetime | date) -> datetime:
        moment = value if isinstance(value, datetime) else datetime(value.year, value.month, value.day)  # noqa: DTZ001
        return (moment if moment.tzinfo else moment.replace(tzinfo=self.zone)).astimezone(UTC)

    def begin(self) -> None:
        for name, line in self.scenario["line"].items():
            self.lines[name] = self.shop.buy(line["plan"], name)
            if "main_balance" in line:
                self.shop.place("topup", self.lines[name], amount=Money.parse(line["main_balance"]))

    def wait(self, until: datetime) -> None:
        """Let time pass; a line that renews itself is renewed by hand at the very end of each term."""
        for name, line in self.scenario["line"].items():
            if line.get("auto_renew"):
                while True:
                    end = self.shop.look(self.lines[name]).expires_at
                    if end is None or end > until:
                        break
                    self.shop.now = end
                    assert self.shop.place("renew", self.lines[name], plan=line["plan"]).verdict is Verdict.SETTLED
                    assert (self.shop.look(self.lines[name]).expires_at or end) > end
        self.shop.now = until

    def play(self) -> int:
        """Returns the number of expectations that were met."""
        met = 0
        self.begin()
        for event in self.scenario.get("event", []):
            self.wait(self.instant(event["at"]))
            line = self.lines[event["line"]]
            if "expect" in event:
                self.compare(self.shop.look(line), event["expect"])
                met += 1
            else:
                self.act(event, line)
        return met

    def act(self, event: Mapping[str, Any], line: LineRef) -> None:
        refused = False
        try:
            if "use" in event:
                dated = self.instant(event["dated"]) if "dated" in event else None
                self.shop.use(line, self.octets(event["use"]), dated)
            elif "gift" in event:
                to = self.lines[event["to"]].iccid
                key = f"gift-{next(self.shop.numbers)}"
                assert line.iccid is not None
                assert to is not None
                self.shop.provider.gift(line.iccid, to, self.octets(event["gift"]), self.shop.now, key=key)
            else:
                kind = "renew" if "renew" in event else "topup"
                refused = self.shop.place(kind, line, plan=event[kind]).verdict is not Verdict.SETTLED
        except EsimctlError:
            refused = True
        assert refused is event.get("refused", False)

    def octets(self, text: str) -> int:
        found = parse_volume(text, self.base)
        assert isinstance(found, int)
        return found

    def volume(self, text: str) -> int | None:
        found = parse_volume(text, self.base)
        return None if found is UNLIMITED else found

    def compare(self, reading: Reading, expected: Mapping[str, Any]) -> None:
        for key, name in VOLUMES.items():
            if key in expected:
                assert getattr(reading, name) == self.volume(expected[key]), key
        if "main_balance" in expected:
            assert reading.main_balance == Money.parse(expected["main_balance"])
        assert reading.throttled is expected.get("throttled", reading.throttled)
        assert len(reading.buckets) == expected.get("count", len(reading.buckets))
        wanted = expected.get("buckets")
        if wanted is not None:
            assert [self.said(bucket, row) for bucket, row in zip(reading.buckets, wanted, strict=True)] == [
                self.asked(row) for row in wanted
            ]

    def asked(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """A bucket of the file; names of buckets are the engine's own affair."""
        read = {"remaining": self.volume, "end": self.instant}
        return {key: read[key](value) if key in read else value for key, value in row.items() if key != "id"}

    def said(self, bucket: ReadingBucket, row: Mapping[str, Any]) -> dict[str, Any]:
        return {key: getattr(bucket, key) for key in row if key != "id"}


@pytest.mark.parametrize("scenario", PLAYABLE)
def test_the_operator_says_what_the_scenario_expects(scenario: Mapping[str, Any], tmp_path: Path) -> None:
    assert Play(scenario, tmp_path).play() > 0


def test_enough_scenarios_are_played() -> None:
    """A guard against a filter that lets nothing through."""
    assert len(PLAYABLE) >= 20
