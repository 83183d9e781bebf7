"""A reconcile: open orders, balances, and what left the account without an order."""

from collections.abc import Iterator, Mapping
from typing import Any

from esimctl.show.amounts import money
from esimctl.show.terminal import Terminal
from esimctl.show.view import Column, View
from esimctl.show.words import say

COLUMNS = (
    Column("what", lambda r: r["what"]),
    Column("provider", lambda r: r["provider"]),
    Column("id", lambda r: r["id"]),
    Column("state", lambda r: r["state"]),
    Column("expected", lambda r: r["expected"]),
    Column("actual", lambda r: r["actual"]),
)


def flat(value: Mapping[str, str] | None) -> str | None:
    """Money as one cell for machines."""
    return None if value is None else f"{value['amount']} {value['currency']}"


def rows(data: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """One row for each order that was open, each balance and each foreign order."""
    for order in data["orders"]:
        yield {
            "what": "order", "provider": order["provider"], "id": order["id"], "state": order["state"],
            "expected": flat(order["price"]), "actual": flat(order["paid"]),
        }  # fmt: skip
    for row in data["balances"]:
        state = {True: "fits", False: "differs", None: "unknown"}[row["fits"]]
        yield {
            "what": row["basis"], "provider": row["provider"], "id": None, "state": state,
            "expected": flat(row["expected"]), "actual": flat(row["actual"]),
        }  # fmt: skip
    for row in data["foreign"]:
        yield {
            "what": "foreign", "provider": row["provider"], "id": row["provider_order"],
            "state": "acknowledged" if row["acknowledged"] else row["reason"],
            "expected": None, "actual": flat(row["amount"]),
        }  # fmt: skip


def person(data: Mapping[str, Any], terminal: Terminal) -> None:
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

VIEWS = {"reconcile": View(COLUMNS, rows, person, "nothing is open")}
