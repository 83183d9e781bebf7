"""A random life of a profile with play money and money: what happens is drawn once, and lived with looks or without.

A step is what a person does at an instant; which of the lines it is done to follows from the step alone, so that two
homes that live the same steps hold the same orders, whatever was looked at in between.
"""

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from tests.in_process import command

NAMES = ("a", "b", "c", "d")
ZONES = ("Asia/Phnom_Penh", "America/New_York", "Pacific/Kiritimati", "Asia/Kathmandu")
PRICES = ("1.50USD", "20000KHR", "299THB", "0.01USD", "4USD")
PLAN, PACK, COUNTER = "demo-family-30gb", "demo-topup-2gb", "cellcard-data-30d"
LOOKS: tuple[tuple[str, ...], ...] = (
    ("balance", "-q"), ("balance", "--refresh", "--json"), ("check",), ("report", "--by", "line", "--json"),
    ("transactions", "export", "--format", "prometheus"), ("transactions", "export", "--format", "ics"),
    ("lines", "list", "--json"), ("transactions", "audit"),
)  # fmt: skip


class Step(NamedTuple):
    """One thing that a person does: which, so long after the one before (seconds), and what decides the rest."""

    deed: str
    wait: int
    choice: int
    look: int  #: of LOOKS, before it; beyond them nothing, or a line's own


@dataclass
class World:
    """A home, and what is followed in it. `looking` says whether looks are taken, too."""

    folder: Path
    zone: str
    looking: bool
    now: datetime
    played: dict[str, bool] = field(default_factory=dict)  #: name → whether it is the embedded operator's
    orders: list[dict[str, Any]] = field(default_factory=list)  #: what was bought here, as it came
    numbers: int = 0

    def run(self, *words: str, codes: Sequence[int] = (0,)) -> str:
        """A command's stdout; another code than these is a failure."""
        environ = {
            "ESIMCTL_HOME": str(self.folder / "home"), "HOME": str(self.folder), "PATH": os.environ.get("PATH", ""),
            "XDG_STATE_HOME": str(self.folder / "state"), "ESIMCTL_NOW": self.now.isoformat(),
        }  # fmt: skip
        code, out, err = command(words, environ)
        assert code in codes, f"{' '.join(words)}: {code} {err} {out[:300]}"
        return out

    def order(self, *words: str, codes: Sequence[int] = (0, 2, 3)) -> None:
        """A purchase; its number, if it came to one."""
        found = json.loads(self.run(*words, "--yes", "--json", codes=codes)).get("order")
        if found is not None:
            self.orders.append(found)
            if words[0] == "buy" and found["state"] == "settled":
                self.played[found["line"]] = found.get("play_money", "--paid" not in words)

    def pick(self, choice: int, *, play: bool | None = None) -> str | None:
        """A line that is followed; of one sort of money, if said."""
        names = sorted(name for name, game in self.played.items() if play in (None, game))
        return names[choice % len(names)] if names else None

    def free(self, choice: int) -> str | None:
        """A name that no line has now."""
        names = [name for name in NAMES if name not in self.played]
        return names[choice % len(names)] if names else None

    def receipt(self) -> str:
        """Another receipt's number."""
        self.numbers += 1
        return f"R-{self.numbers}"


def buy(world: World, choice: int) -> None:
    """A line of the embedded operator."""
    if (name := world.free(choice)) is not None:
        world.order("buy", PLAN, "--name", name)


def counter(world: World, choice: int) -> None:
    """A pack at a counter, for a new line or one that is followed."""
    if (name := world.free(choice)) is not None:
        world.order("buy", COUNTER, "--name", name, "--paid", world.receipt(), "--price", PRICES[choice % len(PRICES)])


def add(world: World, choice: int) -> None:
    """A line that was bought elsewhere, with what was paid for it or without."""
    if (name := world.free(choice)) is not None:
        price = ("--price", PRICES[choice % len(PRICES)]) if choice % 4 else ()
        words = ("--provider", "manual", "--carrier", "smart", "--data", "10GB", "--days", "30", *price)
        world.run("lines", "add", name, *words)
        world.played[name] = False


def renew(world: World, choice: int) -> None:
    """Another term, paid with play money or at the counter."""
    name = world.pick(choice)
    if name is not None:
        by_hand = () if world.played[name] else ("--paid", world.receipt(), "--price", PRICES[choice % len(PRICES)])
        world.order("renew", name, *by_hand)


def topup(world: World, choice: int) -> None:
    """More data for a line of the operator."""
    if (name := world.pick(choice, play=True)) is not None:
        world.order("topup", name, "--plan", PACK)


def declined(world: World, choice: int) -> None:
    """A card that is declined: listed, and nowhere counted."""
    if (name := world.pick(choice, play=True)) is not None:
        world.order("topup", name, "--amount", "7USD", "--pay", "sandbox-declined")


