"""The balance of one line: what is left, until when, when it runs out and what renewing keeps, in a few lines."""

from collections.abc import Callable, Mapping
from datetime import datetime
from statistics import mean
from typing import Literal

from esimctl.documents.balance import BalanceLine, BucketRow, RolloverPart
from esimctl.show.amounts import minutes, money, octets, rounded
from esimctl.show.bars import recent_days, spark
from esimctl.show.left import apart, usable
from esimctl.show.line_cells import figure, need, need_keys, never_read, picture, plan_of
from esimctl.show.page import cells
from esimctl.show.styles import ACT, ASKED, COMMAND, LOOK, PLAY, SOURCE, styled
from esimctl.show.table import draw
from esimctl.show.terminal import Terminal
from esimctl.show.times import day_from_now, moment, moment_from_now, only_day, span
from esimctl.show.view import Column, Columns
from esimctl.show.words import say

#: who said a figure, as it stands behind the time of the reading
SOURCES = {
    "provider": "from the provider",
    "sms": "from a text message",
    "ussd": "from a dialled code",
    "manual": "by you",
    "modelled": "worked out from what you bought",
}

#: states that a card says beside the name; active goes without saying
STATES = {"pending", "suspended", "closed", "unknown"}


def card(line: BalanceLine, use: Mapping[str, int], terminal: Terminal) -> None:
    """One line: what is left and until when, then what to look at, then where the figures come from."""
    put = terminal.tell
    put(headline(line, terminal.width or 80) + "\n")
    put(amounts(line, use) + "\n")
    for said in (*(f"+ {other}" for other in apart(line)), *besides(line)):
        put(said + "\n")
    for said in warnings(line):
        put(beside(said, terminal.width) + "\n")
    shown = [bucket for bucket in line.buckets if bucket.status != "expired"]
    if len(shown) > 1:
        draw(BUCKETS, shown, terminal)
    last = styled(reading(line), LOOK if never_read(line) else SOURCE)
    how = "\t" + styled(f"esimctl usage record {line.line}", COMMAND) if never_read(line) else ""
    put(beside(last + how, terminal.width) + "\n")
    for step in line.explanation or ():
        put(f"  {moment(step.at)}  {say(step.template, **step.params)}\n")


def headline(line: BalanceLine, width: int) -> str:
    """`sim · smart-laor-30d                ends Tue 1 Dec 08:00 · in 4 days`."""
    plan = plan_of(line.plan)
    names = [styled(line.line, ASKED), *([plan] if plan else [])]
    if line.status in STATES:
        names.append(styled(say(line.status), LOOK))
    if line.play_money:
        names.append(styled("SANDBOX", PLAY))
    left = " · ".join(names)
    if line.expires_at is None:
        return left
    ended = line.status == "expired"
    end = say("ended {time}" if ended else "ends {time}", time=moment_from_now(line.expires_at))
    room = min(width, 80) - cells(left) - cells(end)
    right = styled(end, ACT if ended else LOOK if "expiring" in line.attention else None)
    return f"{left}{' ' * room}{right}" if room >= 2 else f"{left}\n{right}"


def amounts(line: BalanceLine, use: Mapping[str, int]) -> str:
    """The bar, the figure that was asked for, and the last two weeks."""
    waits = line.data.remaining_bytes == 0 and bool(apart(line))
    parts = [picture(line), styled(say("nothing can be used now") if waits else figure(line), ASKED)]
    if use:
        known = [value for value in recent_days(use) if value is not None]
        if any(known):
            a_day = say("{volume} a day", volume=octets(rounded(int(mean(known)))))
            parts += ["   " + spark(recent_days(use)), a_day]
    return "  ".join(part for part in parts if part)


def beside(said: str, width: int | None) -> str:
    """A sentence with a command behind it (`SENTENCE\\tCOMMAND`): on one line where there is room, else on two."""
    sentence, _, command = said.partition("\t")
    if not command:
        return sentence
    wide = cells(sentence) + cells(command) + 4
    return f"{sentence}\n  {command}" if width is not None and wide > width else f"{sentence}    {command}"


def besides(line: BalanceLine) -> list[str]:
    """Calls, money and the last day for installing, where the line has them."""
    found = []
    if line.voice.remaining_seconds is not None:
        found.append(say("calls: {minutes} left", minutes=minutes(line.voice.remaining_seconds)))
    if line.main_balance is not None:
        found.append(say("main balance: {money}", money=money(line.main_balance)))
    if line.use_by:
        found.append(say("install before {time}", time=moment_from_now(line.use_by)))
    return found


#: the end stands in the head, what renewing keeps below the warnings, that nothing was read in the last line
SAID_ELSEWHERE = {"expiring", "expired", "rollover_at_risk", "never_read"}


