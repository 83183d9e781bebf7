"""What an export holds, what became of an import's rows, what an audit and a reconciliation found."""

from collections.abc import Iterator, Mapping
from heapq import merge
from typing import Any

from esimctl.show.amounts import flat_money, local, money
from esimctl.show.terminal import Terminal
from esimctl.show.view import Column, View
from esimctl.show.words import say
from esimctl.values.text import clean

#: what became of a row
HEADS: Mapping[str, str] = {
    "imported": "imported",
    "duplicates": "known already",
    "conflicts": "perhaps known already",
    "skipped": "left out",
    "refused": "refused",
}

EXPORT: tuple[Column[Any], ...] = (
    Column("path", lambda r: r["path"]),
    Column("format", lambda r: r["format"]),
    Column("records", lambda r: r["records"]),
)

IMPORT: tuple[Column[Any], ...] = (
    Column("row", lambda r: r["row"]),
    Column("result", lambda r: r["result"], lambda r: say(HEADS[r["result"]])),
    Column("order", lambda r: r.get("order")),
    Column("line", lambda r: r.get("line")),
    Column("amount", lambda r: flat(r.get("amount")), lambda r: money(r.get("amount")), right=True),
    Column("at", lambda r: r.get("at"), lambda r: local(r.get("at"))),
    Column("provider", lambda r: r.get("provider"), shown=False),
    Column("provider_order", lambda r: r.get("provider_order"), shown=False),
    Column("reason", lambda r: reason(r)),
    Column("like", lambda r: r.get("like")),
)


def flat(value: Mapping[str, str] | None) -> str | None:
    """Money as one word for machines."""
    return None if value is None else f"{value['amount']} {value['currency']}"


def reason(row: Mapping[str, Any]) -> str | None:
    """Why: a word, and for a refused row what is wrong with it."""
    return row["reason"] if not row.get("detail") else f"{row['reason']}: {row['detail']}"


