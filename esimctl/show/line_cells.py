"""What a line has left and what it needs, in the words and bars that its balance, lists and checks share."""

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
}

#: what a word is coloured as; the others are looked at
URGENT: Final = {"low_data", "expired", "exhausted", "order_open"}


def needs(line: BalanceLine) -> list[tuple[str, str]]:
    """What needs attention as (word, style); an allowance that is gone is used up, not low."""
    gone = not line.data.unlimited and line.data.judged_bytes == 0
    words = ["exhausted" if word == "low_data" and gone else word for word in line.attention]
    if "expired" in words:
        words = [word for word in words if word not in ("expiring", "exhausted", "low_data")]
    found = [(say(NEEDS[word]), ACT if word in URGENT else LOOK) for word in words]
    if line.reading.at is None and line.provider == "manual" and line.data.remaining_bytes is None:
        found.append((say("never read"), LOOK))
    return found


def needed(line: BalanceLine) -> str:
    """What needs attention, in one cell."""
    return ", ".join(styled(word, style) for word, style in needs(line))


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
