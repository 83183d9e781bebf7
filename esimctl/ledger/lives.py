"""Lines and their lives: a line has an identity from its birth on, its name is a label that another may bear later.

The ledger keeps the present holder of a name under its name. When a name begins a new life, everything of the earlier
one moves to that one's identity, which is written so that no name of a person's can ever be the same. Journals of any
age get the same identities: they follow from the entries alone.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC
from hashlib import sha256
from typing import Final

from esimctl.ledger import said
from esimctl.ledger.facts import LineFact, RuleFact
from esimctl.ledger.orders import BY_HAND, OrderState
from esimctl.ledger.state import LedgerState
from esimctl.values.record import replace
from esimctl.values.regex import regex
from esimctl.values.toml import Toml

_Entry = Mapping[str, Toml]

#: how an identity is written: a capital letter, which no name has
IDENTITY: Final = regex(r"L[0-9A-Za-z][0-9A-Za-z-]{0,31}\Z")
_ORDER: Final = regex(r"[0-9]{6}-[0-9a-f]{8}\Z")


def of_order(order: str) -> str:
    """The identity of a line that is born of an order."""
    return f"L{order}" if _ORDER.match(order) else f"L{_digest(order)}"


def of_entry(entry: _Entry) -> str:
    """The identity that an entry gives to the line it tells of: its own word, its order's, or one made of the moment.

    Not of its place, which is another where journals of two machines are put together.
    """
    own = entry.get("id")
    if isinstance(own, str) and IDENTITY.match(own):
        return own
    if "order" in entry:
        return of_order(said.text(entry, "order"))
    at = said.instant(entry, "at")
    return f"L{at:%y%m%d}-{_digest(at.astimezone(UTC).isoformat(), said.text(entry, 'line'))[:8]}"


def plain(iccid: str) -> str:
    """An ICCID without what it is only printed with: blanks, groups, the letter that pads it."""
    return re.sub(r"[^0-9A-Z]", "", iccid.upper()).rstrip("F")


def removed_card(ledger: LedgerState, iccid: str | None) -> LineFact | None:
    """The line that was removed and had this ICCID, the last one of several."""
    if not iccid:
        return None
    wanted = plain(iccid)
    gone = [fact for fact in map(ledger.lines.__getitem__, ledger.gone) if fact.iccid and plain(fact.iccid) == wanted]
    return max(gone, key=lambda fact: (fact.removed_at, fact.births[0].seq), default=None)


def by_identity(ledger: LedgerState, identity: str) -> LineFact | None:
    """The line of that identity, whatever it is called."""
    return next((fact for fact in ledger.lines.values() if fact.id == identity), None)


def identity(ledger: LedgerState, line: str, order: OrderState | None = None) -> str:
    """What belongs to a line is kept under this; `order` is the one that asks. A line nobody saw born has its name."""
    fact = ledger.lines.get(line)
    if fact is not None:
        return fact.id
    born = order if order is not None and order.kind == "new" else _expected(ledger, line)
    return line if born is None else of_order(born.id)


def birth(ledger: LedgerState, name: str, *, order: str | None, iccid: str | None, fresh: str) -> str:
    """The identity that a line gets that is added under a name: its own of before where it is the same card.

    `fresh` is for one that came without an order of ours.
    """
    holder, earlier = ledger.lines.get(name), removed_card(ledger, iccid)
    if holder is not None and holder.removed_at is None:
        return holder.id
    return earlier.id if earlier is not None else fresh if order is None else of_order(order)


def _expected(ledger: LedgerState, line: str) -> OrderState | None:
    """The order that a line of that name may be born of."""
    orders = [each for each in ledger.orders.values() if each.line == line and each.kind == "new"]
    return next((each for each in reversed(orders) if each.open), orders[-1] if orders else None)


def make_room(ledger: LedgerState, name: str, seq: int) -> None:
    """A name begins a new life with entry `seq`: everything of a removed line that bore it goes to its identity."""
    fact = ledger.lines.get(name)
    if fact is None or fact.removed_at is None or fact.id == name:
        return
    _hand_over(ledger, seq, name, fact.id)
    ledger.lines[fact.id] = replace(ledger.lines[fact.id], once=name)
    for key in [key for key, rule in ledger.rules.items() if _is_of(rule, fact.id, name)]:
        moved, rule = rule_of_life(key, fact.id), ledger.rules[key]
        ledger.rules[moved] = replace(rule, name=moved, line=fact.id)
        # the keys of a rule's orders are made of its name and this number: no order of the next one repeats a key
        ledger.rules[key] = RuleFact(key, generation=rule.generation)
    for key in [key for key, alert in ledger.alerts.items() if alert.line == fact.id and alert.rule]:
        ledger.alerts[f"{key}@{fact.id}"] = replace(ledger.alerts.pop(key), key=f"{key}@{fact.id}")


def rule_of_life(rule: str, life: str) -> str:
    """How a rule of a line is kept once another line has its name: the name is free for a rule of that one."""
    return f"{rule}@{life}"


def _is_of(rule: RuleFact, line: str, once: str) -> bool:
    """Whether a rule was a line's: by its confirmation, or by the name that it has where nobody gave it another."""
    return rule.line == line or (rule.line is None and rule.name == once)


