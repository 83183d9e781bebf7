"""Names that are used again: random sequences of commands over few names, against a model keyed by identity.

The program runs in this process, on a home in memory, and after every sequence everything that belongs to a line is
looked for under its identity: codes, orders, money, readings, ties and rules. Half of the sequences keep almost nothing
in the ledger itself, so that renames and new lives meet what is archived.
"""

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from itertools import count
from pathlib import Path
from random import Random
from shutil import rmtree
from typing import Any

from tests.faults.report import Report
from tests.faults.scratch import scratch
from tests.faults.stories import environment
from tests.faults.verdict import opened
from tests.in_process import command

NAMES = ("a", "b", "c")
START = datetime.fromisoformat("2026-11-20T09:00:00+07:00")
PLAN, PACK, COUNTER = "demo-family-30gb", "demo-topup-2gb", "smart-laor-7d"
STEPS = 16
SHORT = 2  #: entries after which a compacting sequence keeps an index, with one order and one reading


@dataclass(slots=True)
class Life:
    """What the model knows of one line, from its birth on, whatever it is called."""

    name: str
    provider: str
    id: str = ""
    code: str | None = None
    iccid: str | None = None
    removed: bool = False
    enabled: bool = False  #: a person has enabled its rule in this life
    rule: str | None = None  #: what that is called: as the line was when it was set
    table: dict[str, Any] | None = None  #: the rule that was enabled, as the profile had it
    orders: list[str] = field(default_factory=list)
    cents: int = 0
    readings: int = 0


@dataclass(slots=True)
class World:
    """A home, its model, and a way to run commands in it."""

    home: Path
    random: Random
    lives: list[Life] = field(default_factory=list)
    borne: dict[str, set[int]] = field(default_factory=dict)  #: name → places in `lives` of those that have borne it
    ties: set[tuple[int, int]] = field(default_factory=set)  #: places in `lives`: (owner, member)
    wrong: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)  #: the words so far
    now: datetime = START
    cards: Iterator[int] = field(default_factory=lambda: count(1))

    def run(self, *words: str, given: str = "", codes: tuple[int, ...] = (0,)) -> dict[str, Any]:
        """A command's document; a code that was not expected is a violation."""
        self.now += timedelta(minutes=7)
        self.told.append(" ".join(words))
        code, out, err = command(words, {**os.environ, **environment(self.home, self.now.isoformat())}, given)
        if code not in codes:
            self.wrong.append(f"`{' '.join(words)}` ended with {code}: {(err or out).strip()[:300]}")
        document: dict[str, Any] = json.loads(out) if out.startswith("{") else {}
        return document

    def bear(self, life: Life) -> None:
        """A line bears its name from now on."""
        self.borne.setdefault(life.name, set()).add(self.lives.index(life))

    @property
    def reused(self) -> int:
        """How often a name was given to another line than before."""
        return sum(len(places) - 1 for places in self.borne.values())

    def live(self, provider: str | None = None) -> list[Life]:
        """The lines that are followed now."""
        return [life for life in self.lives if not life.removed and provider in (None, life.provider)]

    def free(self) -> list[str]:
        """Names that no line bears."""
        return [name for name in NAMES if name not in {life.name for life in self.live()}]


# what can happen -------------------------------------------------------------------------------------------------


def buy(world: World) -> None:
    """A new eSIM under a free name, perhaps one that was used before."""
    if not world.free():
        return
    ruled = [life.name for life in world.lives if life.removed and life.table and life.name in world.free()]
    name = world.random.choice(ruled if ruled and world.random.random() < 0.7 else world.free())
    order = world.run("buy", PLAN, "--name", name, "--yes", "--json").get("order")
    if order:
        life = Life(name, "sandbox", code=order["activation"]["lpa"], iccid=order["activation"]["iccid"])
        born(world, life, order)
        if ruled and world.random.random() < 0.5:
            hand_back(world)


