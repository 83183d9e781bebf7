"""What a person sees of orders: before the question, after it, looked up, many at once, audited and compared."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from esimctl.documents.books import AuditDocument, EvidenceRow, FindingRow
from esimctl.documents.lines import ActivationPart
from esimctl.documents.offers import OrderDocument
from esimctl.documents.orders import BulkDocument, BulkRow, OrderRow
from esimctl.show.cards.bulk import bulk_card
from esimctl.show.cards.order import Ordered, card
from esimctl.show.cards.records import audit_card
from esimctl.show.links import follows_links
from esimctl.show.page import cells, labelled
from esimctl.show.reader import Reader, read_by
from esimctl.values.money import Money
from tests.show.fakes import said, shown, terminal

NOW = datetime(2026, 11, 28, 13, 39, tzinfo=UTC)
ESCAPES = re.compile(r"\x1b\[[0-9;]*m|\x1b\]8;;[^\x1b]*\x1b\\")
LPA = "LPA:1$smdp.sandbox.example$7RGDC-Y2U8U-NJERP-64NQV"
KITTY = {"TERM": "xterm-kitty"}


@pytest.fixture(autouse=True)
def _clock() -> Any:
    read_by(Reader(NOW, UTC))
    yield
    read_by(None)


def order(kind: str = "topup", state: str = "settled", **more: Any) -> OrderRow:
    """An order of a line whose name is as long as people make them."""
    given: dict[str, Any] = {
        "id": "261128-82978a8a", "kind": kind, "state": state, "charged": True, "retry_safe": False,
        "request_id": None, "line": "family-router-in-the-kitchen", "provider": "sandbox", "plan": "demo-monthly-20gb",
        "price": Money.parse("9USD"), "paid": None, "promotion": None, "payment_method": "sandbox-card",
        "provider_order": "SB-460292", "created_at": NOW, "settled_at": NOW, "reason": None, "refund": None,
        "refunded_at": None, "imported": False, "play_money": False, "activation": None, **more,
    }  # fmt: skip
    return OrderRow(**given)


def new_line(**more: Any) -> OrderDocument:
    """A new line with its code."""
    code = ActivationPart(
        lpa=LPA, iccid="8985599034854982618", confirmation_code_required=False, apple_url="https://apple.example/?a=1",
        android_url="https://android.example/?a=1", use_by=None,
    )  # fmt: skip
    return OrderDocument(order=order("new", line="phone", activation=code, **more))


def lines(document: OrderDocument, width: int | None = 80, **environ: str) -> list[str]:
    """The card as it stands on a terminal, without colours."""
    one = terminal(width, **environ)
    card(document, one)
    return [ESCAPES.sub("", line) for line in shown(one).splitlines()]


def test_what_happened_is_the_last_line() -> None:
    """One sentence with line, money and id; SANDBOX once."""
    assert lines(OrderDocument(order=order(line="kid"))) == [
        "✓ Topped up kid with demo-monthly-20gb, 9.00 USD. Order 261128-82978a8a"
    ]
    renewed = Ordered(order=order("renew", line="sim"), ends_at=NOW + timedelta(days=33))
    assert lines(renewed) == ["✓ Renewed sim until 31 Dec 13:39, 9.00 USD. Order 261128-82978a8a"]
    played = " ".join(lines(OrderDocument(order=order(line="kid", play_money=True))))
    assert played.count("SANDBOX") == 1
    (asked,) = lines(OrderDocument(order=order("renew", "accepted", line="kid")))
    assert asked == "! Ordered a renewal of kid, 9.00 USD, not confirmed yet. Order 261128-82978a8a"


def test_links_and_steps_then_the_code_then_what_happened_within_a_screen() -> None:
    """Of a terminal of 24 rows, the code, the last sentence, the next command and the shell's prompt fit."""
    told = lines(new_line(), LINES="24")
    code = [at for at, line in enumerate(told) if set(line) & set("▀▄█")]
    assert told[-1] == "✓ Bought demo-monthly-20gb as line phone, 9.00 USD. Order 261128-82978a8a"
    assert told[: code[0]][-1] == "Keep the network on until the line is active."
    assert any(LPA in line for line in told[: code[0]])
    assert len(told) - code[0] + 1 <= 23


def test_a_code_without_room_is_named_as_a_picture() -> None:
    """A window of few rows: no code, and the command that makes a picture of it."""
    one = terminal(80, LINES="19")
    card(new_line(), one)
    assert not set(shown(one)) & set("▀▄█")
    assert "esimctl lines qr phone --png FILE" in said(one)


