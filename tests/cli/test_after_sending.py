"""Whatever goes wrong once a byte may have left is 4, and nothing of it is lost."""

import errno
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from esimctl.providers.protocol import Answer, Outcome, OutgoingOrder, Tier, Verdict
from esimctl.store.evidence import Evidence
from esimctl.store.journal import Journal
from esimctl.store.vault import Vault
from esimctl.values.money import Money
from tests.conftest import Runner
from tests.purchase.shop import CODE, Shop, ShopProvider, furnish

BUY = ("buy", "shop/ten", "--provider", "shop", "--name", "phone", "--yes", "--json")


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch, home: Path) -> Shop:
    return furnish(monkeypatch, home, balance=Money(5000, "USD"))


@pytest.fixture(autouse=True)
def handlers() -> Iterator[None]:
    """The program installs a handler for SIGTERM; the tests' own comes back."""
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_while_the_order_is_on_its_way_waits_for_the_outcome(run: Runner, shop: Shop, number: int) -> None:
    """It arrives in the middle of the sending: the outcome is journalled, then the program ends with 4."""

    def interrupted(shop: Shop, order: OutgoingOrder) -> Answer:
        shop.execute(order)
        os.kill(os.getpid(), number)
        return shop.answer(order)

    shop.behave = interrupted
    ended = run(*BUY)
    assert (ended.code, ended.json["error"]["code"]) == (4, "interrupted_after_sending")
    assert (ended.json["order"]["state"], ended.json["order"]["charged"]) == ("settled", True)
    assert run("reconcile").code == 0
    assert run("lines", "qr", "phone", "--show-code").out.count(CODE) == 1
    assert len(shop.sent) == 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("tier", [Tier.KEYED, Tier.REFERENCE, Tier.NOTHING])
def test_a_signal_and_no_answer_leaves_it_open_and_the_next_run_settles_it(
    run: Runner, shop: Shop, number: int, tier: Tier
) -> None:
    def interrupted(shop: Shop, order: OutgoingOrder) -> Answer:
        shop.execute(order)
        os.kill(os.getpid(), number)
        return Answer(None, failure="timeout")

    shop.tier = tier
    shop.behave = interrupted
    ended = run(*BUY)
    assert (ended.code, ended.json["order"]["state"], ended.json["order"]["charged"]) == (4, "unknown", "unknown")
    shop.behave = None
    assert run("reconcile", "--json").json["orders"][0]["state"] == "settled"
    assert (len(shop.sent), len(shop.sold)) == (1, 1)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_before_anything_was_sent(
    run: Runner, shop: Shop, monkeypatch: pytest.MonkeyPatch, number: int, code: int
) -> None:
    """While the price is asked: nothing was sent, and the code says so."""
    price = ShopProvider.quote

    def interrupted(self: ShopProvider, *words: Any, **more: Any) -> Any:
        os.kill(os.getpid(), number)
        return price(self, *words, **more)

    monkeypatch.setattr(ShopProvider, "quote", interrupted)
    ended = run(*BUY)
    assert ended.code == code
    assert shop.sent == []
    assert run("transactions", "list", "--json").json["transactions"] == []


def failing(error: int) -> Any:
    def write(*_: Any, **__: Any) -> None:
        raise OSError(error, os.strerror(error))

    return write


@pytest.mark.parametrize("error", [errno.EIO, errno.ENOSPC, errno.EDQUOT, errno.EROFS])
def test_an_outcome_that_cannot_be_journalled_is_said_in_one_line(
    run: Runner, shop: Shop, monkeypatch: pytest.MonkeyPatch, error: int
) -> None:
    """`ESIMCTL-UNRECORDED order=… key=…` on stderr, exit 4; when the disk is well again all of it is found."""
    write = Journal._write

    def broken(self: Journal, prepared: Any) -> None:
        if any(entry["kind"] == "order.settled" for entry in prepared.entries):
            raise OSError(error, os.strerror(error))
        write(self, prepared)

    with monkeypatch.context() as patch:
        patch.setattr(Journal, "_write", broken)
        ended = run(*BUY)
    assert ended.code == 4
    lines = [line for line in ended.err.splitlines() if line.startswith("ESIMCTL-UNRECORDED")]
    (key,) = shop.sold
    assert lines == [f"ESIMCTL-UNRECORDED order={ended.json['order']['id']} key={key} error={error}"]
    assert ended.json["order"]["state"] == "attempted"
    told = run("reconcile", "--json")
    assert (told.code, told.json["orders"][0]["state"]) == (0, "settled")
    assert len(shop.sent) == 1


