"""The balance of several lines: a row of figures each in a pipe, a table on a terminal, what needs attention first."""

from collections.abc import Sequence
from datetime import UTC, datetime

from esimctl.documents.balance import BalanceDocument, BalanceLine
from esimctl.show.amounts import octets
from esimctl.show.left import apart, apart_briefly
from esimctl.show.line_cells import badness, figure, left, need_keys, needed, picture
from esimctl.show.styles import PLAY, SOURCE, styled
from esimctl.show.table import draw
from esimctl.show.terminal import Terminal
from esimctl.show.times import day_from_now, only_day
from esimctl.show.view import Column, Columns, View, columns
from esimctl.show.words import say

COLUMNS: Columns[BalanceLine] = (
    Column("line", lambda r: r.line, lambda r: r.line + ("  SANDBOX" if r.play_money else "")),
    *columns(BalanceLine, "status"),
    Column(
        "remaining_bytes",
        lambda r: "unlimited" if r.data.unlimited else r.data.remaining_bytes,
        lambda r: octets(r.data.remaining_bytes, unlimited=r.data.unlimited),
        right=True,
    ),
    Column(
        "granted_bytes",
        lambda r: r.data.granted_bytes,
        lambda r: octets(r.data.granted_bytes, unlimited=r.data.unlimited),
        right=True,
    ),
    *columns(
        BalanceLine,
        "data.used_bytes main_balance expires_at rollover.carry_if_renewed_bytes rollover.lost_if_not_bytes "
        "reading_at=reading.at attention",
    ),
    Column(
        "restricted_bytes",
        lambda r: "unlimited" if r.data.restricted_unlimited else r.data.restricted_bytes,
        lambda r: "; ".join(apart(r)),
        right=True,
    ),
    *columns(BalanceLine, "rollover.lost_anyway_bytes rollover.renew_by"),
    *columns(
        BalanceLine,
        "plan carrier provider voice_seconds=voice.remaining_seconds use_by throttled",
        shown=False,
    ),
    Column("rollover", lambda r: "disputed" if r.rollover.disputed else r.rollover.effective, shown=False),
    *columns(BalanceLine, "out_of_bucket_bytes source=reading.source", shown=False),
    *columns(BalanceLine, "play_money", shown=False, sheet=True),
    *columns(BalanceLine, "rollover.grace_until data.judged_bytes", shown=False),
)

SCREEN: Columns[BalanceLine] = (
    Column("line", lambda r: r.line, priority=0),
    Column("", lambda r: r.play_money, lambda r: styled("SANDBOX", PLAY) if r.play_money else "", priority=4),
    Column("", lambda r: r.data.remaining_bytes, picture, priority=5),
    Column("left", lambda r: r.data.remaining_bytes, figure, right=True, priority=1, short=[left]),
    Column("", lambda r: r.data.restricted_bytes, apart_briefly, priority=4),
    Column("ends", lambda r: r.expires_at, lambda r: day_from_now(r.expires_at), priority=3,
           short=[lambda r: only_day(r.expires_at)]),
    Column("needs attention", lambda r: ",".join(r.attention), needed, priority=2),
)  # fmt: skip


def person(data: BalanceDocument, terminal: Terminal) -> None:
    """Several lines as a table, the worst first; one line in full."""
    if len(data.lines) == 1:
        from esimctl.show.cards.balance_card import card

        card(data.lines[0], data.recent_use or {}, terminal)
    else:
        overview(data.lines, terminal)
    if data.budget:
        from esimctl.show.cards.setup import sentence

        for row in data.budget:
            terminal.tell(sentence(row) + "\n")


def overview(lines: Sequence[BalanceLine], terminal: Terminal) -> None:
    """Lines that need attention on top, then by their end; fine ones are counted where the screen has no room."""
    last = datetime.max.replace(tzinfo=UTC)
    ordered = sorted(lines, key=lambda line: (badness(need_keys(line)), line.expires_at or last, line.line))
    if terminal.height is None or terminal.every_row or len(ordered) + 4 <= terminal.height:
        draw(SCREEN, ordered, terminal)
        return
    shown = [line for line in ordered if need_keys(line)] or ordered[:3]
    draw(SCREEN, shown, terminal)
    if len(shown) < len(ordered):
        fine = len(ordered) - len(shown)
        said = (
            say("1 other line is fine (--all)")
            if fine == 1
            else say("{count} other lines are fine (--all)", count=fine)
        )
        terminal.tell(styled(said, SOURCE) + "\n")


VIEWS = {"balance": View(COLUMNS, lambda data: data.lines, person, "no lines yet: esimctl tour, or esimctl plans list")}
