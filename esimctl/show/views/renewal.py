"""The steps of a renewal before its question: whose line, what is left, which plans fit, and what comes of it."""

from collections.abc import Mapping, Sequence
from typing import Any

from esimctl.show.amounts import local, minutes, money, octets, term
from esimctl.show.words import say

MOST = 9  #: plans that are listed; the others by the command that lists them all


def before(told: Mapping[str, Any]) -> list[str]:
    """Line and account, what is left and until when, and the plans that fit."""
    account = say("you, at a counter") if told["by_hand"] else told["provider"]
    carrier = told["carrier"] or "-"
    lines = [say("line {line}, {carrier}, account: {account}", line=told["line"], carrier=carrier, account=account)]
    lines += left(told)
    listed = plans(told["plans"])
    if len(listed) > 1:
        lines.append(say("plans that fit:"))
        lines += [f"  {number}. {row}" for number, row in enumerate(listed, 1)]
    if len(told["plans"]) > MOST:
        lines.append(say("more: {command}", command=f"esimctl plans list --line {told['line']}"))
    return lines


def left(told: Mapping[str, Any]) -> list[str]:
    """What is left now and until when, in one line; what has its hours apart."""
    said = octets(told["remaining_bytes"], unlimited=told["unlimited"])
    if told["restricted_bytes"] or told["restricted_unlimited"]:
        more = octets(told["restricted_bytes"], unlimited=told["restricted_unlimited"])
        said += ", " + say("{volume} more in its hours, apps or later", volume=more)
    if told["voice_seconds"] is not None:
        said += ", " + say("calls: {minutes} left", minutes=minutes(told["voice_seconds"]))
    if told["expires_at"] is None:
        lines = [say("left now: {left}", left=said)]
    elif told["status"] == "expired":
        lines = [say("left now: {left}; it ended {time}", left=said, time=local(told["expires_at"]))]
    else:
        lines = [say("left now: {left}; it ends {time}", left=said, time=local(told["expires_at"]))]
    if told["grace_until"] and told["grace_until"] != told["expires_at"]:
        lines.append(say("last moment of the grace: {date}", date=local(told["grace_until"])))
    return lines


def plans(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """The first plans, one line each; the present one says so."""
    found = []
    for row in rows[:MOST]:
        volume = (
            "-"
            if row["data_bytes"] is None and not row["unlimited"]
            else octets(row["data_bytes"], unlimited=row["unlimited"])
        )
        mark = "  " + say("(the present one)") if row["present"] else ""
        found.append(f"{row['id']}  {volume}, {term(row['validity'])}, {money(row['price'])}{mark}")
    return found


def after(told: Mapping[str, Any], effect: str | None) -> list[str]:
    """The new end, what renewing early costs or not, and what becomes of what is left."""
    lines = []
    if told["new_end"] is None:
        lines.append(say("new end: known once it is active"))
    elif told["days_lost"]:
        cost = say("{days} days are lost", days=told["days_lost"]) if told["days_lost"] > 1 else say("1 day is lost")
        lines.append(say("new end: {time} ({cost})", time=local(told["new_end"]), cost=cost))
    else:
        lines.append(say("new end: {time} ({cost})", time=local(told["new_end"]), cost=say("no day is lost")))
    if told["kept_bytes"] and told["kept_until"]:
        until = local(told["kept_until"])
        lines.append(say("kept: {volume}, until {time}", volume=octets(told["kept_bytes"]), time=until))
    elif told["kept_bytes"]:
        lines.append(say("kept: {volume}", volume=octets(told["kept_bytes"])))
    if told["lost_bytes"] and effect != "reset":
        lines.append(say("lost at the present end, though renewed: {volume}", volume=octets(told["lost_bytes"])))
    lines.append(say("It takes minutes to hours until it is active; keep the network on."))
    return lines