def add(world: World) -> None:
    """A line from a counter: with a price or without, with a code or without, perhaps on a card of before."""
    if not world.free():
        return
    name, random = world.random.choice(world.free()), world.random
    again = [life for life in world.lives if life.removed and life.iccid and life.provider == "manual"]
    life = random.choice(again) if again and random.random() < 0.5 else None
    iccid = life.iccid if life else f"8985504{next(world.cards):012d}" if random.random() < 0.6 else None
    code = f"LPA:1$rsp.example.com$CODE-{len(world.told)}" if random.random() < 0.5 else None
    words = ["lines", "add", name, "--provider", "manual", "--carrier", "smart", "--json"]
    words += ["--plan", COUNTER, "--price", "1.50USD"] if random.random() < 0.6 else []
    words += ["--iccid", iccid] if iccid else []
    words += ["--lpa-stdin"] if code else []
    line = world.run(*words, given=f"{code}\n" if code else "").get("line")
    if not line:
        return
    if life is None:
        life = Life(name, "manual", iccid=iccid)
        world.lives.append(life)
    follow(world, life, name)
    life.code = code or life.code
    if line["order"]:
        life.orders.append(line["order"])
        life.cents += 150


def adopt(world: World) -> None:
    """An eSIM that was removed is followed again, under a free name."""
    gone = [life for life in world.lives if life.removed and life.provider == "sandbox"]
    if not gone or not world.free():
        return
    life, name = world.random.choice(gone), world.random.choice(world.free())
    if world.run("lines", "add", name, "--provider", "sandbox", "--iccid", str(life.iccid), "--json"):
        follow(world, life, name)


def born(world: World, life: Life, order: Mapping[str, Any]) -> None:
    """A line has come with an order."""
    world.lives.append(life)
    follow(world, life, life.name)
    charge(life, order)


def follow(world: World, life: Life, name: str) -> None:
    """A line bears a name: its identity is what it was before, and nobody else's."""
    life.name, life.removed = name, False
    world.bear(life)
    fact = opened(environment(world.home, world.now.isoformat())).store.ledger_for_reading().lines.get(name)
    told = "" if fact is None else fact.id
    if life.id and told != life.id:
        world.wrong.append(f"{name} was {life.id} and is {told} now")
    elif not life.id and told in {other.id for other in world.lives}:
        world.wrong.append(f"{name} is new and has the identity of an earlier line: {told}")
    life.id = told


def charge(life: Life, order: Mapping[str, Any]) -> None:
    """An order of a line was paid."""
    life.orders.append(order["id"])
    life.cents += round(float((order["paid"] or order["price"])["amount"]) * 100)


def rename(world: World) -> None:
    """Any free name will do, also one of a line that was removed."""
    if world.live() and world.free():
        life, to = world.random.choice(world.live()), world.random.choice(world.free())
        world.run("lines", "rename", life.name, to)
        life.name = to
        world.bear(life)


def rename_onto(world: World) -> None:
    """A name that is taken is refused, and changes nothing."""
    if len(world.live()) > 1:
        one, other = world.random.sample(world.live(), 2)
        world.run("lines", "rename", one.name, other.name, codes=(2,))


def remove(world: World) -> None:
    """A line is not followed any more; its rule is off for good."""
    if world.live():
        ruled = [life for life in world.live() if life.enabled]
        life = world.random.choice(ruled if ruled and world.random.random() < 0.5 else world.live())
        world.run("lines", "remove", life.name, "--yes")
        life.removed, life.enabled = True, False


def topup(world: World) -> None:
    """A person buys a pack."""
    if world.live("sandbox"):
        life = world.random.choice(world.live("sandbox"))
        order = world.run("topup", life.name, "--plan", PACK, "--yes", "--json").get("order")
        if order:
            charge(life, order)


def rule(world: World) -> None:
    """A rule on a line, enabled or not; its own name is that of the line."""
    if not world.live("sandbox"):
        return
    life = world.random.choice(world.live("sandbox"))
    known = opened(environment(world.home, world.now.isoformat())).section("rule")
    if known.get(life.name, {}).get("line", life.name) != life.name:
        return  # a rule that followed its line to another name is called so: another one would need `--rule`
    words = ("--below", "90GB", "--plan", PACK, "--max-price", "3USD", "--max-per-month", "6USD", "--cooldown", "1h")
    is_set = world.run("autotopup", "set", life.name, *words, "--json").get("rules")
    if is_set and not life.enabled and world.random.random() < 0.7:
        world.run("autotopup", "enable", life.name, "--confirm", "6USD")
        session = opened(environment(world.home, world.now.isoformat()))
        life.enabled, life.rule, life.table = True, life.name, dict(session.section("rule")[life.name])


