"""Hostile answers × vendors × where they are met: nothing ends in 1, nobody else waits, nothing is lost or told.

`look`, `token`: every question of a look. `before`, `after`: the answer to an order that was not carried out, or was.
`killed`: it was, and the program stopped between keeping the answer and journalling it. `reconcile`, `run`: every
question of those commands, while another vendor has an order to settle, or lines to top up.

`python -m tests.faults.answers WORD …` runs the cells whose name, `VENDOR KIND PLACE`, holds every word.
"""

import base64
import html
import itertools
import json
import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from unittest import mock
from urllib.parse import unquote

from tests.faults.forked import run as run_forked
from tests.faults.hostile import KINDS, Kind
from tests.faults.mall import CASE, SECRETS, Attack, Mall, Ran, line_at, opened, stage
from tests.faults.matrix import Cell, count
from tests.faults.report import Report
from tests.faults.scratch import scratch
from tests.vendors.accounts import APIS, TOPUP

PLACES = ("look", "token", "before", "after", "killed", "reconcile", "run")
UNSURE = frozenset({"accepted", "unknown", "manual"})


class Stopped(BaseException):
    """The power went."""


def answers_layer(
    *,
    kinds: Sequence[Kind] = KINDS,
    places: Sequence[str] = PLACES,
    every: int = 1,
    required: int = 1900,
    changes: Sequence[Callable[[], None]] = (),
    first: bool = False,
    words: Sequence[str] = (),
) -> Report:
    """All cells, or every so many-th, or those whose name holds all `words`; in a child, where seeded bugs stay."""
    report = Report("answers", required)
    with scratch() as place:
        told, inner = place / "told", place / "inner"
        inner.mkdir()
        ran = run_forked(
            lambda: _all(inner, told, kinds, places, every, first=first, words=words),
            place,
            dict(os.environ),
            before=changes,
        )
        if ran.code != 0:
            report.violated("harness", ran.err[-1500:])
            return report
        count(report, told)
    return report


def _all(
    place: Path,
    told: Path,
    kinds: Sequence[Kind],
    places: Sequence[str],
    every: int,
    *,
    first: bool,
    words: Sequence[str],
) -> int:
    template = stage(place)
    with told.open("w", buffering=1) as out:
        for kind, api, where in itertools.islice(itertools.product(kinds, APIS, places), 0, None, every):
            if (api, where) == ("esim-access", "token"):  # it gives none out
                continue
            if not all(word in f"{api} {kind.name} {where}" for word in words):
                continue
            fired, bad = cell(opened(template, place), kind, api, where)
            out.write(f"cell\t{int(fired)}\n")
            out.writelines(f"bad\t{violation}\n" for violation in bad)
            if first and bad:
                return 0
    return 0


def cell(mall: Mall, kind: Kind, api: str, where: str) -> Cell:
    """One attack and everything that follows."""
    attack = mall.attack = Attack(api, kind, orders=where in {"before", "after", "killed"}, executed=where != "before")
    meet = {"look": look, "token": token, "reconcile": reconcile, "run": run}.get(where, bought)
    bad = [*meet(mall, attack, where), *secret_places(mall)]
    return attack.fired > 0, [" ".join(f"{api} {kind.name} {where}: {each}".split()) for each in bad]


def ends(ran: Ran, what: str) -> Iterator[str]:
    """Whatever the code, it is one that a script can act on."""
    if ran.code == 1 or "Traceback" in ran.err:
        yield f"{what}: exit {ran.code}: {ran.err.strip()[-200:]}"


def look(mall: Mall, attack: Attack, _where: str) -> Iterator[str]:
    """Balance, check, plans, providers check: the others' rows are there, and are of now."""
    others = [each for each in APIS if each != attack.api]
    ran = mall("balance", "--refresh", "--json")
    yield from ends(ran, "balance")
    rows = {row["line"]: row for row in _document(ran).get("lines", ())}
    now = f"{mall.clock.now():%Y-%m-%dT%H:%M}"
    yield from (
        f"balance: {each} was not read" for each in others if now not in str(rows.get(line_at(each), {}).get("reading"))
    )
    yield from ends(mall("check", "--json"), "check")
    yield from ends(mall("balance", line_at(attack.api)), "balance of the line")
    ran = mall("plans", "list", "--refresh", "--json")
    yield from ends(ran, "plans")
    sellers = {row["provider"] for row in _document(ran).get("plans", ())}
    yield from (f"plans: none of {each}" for each in others if each not in sellers)
    ran = mall("providers", "check", "--json")
    yield from ends(ran, "providers check")
    fine = {row["provider"] for row in _document(ran).get("checks", ()) if row["name"] == "coverage" and row["ok"]}
    yield from (f"providers check: {each} is not checked" for each in others if each not in fine)


def token(mall: Mall, attack: Attack, where: str) -> Iterator[str]:
    """A look where the question for a token is answered so; afterwards everything is well again."""
    for path in mall.home.rglob("*.token"):
        path.unlink()
    attack.token = True
    yield from look(mall, attack, where)
    mall.attack = None
    ran = mall("balance", line_at(attack.api), "--refresh", "--json")
    if ran.code != 0:
        yield f"no token that works afterwards: exit {ran.code}"


