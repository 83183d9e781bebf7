"""The balance: a line of figures in a pipe, a card for each line on a terminal."""

from collections.abc import Callable, Mapping
from typing import Any

from esimctl.show.amounts import flat_money, local, minutes, money, octets
from esimctl.show.cards.policies import of_line
from esimctl.show.left import apart, usable, whole_now
from esimctl.show.terminal import Terminal
from esimctl.show.view import Column, View
from esimctl.show.words import say

COLUMNS: tuple[Column[Any], ...] = (
    Column("line", lambda r: r["line"], lambda r: r["line"] + ("  SANDBOX" if r["play_money"] else "")),
    Column("status", lambda r: r["status"], lambda r: say(r["status"])),
    Column(
        "remaining_bytes",
        lambda r: "unlimited" if r["data"]["unlimited"] else r["data"]["remaining_bytes"],
        lambda r: octets(r["data"]["remaining_bytes"], unlimited=r["data"]["unlimited"]),
        right=True,
    ),
    Column(
        "granted_bytes",
        lambda r: r["data"]["granted_bytes"],
        lambda r: octets(r["data"]["granted_bytes"], unlimited=r["data"]["unlimited"]),
        right=True,
    ),
    Column("used_bytes", lambda r: r["data"]["used_bytes"], lambda r: octets(r["data"]["used_bytes"]), right=True),
    Column("main_balance", flat_money("main_balance"), lambda r: money(r["main_balance"]), right=True),
    Column("expires_at", lambda r: r["expires_at"], lambda r: local(r["expires_at"])),
    Column(
        "carry_if_renewed_bytes",
        lambda r: r["rollover"]["carry_if_renewed_bytes"],
        lambda r: octets(r["rollover"]["carry_if_renewed_bytes"]),
        right=True,
    ),
    Column(
        "lost_if_not_bytes",
        lambda r: r["rollover"]["lost_if_not_bytes"],
        lambda r: octets(r["rollover"]["lost_if_not_bytes"]),
        right=True,
    ),
    Column("reading_at", lambda r: r["reading"]["at"], lambda r: local(r["reading"]["at"])),
    Column("attention", lambda r: ",".join(r["attention"])),
    Column(
        "restricted_bytes",
        lambda r: "unlimited" if r["data"]["restricted_unlimited"] else r["data"]["restricted_bytes"],
        lambda r: "; ".join(apart(r)),
        right=True,
    ),
    Column(
        "lost_anyway_bytes",
        lambda r: r["rollover"]["lost_anyway_bytes"],
        lambda r: octets(r["rollover"]["lost_anyway_bytes"]),
        right=True,
    ),
    Column("renew_by", lambda r: r["rollover"]["renew_by"], lambda r: local(r["rollover"]["renew_by"])),
    Column("plan", lambda r: r["plan"], shown=False),
    Column("carrier", lambda r: r["carrier"], shown=False),
    Column("provider", lambda r: r["provider"], shown=False),
    Column("voice_seconds", lambda r: r["voice"]["remaining_seconds"], shown=False),
    Column("use_by", lambda r: r["use_by"], shown=False),
    Column("throttled", lambda r: r["throttled"], shown=False),
    Column("rollover", lambda r: "disputed" if r["rollover"]["disputed"] else r["rollover"]["effective"], shown=False),
    Column("out_of_bucket_bytes", lambda r: r["out_of_bucket_bytes"], shown=False),
    Column("source", lambda r: r["reading"]["source"], shown=False),
    Column("play_money", lambda r: r["play_money"], shown=False, sheet=True),
    Column("grace_until", lambda r: r["rollover"]["grace_until"], shown=False),
    Column("judged_bytes", lambda r: r["data"]["judged_bytes"], shown=False),
)  # fmt: skip

#: what `attention` words mean, for people
ATTENTION = {
    "low_data": "data is low",
    "expiring": "expires within seven days",
    "expired": "expired",
    "stale_reading": "the reading is old",
    "order_open": "an order is still open",
    "rollover_at_risk": "unused data is lost unless renewed",
    "end_unseen": "renewed: look on the phone whether the new end is there, then: esimctl usage record",
}


def person(data: Mapping[str, Any], terminal: Terminal) -> None:
    """An overview of several lines as a table; one line in full."""
    if len(data["lines"]) == 1:
        card(data["lines"][0], terminal)
        if "recent_use" in data:
            from esimctl.show.table import spark_line

            terminal.tell(spark_line(data["recent_use"]) + "\n")
    else:
        from esimctl.show.table import draw

        wanted = {"line", "status", "remaining_bytes", "granted_bytes", "expires_at", "attention"}
        if any(apart(line) for line in data["lines"]):
            wanted.add("restricted_bytes")
        draw([column for column in COLUMNS if column.name in wanted], data["lines"], terminal)
    if "budget" in data:
        from esimctl.show.cards.setup import sentence

        for row in data["budget"]:
            terminal.tell(sentence(row) + "\n")