def hand_back(world: World) -> None:
    """The enabled rule of a removed line stands in the profile again, as by an old copy; another line has the name."""
    lost = [life for life in world.lives if life.removed and life.table is not None]
    for life in lost:
        heirs = [other for other in world.live("sandbox") if other.name == life.table["line"]]
        session = opened(environment(world.home, world.now.isoformat()))
        if heirs and life.table["line"] not in session.section("rule"):
            world.told.append(f"(the rule of {life.id} for {heirs[0].id})")
            with session.store.locked():
                session.store.profile.set_table("rule", life.table["line"], life.table)


def sweep(world: World) -> None:
    """A run of the rules buys for lines whose rule was enabled in this very life, and for no other."""
    told = world.run("autotopup", "run", "--json", codes=tuple(range(80)))
    for order in told.get("orders", ()):
        life = next((life for life in world.live() if life.name == order["line"]), None)
        if life is None or not life.enabled:
            world.wrong.append(f"a rule bought for {order['line']}, for which nobody enabled one")
        if life is not None and order["state"] == "settled":
            charge(life, order)


def read(world: World) -> None:
    """What is left is read off the phone."""
    if world.live("manual"):
        life = world.random.choice(world.live("manual"))
        session = opened(environment(world.home, world.now.isoformat()))
        if session.line(life.name).get("plan"):
            world.run("usage", "record", life.name, "--remaining", f"{world.random.randint(1, 900)}MB")
            life.readings += 1


def share(world: World) -> None:
    """Two eSIMs of the operator: shared from now on, or given away; what the operator refuses is no tie."""
    if len(world.live("sandbox")) > 1:
        one, other = world.random.sample(world.live("sandbox"), 2)
        if world.random.random() < 0.7:
            if world.run("lines", "share", one.name, "--with", other.name, "--json", codes=(0, 2, 3)).get("sharing"):
                world.ties.add((world.lives.index(one), world.lives.index(other)))
        else:
            before = {order["id"] for order in world.run("transactions", "list", "--json")["transactions"]}
            world.run("lines", "gift", one.name, "1GB", "--to", other.name, codes=(0, 2, 3))
            after = world.run("transactions", "list", "--json")["transactions"]
            one.orders += [order["id"] for order in after if order["id"] not in before]


DEEDS: tuple[tuple[int, Callable[[World], None]], ...] = (
    (7, buy), (5, add), (3, adopt), (4, rename), (1, rename_onto), (8, remove), (3, topup), (4, rule), (3, hand_back),
    (3, sweep), (2, read), (6, share),
)  # fmt: skip


# what must be true -----------------------------------------------------------------------------------------------


def judged(world: World) -> Iterator[str]:
    """Everything of every line is under its identity, and nothing of another line is."""
    from esimctl.ledger.lives import by_identity
    from esimctl.lines.sharing import ties_in_force

    session = opened(environment(world.home, world.now.isoformat()))
    if not session.store.exists():
        return
    ledger = session.store.ledger_for_reading()
    yield from (f"the books: {finding.said}" for finding in session.store.findings)
    rows = world.run("transactions", "list", "--json")["transactions"]
    removed = {line["id"] for line in world.run("lines", "list", "--removed", "--json")["lines"]}
    if removed != {life.id for life in world.lives if life.removed}:
        yield "the removed lines are not those that were removed"
    if set(session.lines) != {life.name for life in world.live()}:
        yield f"the lines are {sorted(session.lines)}"
    for life in world.lives:
        fact = by_identity(ledger, life.id)
        if fact is None or (not life.removed and fact.name != life.name):
            yield f"{life.id} is called {life.name} and kept as {fact and fact.name}"
        else:
            yield from whole(session, ledger, life, fact.name, rows)
    keys = {fact.id: fact.name for fact in ledger.lines.values()}
    ties = {(keys.get(world.lives[one].id), keys.get(world.lives[other].id)) for one, other in world.ties}
    if set(ties_in_force(ledger)) != ties:
        yield f"the ties are {sorted(ties_in_force(ledger))}"
    yield from rules(world)
    yield from again(world, ledger)


