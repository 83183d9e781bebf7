"""Two journals that went apart become one: orders by their id, readings and everything else by time, nothing doubled.

Pure: entries go in, entries come out. What both have in common stands in front; each journal keeps its own order, and
of two entries of one instant ours comes first. Whatever the two have alike (an earlier merge took it over) stands once.
"""

import json
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from esimctl.errors import Damaged
from esimctl.ledger.entries import Entry, check_entry
from esimctl.ledger.fold import Ledger, fold
from esimctl.ledger.invariants import examine, objections
from esimctl.ledger.orders import LEADS
from esimctl.ledger.postings import due
from esimctl.ledger.said import instant, number, text, text_or_none
from esimctl.ledger.taken_back import dated
from esimctl.ledger.two_names import told_apart, with_names
from esimctl.ledger.two_orders import APART, Side, Twins, missing_facts, theirs_stand, twins
from esimctl.values.record import field, record
from esimctl.values.sentence import Raw, Sentence
from esimctl.values.toml import Toml

#: of entries of one instant: those that a clock dated there, those that a correction puts there, the correction
_RIGHT, _WRONG, _CORRECTION = range(3)

Place = tuple[datetime, int, datetime]
Places = dict[int, Place]


@record(frozen=False)
class United:
    """What the two come to. `entries` follow the common beginning and are numbered behind it."""

    entries: list[Entry] = field(default_factory=list)
    ledger: Ledger = field(default_factory=Ledger)
    orders: list[str] = field(default_factory=list)  #: that came from the other one, or went on by it
    taken: int = 0  #: entries of the other one
    one_order: dict[str, str] = field(default_factory=dict)  #: order that went → the one that it is
    rekeyed: list[str] = field(default_factory=list)  #: orders whose key or request id belongs to another as well


def unite(
    before: Sequence[Entry], ours: Sequence[Entry], theirs: Sequence[Entry], now: datetime, known: int = 0
) -> United:
    """`before` is what both begin with, `ours` and `theirs` what follows it in each.

    The first `known` entries of theirs were taken over by an earlier merge, as a record of it says: they only explain
    what follows. UnknownOutcome (4) or UsageError (2) names what contradicts, Damaged (6) what makes no journal.
    """
    here, there = Side(ours, fold([*before, *ours])), Side(theirs, fold([*before, *theirs]))
    alike = _alike(ours, theirs)
    pairs = twins(here, there)
    stands = {
        order: theirs_stand(order, here, there, alike) for order in there.orders if order in here.orders
    }  # fmt: skip
    dropped = {order for order, there_stands in stands.items() if there_stands}
    rekeyed = {**pairs.rekeyed, **_given_up(here, there, dropped)}
    mine = [entry for entry in ours if not _gone(entry, dropped, pairs)]
    other = [
        entry
        for place, entry in enumerate(theirs)
        if not _gone(entry, stands.keys() - dropped, pairs)
        and (text(entry, "kind") in LEADS or (place >= known and number(entry, "seq") not in alike))
    ]
    found = United(
        ledger=fold(before), orders=list(_came(here, there, stands, pairs)), one_order=dict(pairs.same),
        rekeyed=sorted(pairs.rekeyed),
    )  # fmt: skip
    tails = told_apart(
        [_renumbered(each, pairs.same, rekeyed) for each in mine],
        [_renumbered(each, pairs.same, rekeyed) for each in other],
    )
    _in_one(found, tails, alike, _places(ours, theirs, alike))
    found.taken = len(tails[1])
    at = max(now, found.ledger.high_water or now)
    for order, there_stands in stands.items():
        sides = (there, here) if there_stands else (here, there)
        for extra in missing_facts(order, sides[0].ledger.orders[order], sides[1].ledger.orders[order], at):
            _add(found, extra)
    blocking = [finding for finding in examine(found.ledger) if finding.blocking]
    if blocking:
        raise _no_journal(blocking[0].said)
    return found


def common(ours: Sequence[Entry], theirs: Sequence[Entry]) -> int:
    """How many entries both begin with."""
    count = 0
    for one, two in zip(ours, theirs, strict=False):
        if one != two:
            break
        count += 1
    return count


def _came(here: Side, there: Side, stands: Mapping[str, bool], pairs: Twins) -> Iterator[str]:
    for order in there.orders:
        if order not in pairs.same and (order not in here.orders or stands[order]):
            yield order


def _gone(entry: Entry, orders: Container[Any], pairs: Twins) -> bool:
    """Whether an entry has no place in the united journal: of an order whose other side stands, or of the one of two
    that are one.
    """
    if text(entry, "kind") in LEADS or text(entry, "kind") == "line.added":
        return text_or_none(entry, "order") in orders or text_or_none(entry, "order") in pairs.same
    return False


def _given_up(here: Side, there: Side, theirs: Iterable[str]) -> dict[str, dict[str, str]]:
    """Keys that an earlier merge took from orders of which now the other side's entries stand."""
    found: dict[str, dict[str, str]] = {}
    for order in theirs:
        mine, other = here.ledger.orders[order], there.ledger.orders[order]
        for name in ("key", "request_id"):
            if APART in getattr(mine, name) and getattr(mine, name) != getattr(other, name):
                found.setdefault(order, {})[name] = getattr(mine, name)
    return found


def _renumbered(entry: Entry, same: Mapping[str, str], rekeyed: Mapping[str, Mapping[str, str]]) -> Entry:
    if text(entry, "kind") == "order.prepared" and text(entry, "order") in rekeyed:
        return {**entry, **rekeyed[text(entry, "order")]}
    return {**entry, "order": same[text(entry, "order")]} if text_or_none(entry, "order") in same else entry