def test_a_full_disk_gives_up_the_ballast_for_the_outcome(
    run: Runner, shop: Shop, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No room but the 64 KiB kept for this: the outcome is written, the purchase succeeds, the ballast comes back."""
    reserve = home / "profiles" / "default" / "reserve"
    write = Journal._write

    def full(self: Journal, prepared: Any) -> None:
        if reserve.exists() and any(entry["kind"] == "order.settled" for entry in prepared.entries):
            raise OSError(errno.ENOSPC, "No space left on device")
        write(self, prepared)

    with monkeypatch.context() as patch:
        patch.setattr(Journal, "_write", full)
        assert run(*BUY).code == 0
    assert not reserve.exists()
    assert run("reconcile").code == 0
    assert reserve.stat().st_size == 64 * 1024


def test_a_full_disk_gives_up_the_ballast_for_the_code(
    run: Runner, shop: Shop, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The activation code cannot be bought again: it has the first right to the room."""
    reserve = home / "profiles" / "default" / "reserve"
    write = Vault.write

    def full(self: Vault, *words: Any, **more: Any) -> None:
        if reserve.exists():
            raise OSError(errno.ENOSPC, "No space left on device")
        write(self, *words, **more)

    with monkeypatch.context() as patch:
        patch.setattr(Vault, "write", full)
        assert run(*BUY).code == 0
    assert run("lines", "qr", "phone", "--show-code").out.count(CODE) == 1


def test_evidence_that_cannot_be_written_keeps_no_outcome_away(
    run: Runner, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(Evidence, "write", failing(errno.ENOSPC))
        bought = run(*BUY)
    assert (bought.code, bought.json["order"]["state"]) == (0, "settled")


def test_a_vault_that_stays_closed_is_4_and_the_code_is_fetched_later(
    run: Runner, shop: Shop, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(Vault, "write", failing(errno.EIO))
        ended = run(*BUY)
    assert (ended.code, ended.json["order"]["charged"]) == (4, "unknown")
    assert run("reconcile").code == 0
    assert run("lines", "qr", "phone", "--show-code").out.count(CODE) == 1
    assert len(shop.sent) == 1


def test_a_bug_after_the_sending_is_4_and_never_1(run: Runner, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """The reader of the answer fails: exit 4 with the order, of which nobody knows; a look-up settles it."""
    with monkeypatch.context() as patch:
        patch.setattr(ShopProvider, "interpret", lambda *_: 1 / 0)
        ended = run(*BUY)
    assert (ended.code, ended.json["order"]["state"]) == (4, "unknown")
    assert run("reconcile").code == 0
    assert len(shop.sold) == 1


def test_a_stop_between_evidence_and_journal_is_read_again(
    run: Runner, shop: Shop, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tier D, no look-up helps: what the kept answer says settles the order, its code from the vault."""
    from esimctl.providers.protocol import Outcome, Verdict
    from esimctl.purchase import sending

    class Killed(BaseException):
        pass

    def killed(*_: Any, **__: Any) -> None:
        raise Killed

    shop.tier = Tier.NOTHING
    with monkeypatch.context() as patch:
        patch.setattr(sending, "record", killed)
        patch.setattr("esimctl.purchase.walk.after_sending", lambda _books, _order, error: error)
        with pytest.raises(Killed):
            run(*BUY)
    shop.knows = lambda _shop, _order: Outcome(Verdict.AMBIGUOUS, "timeout")
    told = run("reconcile", "--json")
    assert (told.code, told.json["orders"][0]["state"]) == (0, "settled")
    assert told.json["orders"][0]["provider_order"] == "SH-1"
    assert run("lines", "qr", "phone", "--show-code").out.count(CODE) == 1
    journal = (home / "profiles/default/journal/000001.toml").read_bytes()
    assert b"CODE-4711" not in journal


def test_without_room_for_an_outcome_nothing_is_sent(
    run: Runner, shop: Shop, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that is full before the order: refused, nothing sent, reading still works; room again, and it buys."""
    from esimctl.store import profile_folder

    run("reconcile")
    reserve = home / "profiles" / "default" / "reserve"
    reserve.unlink()
    whole = profile_folder.replace

    def full(path: Path, *words: Any, **more: Any) -> None:
        if path.name == "reserve":
            raise OSError(errno.ENOSPC, "No space left on device")
        whole(path, *words, **more)

    with monkeypatch.context() as patch:
        patch.setattr(profile_folder, "replace", full)
        refused = run(*BUY)
        assert (refused.code, refused.json["error"]["code"], refused.json["order"]) == (74, "disk_full", None)
        assert run("transactions", "list").code == 0
    assert shop.sent == []
    assert run(*BUY).code == 0


@pytest.mark.parametrize(
    "words", [("reconcile", "--json"), ("topup", "other", "--plan", "shop/ten", "--yes", "--json")]
)
def test_a_signal_in_the_middle_of_a_second_sending_is_4(run: Runner, shop: Shop, words: tuple[str, ...]) -> None:
    """Recovery sends an absent order again (tier A), whichever command it runs in: a stop then is 4 as well."""

    def interrupted(shop: Shop, order: OutgoingOrder) -> Answer:
        shop.execute(order)
        os.kill(os.getpid(), signal.SIGINT)
        return shop.answer(order)

    run("buy", "shop/ten", "--provider", "shop", "--name", "other", "--yes")
    shop.tier = Tier.KEYED
    shop.behave = lambda _shop, _order: Answer(500)
    shop.knows = lambda _shop, _order: Outcome(Verdict.AMBIGUOUS, "timeout")
    assert run(*BUY, env={"ESIMCTL_DEADLINE": "1"}).code == 4
    shop.knows = None
    shop.behave = interrupted
    ended = run(*words)
    assert (ended.code, ended.json["error"]["code"]) == (4, "interrupted_after_sending")
    assert ended.json["order"]["line"] == "phone"
    assert run("reconcile").code == 0
    assert len(shop.sold) == 2