def warnings(line: BalanceLine) -> list[str]:
    """What to look at, the worst first, and what renewing does with what is left."""
    found: list[str] = [runs_out(line)] if line.forecast.runs_out_at else []
    for key in need_keys(line):
        if key in SAID_ELSEWHERE:
            continue
        word, style = need(key)
        found.append(styled(f"! {word}", style))
        if key == "end_unseen":
            found[-1] += say(": look for it on the phone") + "\t" + styled(f"esimctl usage record {line.line}", COMMAND)
    if line.throttled:
        found.append(styled("! " + say("data is slowed down"), LOOK))
    if line.out_of_bucket_bytes:
        found.append(styled("! " + say("{volume} used beyond the plan", volume=octets(line.out_of_bucket_bytes)), LOOK))
    return [said for said in found if said] + outlook(line.rollover, line.expires_at, line)


def runs_out(line: BalanceLine) -> str:
    """When the data runs out, and how long before the end; nothing where it lasts to the end."""
    out, end = line.forecast.runs_out_at, line.expires_at
    if out is None or (end is not None and out >= end):
        return ""
    if end is None:
        return styled("! " + say("runs out about {time}", time=moment(out)), LOOK)
    before = span(end - out)
    return styled("! " + say("runs out about {time}, {span} before it ends", time=moment(out), span=before), LOOK)


def outlook(rollover: RolloverPart, ends: datetime | None, line: BalanceLine | None = None) -> list[str]:
    """What renewing does with the data that is left, each part with its date; only what is not nothing.

    With the `line` that is looked at, the command that renews stands behind it.
    """
    kept, saved = rollover.carry_if_renewed_bytes, rollover.lost_if_not_bytes
    by, until = moment(rollover.renew_by), rollover.carried_until
    command = "" if line is None else "\t" + styled(f"esimctl renew {line.line}", COMMAND)
    word = " " + say("(your word)") if rollover.by == "person" else ""
    said = []
    if kept and kept == saved and until:
        said.append(
            say("renew by {date} to keep {volume} until {end}, else it is lost", date=by, volume=octets(kept),
                end=only_day(until)) + word + command
        )  # fmt: skip
    elif kept and kept == saved:
        said.append(
            say("renew by {date} to keep {volume}, else it is lost", date=by, volume=octets(kept)) + word + command
        )
    else:
        if kept:
            said.append(say("kept if you renew by {date}: {volume}", date=by, volume=octets(kept)) + word + command)
        if saved:
            said.append(say("lost only if you do not renew by {date}: {volume}", date=by, volume=octets(saved)))
    if line is not None and "rollover_at_risk" in line.attention and said:
        said[0] = styled("! ", LOOK) + said[0]
    if rollover.kept_anyway_bytes:
        said.append(say("kept, renewed or not: {volume}", volume=octets(rollover.kept_anyway_bytes)))
    if rollover.lost_anyway_bytes:
        first = moment(rollover.lost_anyway_at)
        said.append(
            say("lost either way, from {date}: {volume}", date=first, volume=octets(rollover.lost_anyway_bytes))
        )
    if rollover.disputed and (line is None or (line.data.remaining_bytes and line.status != "expired")):
        about = (
            ""
            if line is None or not line.carrier
            else f" ({styled(f'esimctl policy show {line.carrier} rollover', COMMAND)})"
        )
        said.append(say("assume that it is lost: sources disagree") + about)
    if rollover.grace_until and rollover.grace_until not in (ends, rollover.renew_by):
        said.append(say("last moment to renew: {date}", date=moment(rollover.grace_until)))
    return said


def reading(line: BalanceLine) -> str:
    """When and by whom the figures were read."""
    if never_read(line):
        return say("never read")
    source = say(SOURCES.get(line.reading.source or "", "unknown"))
    if line.reading.source == "modelled":
        return source
    if line.reading.at is None:
        return say("never read")
    return say("read {time}, {source}", time=moment(line.reading.at), source=source)


def bucket_amount(field: Literal["remaining", "granted"]) -> Callable[[BucketRow], str]:
    """A bucket's figure in its own unit."""

    def get(bucket: BucketRow) -> str:
        if bucket.usage_type == "monetary":
            return money(bucket.money) if field == "remaining" else "-"
        amount = bucket.remaining if field == "remaining" else bucket.granted
        return minutes(amount) if bucket.usage_type == "voice" else octets(amount, unlimited=bucket.unlimited)

    return get


#: category of a bucket → what it is called
CATEGORIES = {
    "base": "plan",
    "rollover": "carried over",
    "topup": "top-up",
    "addon": "add-on",
    "promo": "promotion",
    "gift": "gift",
    "window": "set hours",
    "shared": "shared",
    "monetary": "money",
    "emergency": "emergency",
}

BUCKETS: Columns[BucketRow] = (
    Column("bucket", lambda b: b.category, lambda b: say(CATEGORIES[b.category]), priority=0),
    Column("left", lambda b: b.remaining, bucket_amount("remaining"), right=True, priority=1),
    Column("of", lambda b: b.granted, bucket_amount("granted"), right=True, priority=3),
    Column("ends", lambda b: b.end, lambda b: day_from_now(b.end), priority=2, short=[lambda b: only_day(b.end)]),
    Column("usable", lambda b: b.usable, usable, priority=4),
)