def lost(world: World, choice: int) -> None:
    """An answer is lost, and the order settled later; or it stays open."""
    if (name := world.pick(choice, play=True)) is not None:
        world.run("sandbox", "fault", "timeout-before" if choice % 3 else "timeout-after")
        world.order("topup", name, "--plan", PACK, codes=tuple(range(80)))
        if choice % 2:
            world.now += timedelta(minutes=5)
            world.run("reconcile", codes=(0, 4, 20))


def charged_twice(world: World, choice: int) -> None:
    """A charge that no order explains."""
    if (name := world.pick(choice, play=True)) is not None:
        world.run("sandbox", "fault", "duplicate-charge")
        world.order("topup", name, "--plan", PACK, codes=tuple(range(80)))
        world.now += timedelta(minutes=5)
        world.run("reconcile", codes=(0, 4, 20))


def refund(world: World, choice: int) -> None:
    """Money comes back: from the operator for an unused line, at a counter all or a part of it."""
    bought = [order for order in world.orders if order["state"] == "settled"]
    if bought:
        order = bought[choice % len(bought)]
        money = order["paid"] or order["price"]
        whole = int(money["amount"].replace(".", "")) // (choice % 3 + 1)
        amount = str(whole) if money["currency"] == "KHR" else f"{whole // 100}.{whole % 100:02}"
        back = ("--received", f"{amount}{money['currency']}") if order["provider"] == "manual" else ()
        world.run("transactions", "refund", order["id"], *back, "--yes", codes=(0, 2, 3, 4, 5, 20))
        kept = {line["line"] for line in json.loads(world.run("lines", "list", "--json"))["lines"]}
        world.played = {name: game for name, game in world.played.items() if name in kept}


def gift(world: World, choice: int) -> None:
    """Data goes from one line to another; no money moves."""
    name, to = world.pick(choice), world.pick(choice + 1)
    if name is not None and to is not None and name != to:
        world.run("lines", "gift", name, "1GB", "--to", to, "--yes", codes=(0, 2, 3))


def use(world: World, choice: int) -> None:
    """Data is used at the operator."""
    if (name := world.pick(choice, play=True)) is not None:
        world.run("sandbox", "use", name, f"{choice % 9000 + 1}MB", codes=(0, 2))


def remove(world: World, choice: int) -> None:
    """A line is not followed any more; its name is free."""
    if (name := world.pick(choice)) is not None:
        world.run("lines", "remove", name, "--yes")
        del world.played[name]


def rename(world: World, choice: int) -> None:
    """A line is called otherwise, perhaps as one that was removed."""
    name, to = world.pick(choice), world.free(choice)
    if name is not None and to is not None:
        world.run("lines", "rename", name, to)
        world.played[to] = world.played.pop(name)


DEEDS: dict[str, Callable[[World, int], None]] = {
    each.__name__: each
    for each in (buy, counter, add, renew, topup, declined, lost, charged_twice, refund, gift, use, remove, rename)
}


def look(world: World, place: int) -> None:
    """A look between two deeds; what is read off a phone belongs to a line from a counter."""
    if place < len(LOOKS):
        world.run(*LOOKS[place], codes=(0, 20))
        return
    name = world.pick(place)
    if name is not None and not world.played[name]:
        world.run("usage", "record", name, "--remaining", f"{place % 10}GB", codes=(0, 2))
    elif name is not None:
        world.run("usage", "history", name, "--json")


def live(folder: Path, zone: str, steps: Sequence[Step], *, looking: bool) -> World:
    """A home in which all this has happened, at the same instants with looks and without."""
    folder.mkdir()
    begun = datetime(2026, 5, 29, 12, tzinfo=ZoneInfo(zone))
    world = World(folder, zone, looking, begun)
    world.run("profile", "create", "default")
    settings = folder / "home/profiles/default/profile.toml"
    settings.write_text(settings.read_text().replace("Asia/Phnom_Penh", zone))
    for step in steps:
        world.now = moved(world.now, step.wait, ZoneInfo(zone))
        if looking:
            look(world, step.look)
        world.now += timedelta(minutes=1)
        DEEDS[step.deed](world, step.choice)
    world.now += timedelta(days=40)
    return world


def moved(now: datetime, wait: int, zone: ZoneInfo) -> datetime:
    """So many seconds later; an odd number of hours leads to the month's end, a few seconds before it or after."""
    if wait % 2 == 0:
        return now + timedelta(seconds=wait)
    local = now.astimezone(zone)
    first = datetime(local.year + local.month // 12, local.month % 12 + 1, 1, tzinfo=zone)
    return max(now, first + timedelta(seconds=wait % 241 - 120)) + timedelta(seconds=1)


def read(world: World, form: str) -> Any:
    """An export's text."""
    return world.run("transactions", "export", "--format", form)


__all__ = ["DEEDS", "LOOKS", "ZONES", "Step", "World", "live", "read"]