def whole(session: Any, ledger: Any, life: Life, key: str, rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Of one line: its code, its orders, what they cost, its readings; `key` is under what the books keep it."""
    from esimctl.profile.codes import codes_of_line

    code = (codes_of_line(session, key, ledger) or {}).get("lpa")
    if code != life.code:
        yield f"the code of {life.id} ({life.name}) is {code}, and {life.code} was delivered"
    orders = [row["id"] for row in rows if row["line"] == key]
    if sorted(orders) != sorted(life.orders):
        yield f"{life.id} ({life.name}) has the orders {orders}, and {life.orders} were made for it"
    spent = sum(ledger.spent("USD", line=key, play=play) for play in (False, True))
    if spent != life.cents or ledger.balance(f"spend:{key}", "USD") != life.cents:
        yield f"{life.id} ({life.name}) has cost {spent}, and {life.cents} were paid for it"
    noted = [each for each in ledger.all_readings(key) if each.source == "manual"]
    if len(noted) != life.readings:
        yield f"{life.id} ({life.name}) has {len(noted)} readings of {life.readings}"


def rules(world: World) -> Iterator[str]:
    """A rule is active where a person enabled it in this very life."""
    for told in world.run("autotopup", "show", "--json")["rules"]:
        life = next((life for life in world.live() if life.name == told["line"]), None)
        if told["status"] == "active" and (life is None or not life.enabled):
            yield f"the rule of {told['line']} is active, and nobody enabled it for this line"
        enabled = life is not None and life.enabled and life.table is not None and life.rule == told["rule"]
        if enabled and told["status"] == "disabled":
            yield f"the rule of {told['line']} is off, and it was enabled"


def again(world: World, ledger: Any) -> Iterator[str]:
    """The journal read from its first record comes to the same, in whatever state the compacted ledger is."""
    from esimctl.ledger.fold import fold
    from esimctl.store.journal import Journal

    whole = fold(Journal(world.home / "profiles/default/journal").load().entries)
    if {key: fact.id for key, fact in whole.lines.items()} != {key: fact.id for key, fact in ledger.lines.items()}:
        yield "the journal gives other lines than the index"
    for order in ledger.all_orders():
        if whole.orders[order.id].line != order.line:
            yield f"{order.id} is of {order.line}, and of {whole.orders[order.id].line} by the journal alone"


# the layer -------------------------------------------------------------------------------------------------------


@contextmanager
def compacting(active: bool) -> Iterator[None]:
    """Keep an index all the time, and almost nothing in it."""
    from esimctl.store import index_writing, opening

    before = opening.INDEX_EVERY, index_writing.compact
    if active:
        opening.INDEX_EVERY = SHORT  # type: ignore[misc]
        index_writing.compact = partial(before[1], kept_orders=1, kept_readings=1)
    try:
        yield
    finally:
        opening.INDEX_EVERY, index_writing.compact = before  # type: ignore[misc]


def sequence(home: Path, seed: int, steps: int = STEPS) -> World:
    """One random sequence, looked at after its last step."""
    home.mkdir(mode=0o700)
    world = World(home, Random(seed))
    weights, deeds = zip(*DEEDS, strict=True)
    with compacting(seed % 2 == 1):
        try:
            for _ in range(steps):
                world.random.choices(deeds, weights)[0](world)
                if world.wrong:
                    return world
            world.wrong += judged(world)
        except Exception as error:  # what cannot even be looked at is wrong
            world.wrong.append(f"nobody can look at it: {error!r}")
    return world


def names_layer(sequences: int = 2000, *, first: bool = False, changes: Sequence[Callable[[], None]] = ()) -> Report:
    """Random sequences; with `changes`, planted bugs, in a child of its own."""
    if changes:
        return _in_a_child(sequences, changes)
    report = Report("names", sequences // 3)
    lives = reused = 0
    with scratch() as place:
        for seed in range(sequences):
            world = sequence(place / f"home-{seed}", seed)
            report.points += 1
            report.fired += world.reused > 0
            lives, reused = lives + len(world.lives), reused + world.reused
            rmtree(place / f"home-{seed}")
            for what in world.wrong:
                report.violated(f"sequence {seed}", f"{what} [{'; '.join(world.told[:40])}]"[:900])
            if first and report.violations:
                return report
    report.figures |= {"lines": lives, "names-used-again": reused}
    return report


def _in_a_child(sequences: int, changes: Sequence[Callable[[], None]]) -> Report:
    """What a child finds with the changes in it; this process stays as it is."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(reading)
            for change in changes:
                change()
            found = names_layer(sequences, first=True)
            told = {"points": found.points, "fired": found.fired, "violations": found.violations}
            with os.fdopen(writing, "w") as file:
                json.dump(told, file)
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as file:
        text = file.read()
    os.waitpid(child, 0)
    if not text:
        raise RuntimeError("the child ended without a word")
    told = json.loads(text)
    return Report("names", 1, told["points"], told["fired"], told["violations"])


__all__ = ["NAMES", "names_layer", "sequence"]