def _alike(ours: Sequence[Entry], theirs: Sequence[Entry]) -> dict[int, int]:
    """`seq` of theirs → `seq` of ours, of what is the same but for its place; first with, then without lines' names."""
    found: dict[int, int] = {}
    renames = any(text(entry, "kind") == "line.renamed" for entry in (*ours, *theirs))
    for named in (True, False) if renames else (True,):
        waiting: dict[str, list[int]] = defaultdict(list)
        taken = set(found.values())
        for seq, mark in _marks(ours, named=named):
            if seq not in taken:
                waiting[mark].append(seq)
        for seq, mark in _marks(theirs, named=named):
            if seq not in found and waiting[mark]:
                found[seq] = waiting[mark].pop(0)
    return found


def _marks(entries: Iterable[Entry], *, named: bool) -> Iterator[tuple[int, str]]:
    """What an entry says, whatever its number is; what it points at by number is told by what that says."""
    known: dict[int, str] = {}
    left = {"seq", "undoes"} if named else {"seq", "undoes", "line", "to", "postings"}
    for entry in entries:
        table: dict[str, Toml] = {key: value for key, value in entry.items() if key not in left}
        if "undoes" in entry:
            table["undoes"] = known.get(number(entry, "undoes"), number(entry, "undoes"))
        known[number(entry, "seq")] = json.dumps(table, sort_keys=True, default=str)
        yield number(entry, "seq"), known[number(entry, "seq")]


def _in_one(
    found: United, tails: tuple[list[Entry], list[Entry]], alike: Mapping[int, int], places: tuple[Places, Places]
) -> None:
    """Both in the order of time, with new numbers; a line that one side renamed has its new name in what follows."""
    names: tuple[dict[str, str], dict[str, str]] = ({}, {})
    numbers: tuple[dict[int, int], dict[int, int]] = ({}, {})
    for side, entry in _by_time(tails, places):
        told = with_names(entry, names[side])
        if text(told, "kind") == "line.renamed":
            if text(told, "line") == text(told, "to"):
                continue
            _rename(names[1 - side], text(told, "line"), text(told, "to"))
        if "undoes" in told:
            told = {**told, "undoes": _number(number(told, "undoes"), side, numbers, alike)}
        numbers[side][number(entry, "seq")] = found.ledger.next_seq
        _add(found, told, anew=told is not entry)


def _number(seq: int, side: int, numbers: tuple[dict[int, int], dict[int, int]], alike: Mapping[int, int]) -> int:
    if seq in numbers[side]:
        return numbers[side][seq]
    return numbers[0].get(alike[seq], seq) if side == 1 and seq in alike else seq


def _rename(names: dict[str, str], old: str, new: str) -> None:
    for name, now in list(names.items()):
        if now == old:
            names[name] = new
    names.setdefault(old, new)


def _places(ours: Sequence[Entry], theirs: Sequence[Entry], alike: Mapping[int, int]) -> tuple[Places, Places]:
    """`seq` → where an entry of either belongs in time: at its own, but what a clock that was taken back had dated.

    That stands right before the correction, whichever of the two knows of it: what the other side wrote afterwards by
    a right clock is behind it, and is marked by nobody.
    """
    here, there = _dated(ours), _dated(theirs)
    for their_seq, seq in alike.items():
        here[seq] = there[their_seq] = min(here[seq], there[their_seq])
    return here, there


def _dated(entries: Sequence[Entry]) -> Places:
    found: Places = {}
    for entry, at in dated(entries):
        raw: datetime = instant(entry, "at")
        found[number(entry, "seq")] = (
            at,
            _WRONG if raw > at else _CORRECTION if text(entry, "kind") == "clock.set" else _RIGHT,
            raw,
        )
    return found


def _by_time(tails: tuple[list[Entry], list[Entry]], where: tuple[Places, Places]) -> Iterator[tuple[int, Entry]]:
    """Merged by the latest instant so far: no journal's own order is disturbed by a clock that was set back."""
    places, latest = [0, 0], [_latest(tails[0], where[0]), _latest(tails[1], where[1])]
    while places[0] < len(tails[0]) or places[1] < len(tails[1]):
        if places[1] == len(tails[1]):
            side = 0
        elif places[0] == len(tails[0]):
            side = 1
        else:
            side = 0 if latest[0][places[0]] <= latest[1][places[1]] else 1
        yield side, tails[side][places[side]]
        places[side] += 1


def _latest(tail: Iterable[Entry], where: Places) -> list[Place]:
    seen: list[Place] = []
    for entry in tail:
        at = where[number(entry, "seq")]
        seen.append(max(seen[-1], at) if seen else at)
    return seen


def _add(found: United, entry: Mapping[str, Toml], *, anew: bool = True) -> None:
    """Number an entry, work out its postings again where it was changed, and take it in."""
    ledger = found.ledger
    told: Entry = {"seq": ledger.next_seq, **{key: value for key, value in entry.items() if key != "seq"}}
    if anew and told["kind"] in LEADS:
        owed = due(ledger.subject(told), {**told, "postings": []})
        if owed is not None:
            told["postings"] = owed
    problems = check_entry(told) or [each.said for each in objections(ledger, told) if each.blocking]
    if problems:
        raise _no_journal(Sentence("{kind}: {why}", {"kind": Raw(text(told, "kind")), "why": problems[0]}))
    ledger.take(told)
    found.entries.append(told)


def _no_journal(what: Sentence) -> Damaged:
    return Damaged(
        "the two journals cannot be united: {what}",
        hint="esimctl doctor, on both sides",
        code="not_united",
        what=what,
    )