def line_added(ledger: LedgerState, entry: _Entry) -> None:
    """A line is born, told of once more, or, where it is the same card, followed again."""
    order = ledger.orders.get(said.text_or_none(entry, "order") or "")
    name = said.text(entry, "line") if order is None else order.line
    holder = ledger.lines.get(name)
    if holder is not None and holder.removed_at is None:
        ledger.lines[name] = replace(_told_again(holder, entry, order), added_at=said.instant(entry, "at"))
        return
    wanted = of_entry(entry)
    earlier = next((ledger.lines[key] for key in ledger.gone if ledger.lines[key].id == wanted), None)
    if earlier is not None and "id" not in entry and "order" not in entry:  # two in one moment of a clock that stood
        wanted, earlier = f"{wanted}-{entry['seq']}", None
    iccid = _card(entry, order)
    if earlier is None and "id" not in entry and (order is None or order.tier == BY_HAND):
        earlier = removed_card(ledger, iccid)
    if earlier is None:
        make_room(ledger, name, said.number(entry, "seq"))
        ledger.lines[name] = LineFact(
            name,
            said.text(entry, "provider"),
            said.instant(entry, "at"),
            dict(entry),
            said.text_or_none(entry, "order"),
            id=wanted,
            iccid=iccid,
        )
    else:
        _revive(ledger, earlier, name, entry, order)


def _revive(ledger: LedgerState, earlier: LineFact, name: str, entry: _Entry, order: OrderState | None) -> None:
    """A card that was known comes back, removed by mistake or moved: its identity, code and history go on."""
    if earlier.name != name:
        make_room(ledger, name, said.number(entry, "seq"))
        _hand_over(ledger, said.number(entry, "seq"), earlier.name, name)
    known = ledger.lines[name]
    again = _told_again(known, entry, order)
    ledger.lines[name] = replace(again, removed_at=None, once=None, earlier=(*known.earlier, known.data))
    ledger.gone.discard(name)
    for key in [key for key, rule in ledger.rules.items() if rule.line == name and "@" in key]:
        own = key.removesuffix(f"@{known.id}")
        present = ledger.rule(own)
        if present.confirmed is None:  # as it stood when its line was removed: disabled
            number = max(present.generation, ledger.rules[key].generation)
            ledger.rules[own] = replace(ledger.rules.pop(key), name=own, generation=number)


def _told_again(fact: LineFact, entry: _Entry, order: OrderState | None) -> LineFact:
    """A line with what a later entry says of it."""
    return replace(
        fact,
        provider=said.text(entry, "provider"),
        order=said.text_or_none(entry, "order") or fact.order,
        iccid=_card(entry, order) or fact.iccid,
        data=dict(entry),
    )