def test_links_only_where_the_terminal_follows_them() -> None:
    """OSC 8 on a terminal that is known for it; never without colours, in a pipe, or through tmux."""
    assert follows_links(terminal(80, **KITTY))
    assert not follows_links(terminal(80, colour="auto", NO_COLOR="1", **KITTY))
    assert not follows_links(terminal(80, colour="always", NO_COLOR="1", **KITTY))
    assert not follows_links(terminal(80, TMUX="1", **KITTY))
    assert not follows_links(terminal(80, TERM="xterm-256color"))
    assert not follows_links(terminal(None, colour="always", **KITTY))
    one = terminal(80, **KITTY)
    card(new_line(), one)
    assert "\x1b]8;;https://apple.example/?a=1\x1b\\iPhone\x1b]8;;\x1b\\\n" in shown(one)
    assert "iPhone: https://apple.example/?a=1" in lines(new_line(), NO_COLOR="1")


@pytest.mark.parametrize("width", [40, 50, 80, 120])
def test_an_order_that_is_looked_up(width: int) -> None:
    """Id, line and state first, then a label for each figure; nothing too long, nothing cut."""
    row = order(line="kid", reason="charged 9.50 USD instead of 9.00 USD", paid=Money.parse("9.50USD"), play_money=True)
    told = lines(OrderDocument(order=row, attachments=[]), width)
    assert told[0].startswith("261128-82978a8a · kid · done")
    assert all(cells(line) <= width for line in told)
    whole = " ".join(" ".join(told).split())
    for figure in ("demo-monthly-20gb", "9.50 USD, paid with sandbox-card", "agreed: 9.00 USD", "SB-460292",
                   "Sat 28 Nov 13:39"):  # fmt: skip
        assert figure in whole
    assert whole.count("SANDBOX") == 1


def test_many_orders_say_first_what_they_came_to() -> None:
    """Then a table of every row, whole at 80 columns."""
    rows = [
        BulkRow(row=at, line=f"router-{at:02}", ok=at != 3, exit_code=3 if at == 3 else 0,
                code="declined" if at == 3 else None, message=None, plan="demo-monthly-20gb",
                price=Money.parse("9USD"), repeated=False, order=order(line=f"router-{at:02}", play_money=True))
        for at in range(1, 5)
    ]  # fmt: skip
    data = BulkDocument(command="renew", ok=False, dry_run=False, done=3, failed=1, not_tried=0, rows=rows,
                        charged=[Money.parse("27USD")], play_money=True)  # fmt: skip
    one = terminal(80, colour="never")
    bulk_card(data, one)
    told = shown(one).splitlines()
    assert told[:2] == ["3 done, 1 failed, 0 not tried", "27.00 USD charged in all · SANDBOX"]
    assert told[2].split() == ["ROW", "LINE", "PLAN", "PRICE", "ORDER", "STATE"]
    assert told[5].split() == ["3", "router-03", "demo-monthly-20gb", "9.00", "USD", "SANDBOX", "261128-82978a8a",
                               "declined"]  # fmt: skip
    assert all(cells(line) <= 80 for line in told)


def test_an_audit_answers_first() -> None:
    """How many charges need a look, each with what it is about; or that there is none."""
    finding = FindingRow(
        kind="duplicate_charge", provider="sandbox", orders=["261128-82978a8a"], provider_orders=["SB-460292"],
        line="phone", amount=Money.parse("4USD"), evidence=[EvidenceRow(source="journal", at=NOW, says="settled")],
        support="Order SB-460292 was charged 2 times.", refund_by=NOW + timedelta(days=3), cancel_by=None,
        next="esimctl transactions audit --line phone --bundle case.tar.gz", play_money=True,
    )  # fmt: skip
    data = AuditDocument(as_of=NOW, profile="default", since=NOW, findings=[finding], providers=[], overage=[])
    one = terminal(80, colour="never")
    audit_card(data, one)
    told = shown(one).splitlines()
    assert told[0] == "! 1 charge needs a look"
    assert told[2] == "charged more than once · phone · 4.00 USD · 261128-82978a8a, SB-460292 · SANDBOX"
    assert "  refund before Tue 1 Dec 13:39 · in 3 days" in told
    assert all(cells(line) <= 80 for line in told)


def test_labels_stand_in_a_column_where_their_width_is_certain() -> None:
    assert labelled([("Kept", "1.3 GB\nand more"), ("New end", "31 Dec")], 80) == [
        "Kept      1.3 GB", "          and more", "New end   31 Dec",
    ]  # fmt: skip
    assert labelled([("នៅសល់", "1.3 GB")], 80) == ["នៅសល់: 1.3 GB"]
    assert labelled([("现在剩余", "1.3 GB"), ("结转", "无")], 80) == ["现在剩余   1.3 GB", "结转       无"]