def bought(mall: Mall, attack: Attack, where: str) -> Iterator[str]:
    """A top-up, then whatever comes later; purchases elsewhere go on meanwhile."""
    api = attack.api
    words = (
        "topup",
        line_at(api),
        "--plan",
        f"{api}/{TOPUP[api]}",
        "--yes",
        "--max-price",
        "20USD",
        "--request-id",
        CASE,
    )
    if where == "killed":
        with mock.patch("esimctl.purchase.sending.record", side_effect=Stopped):
            mall(*words)
    else:
        ran = mall(*words)
        yield from ends(ran, "topup")
        if ran.code == 0 and not mall.charges(api):
            yield "exit 0 without a charge"
    mall.attack = None
    other = next(each for each in APIS if each != api)
    ran = mall("topup", line_at(other), "--plan", f"{other}/{TOPUP[other]}", "--yes", "--max-price", "20USD")
    if ran.code != 0:
        yield f"topup at {other}: exit {ran.code}: {ran.err.strip()[-200:]}"
    yield from healed(mall, attack)


def reconcile(mall: Mall, attack: Attack, _where: str) -> Iterator[str]:
    """Both have an order whose answer was lost; the other's is settled although this one cannot be asked."""
    attack_at, mall.attack = mall.attack, None
    other = next(each for each in APIS if each != attack.api)
    for api in (attack.api, other):
        mall.lost.add(api)
        with mock.patch("esimctl.purchase.walk.pursue", lambda _books, order, *_rest, **_more: order):
            mall(
                "topup",
                line_at(api),
                "--plan",
                f"{api}/{TOPUP[api]}",
                "--yes",
                "--max-price",
                "20USD",
                "--request-id",
                f"{CASE}-{api}",
            )
    mall.attack = attack_at
    ran = mall("reconcile", "--json")
    yield from ends(ran, "reconcile")
    states = [order.state for order in mall.orders(other)]
    if states != ["settled"]:
        yield f"reconcile: the order at {other} is {states}"
    yield from ends(mall("transactions", "audit", "--json"), "audit")
    yield from healed(mall, attack)


def run(mall: Mall, attack: Attack, _where: str) -> Iterator[str]:
    """The others' rules buy in the same run; what it says of this one is one code, and one line."""
    ran = mall("autotopup", "run")
    yield from ends(ran, "run")
    for other in APIS:
        states = [order.state for order in mall.orders(other)]
        if other != attack.api and states != ["settled"]:
            yield f"run: the rule at {other} came to {states or 'nothing'}"
    if not mall.orders(attack.api) and not attack.kind.lies:  # a figure that is null is no failure
        again = mall("autotopup", "run")  # what passes by itself is told when it is met twice
        yield from ends(again, "second run")
        if 0 in {ran.code, again.code} or attack.api not in ran.err + again.err:
            yield f"run: exit {ran.code}, {again.code}, and nobody says that {attack.api} failed: {ran.err[-200:]!r}"
    yield from healed(mall, attack)


def healed(mall: Mall, attack: Attack) -> Iterator[str]:
    """In the end at most one charge, and books that say what the vendor's say."""
    for ran in mall.heal():
        yield from ends(ran, "reconcile afterwards")
    orders, charges = mall.orders(attack.api), mall.charges(attack.api)
    if len(charges) > max(1, len(orders)) or len(charges) > 1:
        yield f"DOUBLED: {charges}, {[order.state for order in orders]}"
    for order in orders:
        open_for_a_person = order.state in UNSURE and (attack.kind.lies or order.reason == "exists")
        if charges and order.state != "settled" and not open_for_a_person:
            yield f"LOST: charged, the order is {order.state} ({order.reason})"
        if not charges and order.state not in {"rejected", "cancelled"} and not open_for_a_person:
            yield f"not charged, the order is {order.state} ({order.reason})"
    if charges and not orders:
        yield "LOST: charged without an order"


def secret_places(mall: Mall) -> Iterator[str]:
    """Files and streams in which a secret stands, in any spelling; the vault and the token's own file may hold some."""
    secrets = {*mall.told, *SECRETS.values()} - {""}
    ours = [
        path
        for path in mall.home.rglob("*")
        if path.is_file() and not {"sandbox", "vault"} & set(path.relative_to(mall.home).parts)
    ]
    texts = {
        str(path.relative_to(mall.home)): path.read_bytes().decode("latin-1")
        for path in ours
        if path.suffix != ".token"
    }
    texts |= {f"stream {number}": text for number, text in enumerate(mall.printed)}
    for name, text in texts.items():
        for secret in secrets:
            if spelled(text, secret):
                yield f"SECRET in {name}"


def spelled(text: str, secret: str) -> bool:
    """Whether a text holds a secret, by decoding all of it with the standard library's own means."""
    forms = [text]
    for _ in range(3):
        last = forms[-1]
        last = re.sub(r"\\u([0-9a-fA-F]{4})", lambda found: chr(int(found[1], 16)), last)
        forms.append(html.unescape(unquote(re.sub(r"\\(.)", r"\1", last))))
    packed = [base64.b64encode(bytes(before) + secret.encode()).decode()[4:-4] for before in range(3)]
    wanted = (secret, secret.encode().hex(), *packed, *(each.replace("+", "-").replace("/", "_") for each in packed))
    return any(each in form or each in form.lower() for form in forms for each in wanted)


def _document(ran: Ran) -> dict[str, object]:
    try:
        found = json.loads(ran.out)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


__all__ = ["PLACES", "answers_layer"]

if __name__ == "__main__":
    found = answers_layer(required=1, words=sys.argv[1:])
    print(*found.lines(), sep="\n")
    sys.exit(int(not found.green))