def rows(data: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Every row of the file with what became of it, in the order of the file."""

    def of(result: str) -> Iterator[Mapping[str, Any]]:
        return ({**row, "result": result} for row in data[result])

    yield from merge(*map(of, HEADS), key=lambda row: row["row"])


def exported(data: Mapping[str, Any], terminal: Terminal) -> None:
    """Where it is."""
    terminal.tell(say("{path}: {count} records", path=clean(data["path"] or "-"), count=data["records"]) + "\n")


def imported(data: Mapping[str, Any], terminal: Terminal) -> None:
    """A count of each, then the rows that want a look."""
    counts = ", ".join(f"{say(head)}: {len(data[result])}" for result, head in HEADS.items())
    terminal.tell(counts + (f"  ({say('nothing was written: --dry-run')})" if data["dry_run"] else "") + "\n")
    for row in rows(data):
        if row["result"] in ("conflicts", "refused"):
            like = f" ({clean(row['like'])})" if row.get("like") else ""
            place = say("row {number}", number=row["row"])
            terminal.tell(f"  {place}: {say(HEADS[row['result']])}: {clean(reason(row) or '')}{like}\n")


AUDIT_COLUMNS: tuple[Column[Any], ...] = (
    Column("kind", lambda r: r["kind"]),
    Column("provider", lambda r: r["provider"]),
    Column("line", lambda r: r["line"]),
    Column("orders", lambda r: ",".join(r["orders"])),
    Column("provider_orders", lambda r: ",".join(r["provider_orders"])),
    Column("amount", flat_money("amount"), lambda r: money(r["amount"]), right=True),
    Column("support", lambda r: r["support"]),
    Column("refund_by", lambda r: r["refund_by"], lambda r: local(r["refund_by"]), shown=False),
    Column("cancel_by", lambda r: r["cancel_by"], lambda r: local(r["cancel_by"]), shown=False),
    Column("next", lambda r: r["next"], shown=False),
    Column("play_money", lambda r: r["play_money"], shown=False, sheet=True),
)

#: deadline → the sentence for it
TEXTS = {
    "refund_by": "a refund can be asked for until {time}",
    "cancel_by": "it can be cancelled until {time}",
}

AUDIT_HEADS = {
    "duplicate_charge": "charged more than once",
    "failed_charge": "the payment failed",
    "charged_not_delivered": "charged, but not delivered",
    "foreign_order": "an order of somebody else",
    "amount_differs": "another amount than agreed",
    "unknown_outcome": "nobody knows whether it was charged",
}


def audit_card(data: Mapping[str, Any], terminal: Terminal) -> None:
    """A block for each finding; the good news is one sentence."""
    put = terminal.tell
    for row in data["overage"]:
        spent = {"line": clean(row["line"]), "money": money(row["amount"]), "time": local(row["at"])}
        told = say("overage: the main balance of {line} paid {money}, known at {time}", **spent)
        put(told + ("  SANDBOX" if row["play_money"] else "") + "\n")
    if not data["findings"]:
        put(say("every charge was meant, once, and delivered") + "\n")
        return
    for place, finding in enumerate(data["findings"]):
        names = ", ".join([*finding["orders"], *finding["provider_orders"]]) or finding["provider"]
        put(
            ("\n" if place else "")
            + f"{say(AUDIT_HEADS[finding['kind']])}: {clean(names)}  {money(finding['amount'])}\n"
        )
        for row in finding["evidence"]:
            put(f"  {local(row['at'])}  {say(row['source'])}: {clean(row['says'])}\n")
        put("  " + say("to support: {sentence}", sentence=finding["support"]) + "\n")
        for field, sentence in TEXTS.items():
            if finding[field]:
                put("  " + say(sentence, time=local(finding[field])) + "\n")
        put("  " + say("next: {command}", command=finding["next"]) + "\n")
    put("\n" + say("The whole case in one file: esimctl transactions audit --bundle case.tar.gz") + "\n")
    put(say("Looked at and done with: esimctl reconcile --acknowledge ORDER") + "\n")


RECONCILE_COLUMNS: tuple[Column[Any], ...] = (
    Column("what", lambda r: r["what"]),
    Column("provider", lambda r: r["provider"]),
    Column("id", lambda r: r["id"]),
    Column("state", lambda r: r["state"]),
    Column("expected", lambda r: r["expected"]),
    Column("actual", lambda r: r["actual"]),
)


def reconcile_flat(value: Mapping[str, str] | None) -> str | None:
    """Money as one cell for machines."""
    return None if value is None else f"{value['amount']} {value['currency']}"


def reconcile_rows(data: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """One row for each order that was open, each balance and each foreign order."""
    for order in data["orders"]:
        yield {
            "what": "order", "provider": order["provider"], "id": order["id"], "state": order["state"],
            "expected": reconcile_flat(order["price"]), "actual": reconcile_flat(order["paid"]),
        }  # fmt: skip
    for row in data["balances"]:
        state = {True: "fits", False: "differs", None: "unknown"}[row["fits"]]
        yield {
            "what": row["basis"], "provider": row["provider"], "id": None, "state": state,
            "expected": reconcile_flat(row["expected"]), "actual": reconcile_flat(row["actual"]),
        }  # fmt: skip
    for row in data["foreign"]:
        yield {
            "what": "foreign", "provider": row["provider"], "id": row["provider_order"],
            "state": "acknowledged" if row["acknowledged"] else row["reason"],
            "expected": None, "actual": reconcile_flat(row["amount"]),
        }  # fmt: skip


def reconcile_card(data: Mapping[str, Any], terminal: Terminal) -> None:
    """What was found, in sentences for a person; the good news in one."""
    put = terminal.tell
    for order in data["orders"]:
        put(say("order {id} ({line}): {state}", id=order["id"], line=order["line"], state=say(order["state"])) + "\n")
    for row in data["healed"]:
        put(say(HEALED[row["what"]], line=row["line"], order=row["order"]) + "\n")
    for row in data["balances"]:
        put(
            say(
                BALANCES[row["basis"], row["fits"]],
                provider=row["provider"],
                expected=money(row["expected"]),
                actual=money(row["actual"]),
            )
            + "\n"
        )
        if row["note"]:
            put(f"  {row['note']}\n")
    for row in data["foreign"]:
        if not row["acknowledged"]:
            put(
                say(
                    STRANGERS[row["reason"]],
                    number=row["provider_order"],
                    amount=money(row["amount"]),
                    order=row["order"] or "-",
                )
                + "\n"
            )
    if data["ok"] and not data["orders"]:
        put(say("nothing is open") + "\n")


HEALED = {
    "line_restored": "line {line} is back in the profile (order {order})",
    "plan_updated": "line {line} has the plan of its last renewal again (order {order})",
    "line_given_back": "line {line} is followed no longer, it was given back (order {order})",
    "order_reopened": "order {order} exists after all: it is taken up again for {line}",
    "code_fetched": "the activation code of {line} was fetched again (order {order})",
}

BALANCES = {
    ("account", True): "{provider}: the balance {actual} fits the orders",
    ("account", False): "{provider}: the balance is {actual}, the orders come to {expected}",
    ("account", None): "{provider}: the balance {actual} could not be compared",
    ("charges", True): "{provider}: charges of {actual} fit the orders",
    ("charges", False): "{provider}: {actual} were charged, the orders come to {expected}",
    ("none", None): "{provider}: nothing to compare with",
}

STRANGERS = {
    "not_ours": "order {number} ({amount}) was made by somebody else",
    "duplicate_charge": "{number}: {amount} more were charged for order {order}",
    "charged_although_refused": "{number}: {amount} were charged for order {order}, which was refused",
}


VIEWS = {
    "export": View(EXPORT, None, exported),
    "transactions-import": View(IMPORT, rows, imported),
    "audit": View(AUDIT_COLUMNS, lambda data: data["findings"], audit_card, "no findings"),
    "reconcile": View(RECONCILE_COLUMNS, reconcile_rows, reconcile_card, "nothing is open"),
}
