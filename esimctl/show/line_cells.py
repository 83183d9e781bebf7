"""What a line has left and what it needs, in the words and bars that its balance, lists and checks share."""

from collections.abc import Sequence
from typing import Final

from esimctl.documents.balance import BalanceLine
from esimctl.show.amounts import octets
from esimctl.show.bars import level
from esimctl.show.left import whole_now
from esimctl.show.styles import ACT, LOOK, styled
from esimctl.show.words import say

#: what needs attention, in the words that tables, sentences and alerts share
NEEDS: Final = {
    "low_data": "low",
    "expiring": "ends soon",
    "expired": "ended",
    "exhausted": "used up",
    "stale_reading": "old reading",
    "order_open": "order open",
    "rollover_at_risk": "renew to keep",
    "end_unseen": "end not seen",
    "never_read": "never read",
}

TYPED: Final = "manual/own"  #: stands for a plan where a person typed the figures alone

#: what a word is coloured as; the others are looked at
URGENT: Final = {"low_data", "expired", "exhausted", "order_open"}


def never_read(line: BalanceLine) -> bool:
    """Whether it is a line of a counter of which nobody knows what is left."""
    return (
        line.provider == "manual"
        and line.data.remaining_bytes is None
        and not line.data.unlimited
        and line.reading.source in (None, "modelled")
    )


def need_keys(line: BalanceLine) -> list[str]:
    """What needs attention, as keys of `NEEDS`; an allowance that is gone is used up, not low."""
    gone = not line.data.unlimited and line.data.judged_bytes == 0
    keys = ["exhausted" if key == "low_data" and gone else key for key in line.attention]
    if "expired" in keys:
        keys = [key for key in keys if key not in ("expiring", "exhausted", "low_data", "stale_reading")]
    if never_read(line):
        keys = [*(key for key in keys if key != "stale_reading"), "never_read"]
    return keys


def needs(line: BalanceLine) -> list[tuple[str, str]]:
    """What needs attention as (word, style)."""
    return [need(key) for key in need_keys(line)]


#: how bad it is, the worst first
WORST: Final = ("expired", "exhausted", "order_open", "low_data", "rollover_at_risk", "expiring")


def badness(keys: Sequence[str]) -> int:
    """The place of the worst of them: less is worse; of nothing it is the last."""
    return min((WORST.index(key) if key in WORST else len(WORST) for key in keys), default=len(WORST) + 1)


def need(key: str) -> tuple[str, str]:
    """The word and the style of a key of `NEEDS`."""
    return say(NEEDS[key]), ACT if key in URGENT else LOOK


def needed(line: BalanceLine) -> str:
    """What needs attention, in one cell."""
    return ", ".join(styled(word, style) for word, style in needs(line))


def plan_of(plan: str | None) -> str:
    """The id of a plan; nothing for figures that a person typed without one."""
    return "" if plan is None or plan == TYPED else plan


def picture(line: BalanceLine) -> str:
    """How much of the whole is left, as a bar."""
    whole, rest = whole_now(line), line.data.remaining_bytes
    return "" if line.data.unlimited or not whole or rest is None else level(rest, whole)


def left(line: BalanceLine) -> str:
    """`1.3 GB`, `0`, `unlimited`, `unknown`."""
    return octets(line.data.remaining_bytes, unlimited=line.data.unlimited) if line.data.remaining_bytes != 0 else "0"


def figure(line: BalanceLine) -> str:
    """`1.3 GB of 10 GB`, `unlimited`, `unknown`."""
    whole, data = whole_now(line), line.data
    if data.unlimited or not whole or data.remaining_bytes is None:
        return left(line)
    return say("{left} of {whole}", left=left(line), whole=octets(whole))