def _card(entry: _Entry, order: OrderState | None) -> str | None:
    told = said.text_or_none(entry, "iccid")
    return told if isinstance(told, str) else None if order is None else order.iccid


def line_renamed(ledger: LedgerState, entry: _Entry) -> None:
    """Everything live takes the new name; what is archived is renamed when it is read."""
    make_room(ledger, said.text(entry, "to"), said.number(entry, "seq"))
    _hand_over(ledger, said.number(entry, "seq"), said.text(entry, "line"), said.text(entry, "to"))
    ledger.retold.setdefault(said.text(entry, "to"), []).append((said.number(entry, "seq"), said.instant(entry, "at")))


def line_removed(ledger: LedgerState, entry: _Entry) -> None:
    """It is not followed any more; its rules are disabled, and stay so whoever bears its name later.

    A purchase that was given back takes only its own line along.
    """
    name = said.text(entry, "line")
    fact = ledger.lines.get(name)
    if fact is None:
        fact = _unseen(ledger, entry)
    born = ledger.orders.get(fact.order or "")
    if said.text_or_none(entry, "reason") == "refunded" and born is not None and born.state != "refunded":
        return
    ledger.lines[name] = replace(fact, removed_at=said.instant(entry, "at"))
    ledger.gone.add(name)
    for key, rule in list(ledger.rules.items()):
        if rule.enabled and _is_of(rule, name, name):
            ledger.rules[key] = replace(rule, disabled_at=said.instant(entry, "at"))


def _unseen(ledger: LedgerState, entry: _Entry) -> LineFact:
    """A line that somebody wrote into the profile by hand: its removal is the first that the journal says of it."""
    orders = [order for order in ledger.orders.values() if order.line == said.text(entry, "line")]
    provider = orders[-1].provider if orders else "manual"
    return LineFact(said.text(entry, "line"), provider, said.instant(entry, "at"), dict(entry), id=of_entry(entry))


def delivered(ledger: LedgerState, order: OrderState) -> None:
    """An order has told the ICCID of the line that it brought."""
    fact = ledger.lines.get(order.line)
    if fact is not None and fact.order == order.id and order.iccid not in (None, fact.iccid):
        ledger.lines[order.line] = replace(fact, iccid=order.iccid)


def reopened(ledger: LedgerState, order: OrderState) -> OrderState:
    """A purchase that was taken for failed goes on; where another line has its name by now, it is one of its own."""
    fact = ledger.lines.get(order.line)
    if order.kind != "new" or fact is None or fact.order == order.id:
        return order
    return replace(order, line=of_order(order.id))


def own_accounts(order: OrderState | None, entry: _Entry) -> list[Mapping[str, Toml]]:
    """The postings of an entry of an order. Earlier versions wrote the name of a line that has lost it meanwhile."""
    told = list(said.tables(entry, "postings"))
    if order is None or not IDENTITY.match(order.line):
        return told
    own = f"spend:{order.line}"
    return [{**each, "account": own} if said.text(each, "account").startswith("spend:") else each for each in told]


def _hand_over(ledger: LedgerState, seq: int, old: str, new: str) -> None:
    """What is kept under one name, or identity, is kept under another from entry `seq` on."""
    ledger.renames.append((seq, old, new))
    if old in ledger.lines:
        ledger.lines[new] = replace(ledger.lines.pop(old), name=new)
        if old in ledger.gone:
            ledger.gone.remove(old)
            ledger.gone.add(new)
    for order in [order for order in ledger.orders.values() if order.line == old]:
        ledger.orders[order.id] = replace(order, line=new)
    for order in [order for order in ledger.imported.values() if order.line == old]:
        ledger.imported[order.id] = replace(order, line=new)
    moved = [replace(reading, line=new) for reading in ledger.readings.pop(old, [])]
    if moved:
        ledger.readings[new] = sorted([*ledger.readings.get(new, []), *moved], key=lambda reading: reading.seq)
    if old in ledger.retold:
        ledger.retold[new] = sorted([*ledger.retold.get(new, []), *ledger.retold.pop(old)])
    _relabel(ledger, old, new)
    _move_sums(ledger, old, new)