def card(line: Mapping[str, Any], terminal: Terminal) -> None:
    """One line: figures first, then the buckets in the order in which they are used, then what to look at."""
    from esimctl.show.table import draw

    put = terminal.tell
    sandbox = "  SANDBOX" if line["play_money"] else ""
    put(f"{line['line']}  {say(line['status'])}  {line['plan'] or ''}{sandbox}\n")
    for sentence in left_now(line):
        put(sentence + "\n")
    if line["voice"]["remaining_seconds"] is not None:
        put(say("calls: {minutes} left", minutes=minutes(line["voice"]["remaining_seconds"])) + "\n")
    if line["main_balance"] is not None:
        put(say("main balance: {money}", money=money(line["main_balance"]) + sandbox) + "\n")
    if line["use_by"]:
        put(say("install before: {time}", time=local(line["use_by"])) + "\n")
    if line["expires_at"]:
        put(say("expires: {time}", time=local(line["expires_at"])) + "\n")
    if line["buckets"]:
        put("\n")
        draw(BUCKETS, line["buckets"], terminal)
        put("\n")
    put(say("rollover: {rollover}", rollover=of_line(line["rollover"])) + "\n")
    for sentence in outlook(line["rollover"], line["expires_at"]):
        put(sentence + "\n")
    for sentence in kinds(line.get("figures", {})):
        put(sentence + "\n")
    if line["reading"]["at"]:
        put(
            say("as of {time}, source: {source}", time=local(line["reading"]["at"]), source=line["reading"]["source"])
            + "\n"
        )
    looked_at(line, put)


def looked_at(line: Mapping[str, Any], put: Callable[[str], None]) -> None:
    """What needs attention, and the story of the data where it was asked for."""
    for word in line["attention"]:
        put("! " + say(ATTENTION[word]) + "\n")
    for step in line.get("explanation", ()):
        put(f"  {local(step['at'])}  {say(step['template'], **step['params'])}\n")


def left_now(line: Mapping[str, Any]) -> list[str]:
    """What can be used now, and apart from it what cannot."""
    data, others = line["data"], apart(line)
    left = octets(data["remaining_bytes"], unlimited=data["unlimited"])
    used = octets(data["used_bytes"])
    whole = whole_now(line)
    if others and not data["remaining_bytes"] and not data["unlimited"]:
        said = say("data: nothing can be used now, {used} used", used=used)
    elif others:
        said = say("data: {left} can be used now, {used} used", left=left, used=used)
    else:
        of = octets(whole, unlimited=data["unlimited"])
        said = say("data: {left} of {whole} left, {used} used", left=left, whole=of, used=used)
    return [said, *(f"+ {other}" for other in others)]


def outlook(rollover: Mapping[str, Any], ends: str | None = None) -> list[str]:
    """What renewing does with the data that is left, each part with its date; only what is not nothing."""
    kept, saved = rollover["carry_if_renewed_bytes"], rollover["lost_if_not_bytes"]
    by, until = local(rollover["renew_by"]), rollover["carried_until"]
    said = []
    if kept and until:
        said.append(
            say("kept if you renew by {date}: {volume}, until {end}", date=by, volume=octets(kept), end=local(until))
        )
    elif kept:
        said.append(say("kept if you renew by {date}: {volume}", date=by, volume=octets(kept)))
    if rollover["kept_anyway_bytes"]:
        said.append(say("kept, renewed or not: {volume}", volume=octets(rollover["kept_anyway_bytes"])))
    if saved:
        said.append(say("lost only if you do not renew by {date}: {volume}", date=by, volume=octets(saved)))
    if rollover["lost_anyway_bytes"]:
        first = local(rollover["lost_anyway_at"])
        said.append(
            say("lost either way, from {date} on: {volume}", date=first, volume=octets(rollover["lost_anyway_bytes"]))
        )
    if rollover["grace_until"] and rollover["grace_until"] != ends:
        said.append(say("last moment of the grace: {date}", date=local(rollover["grace_until"])))
    return said


def kinds(figures: Mapping[str, Any]) -> list[str]:
    """Of which kind each figure is and how old, for a line that is modelled."""
    names = {"data": "data", "main_balance": "main balance", "expires_at": "end", "voice_seconds": "calls"}
    said = []
    for key, part in figures.items():
        if part["kind"] == "observed":
            said.append(
                say(
                    "{what}: read at {time} ({source})",
                    what=say(names[key]),
                    time=local(part["at"]),
                    source=part["source"],
                )
            )
        elif part["kind"] == "modelled":
            said.append(say("{what}: worked out from what you bought, not read", what=say(names[key])))
    data = figures.get("data", {})
    if data.get("observed_bytes") is not None and data.get("modelled_bytes") not in (None, data["observed_bytes"]):
        said.append(
            say(
                "read {observed}; without readings it would be {modelled}",
                observed=octets(data["observed_bytes"]),
                modelled=octets(data["modelled_bytes"]),
            )
        )
    return said


def bucket_amount(field: str) -> Any:
    """A bucket's figure in its own unit."""

    def get(bucket: Mapping[str, Any]) -> str:
        if bucket["usage_type"] == "monetary":
            return money(bucket["money"]) if field == "remaining" else "-"
        if bucket["usage_type"] == "voice":
            return minutes(bucket[field])
        return octets(bucket[field], unlimited=bool(bucket.get("unlimited")))

    return get


BUCKETS: tuple[Column[Any], ...] = (
    Column("bucket", lambda b: b["category"], lambda b: say(b["category"])),
    Column("left", lambda b: b["remaining"], bucket_amount("remaining"), right=True),
    Column("of", lambda b: b["granted"], bucket_amount("granted"), right=True),
    Column("until", lambda b: b["end"], lambda b: local(b["end"])),
    Column("usable", lambda b: b["usable"], usable),
    Column("state", lambda b: b["status"], lambda b: say(b["status"]) + (" *" if b["provisional"] else "")),
)

VIEWS = {
    "balance": View(COLUMNS, lambda data: data["lines"], person, "no lines yet: esimctl tour, or esimctl plans list")
}