def _relabel(ledger: LedgerState, old: str, new: str) -> None:
    """What names its line in a field, wherever it is kept."""
    ledger.adjustments[:] = [replace(a, line=new) if a.line == old else a for a in ledger.adjustments]
    ledger.ties[:] = [
        replace(t, line=new if t.line == old else t.line, to=new if t.to == old else t.to) for t in ledger.ties
    ]
    ledger.restated[:] = [replace(r, line=new) if r.line == old else r for r in ledger.restated]
    for spends in (ledger.spends, ledger.stated):
        for key, spend in list(spends.items()):
            if spend.line == old:
                spends[key] = replace(spend, line=new)
    for key, alert in list(ledger.alerts.items()):
        if alert.line == old:
            kind, *about = key.split(":")
            moved = key if alert.rule == old else ":".join([kind, *(new if part == old else part for part in about)])
            ledger.alerts[moved] = replace(alert, key=moved, line=new)
            if moved != key:
                del ledger.alerts[key]
    for key, rule in list(ledger.rules.items()):
        if rule.line == old:
            ledger.rules[key] = replace(rule, line=new)


def _move_sums(ledger: LedgerState, old: str, new: str) -> None:
    for account, currency in [place for place in ledger.balances if place[0] == f"spend:{old}"]:
        minor = ledger.balances.pop((account, currency))
        total = ledger.balances.get((f"spend:{new}", currency), 0) + minor
        ledger.balances[f"spend:{new}", currency] = total
    ledger.spent_rows.rename(old, new)
    for place in [place for place in ledger.spent_before if place[1] == old]:
        there = (place[0], new, *place[2:])
        ledger.spent_before[there] = ledger.spent_before.get(there, 0) + ledger.spent_before.pop(place)


def owners(ledger: LedgerState, kept: Iterable[str]) -> dict[str, str]:
    """Names under which codes were kept → the identity that each belongs to: earlier versions kept them by name.

    Where several lines had a name, what a provider certainly delivered under it counts: the last such line's. Else it
    is the first line's: a code that is not shown can be asked for, one of another line must never pass for its own.
    """
    names = {name for name in kept if not IDENTITY.match(name)}
    if not names:
        return {}
    found: dict[str, str] = {}
    labels: dict[str, list[LineFact]] = {}
    for fact in sorted(ledger.lines.values(), key=lambda fact: fact.births[0].seq):
        borne = _labels(ledger, fact)
        left = next((name for name in borne[:-1] if name in names and name not in found), None)
        if left is not None and not _taken_again(ledger, fact, left):  # its codes were to follow, and did not
            found[left] = fact.id
        elif borne:
            labels.setdefault(borne[-1], []).append(fact)
    for name in names - found.keys():
        expected = _expected(ledger, name)
        if expected is not None and expected.open and expected.iccid is not None:
            found[name] = of_order(expected.id)
        elif lives := labels.get(name):
            sure = [fact for fact in lives if _brought_a_code(ledger, fact)]
            found[name] = (sure[-1] if sure else lives[0]).id
    return found


def _labels(ledger: LedgerState, fact: LineFact) -> list[str]:
    """The names that a line has borne, the last one last."""
    told = fact.births[0]
    borne, at = [told.line], told.seq
    for seq, old, new in ledger.renames:
        if seq > at and old == borne[-1]:
            borne.append(new)
    return [name for name in borne if not IDENTITY.match(name)]


def _taken_again(ledger: LedgerState, fact: LineFact, name: str) -> bool:
    """Whether another line bears, or has borne, a name that this one has left."""
    return any(other.id != fact.id and name in _labels(ledger, other) for other in ledger.lines.values())


def _brought_a_code(ledger: LedgerState, fact: LineFact) -> bool:
    order = None if fact.order is None else ledger.order(fact.order)
    return order is not None and order.tier != BY_HAND and order.iccid is not None


def _digest(*parts: str) -> str:
    return sha256("\n".join(parts).encode()).hexdigest()[:12]
