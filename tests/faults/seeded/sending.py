"""Bugs of sending: an order leaves too early, twice, or under another name."""

from typing import Any
from uuid import uuid4

from tests.faults.seeded import bug
from tests.faults.seeded.hunts import failing, killing, matching


@bug(killing("topup"))
def post_before_intent() -> None:
    """The intent is written when the answer is there."""
    from esimctl.store.admission import admitted
    from esimctl.store.folder import Store

    real = Store.append
    held: list[Any] = []

    def append(self: Any, ledger: Any, entries: Any) -> Any:
        if all(entry["kind"] in ("order.prepared", "order.attempted") for entry in entries):
            ready = admitted(ledger, entries)
            for entry in ready:
                ledger.apply(entry)
            held.extend(ready)
            return tuple(ready)
        if not held:
            return real(self, ledger, entries)
        ready = admitted(ledger, entries)
        written = self.journal.append([*held, *ready])
        for entry in written[len(held) :]:
            ledger.apply(entry)
        held.clear()
        return written

    Store.append = append  # type: ignore[method-assign]


def _send_again(key: bool) -> None:
    from esimctl.providers.protocol import Request
    from esimctl.purchase import pursue
    from esimctl.purchase.outcome import record
    from esimctl.purchase.sending import as_sent

    def step(books: Any, order: Any, provider: Any, deadline: Any) -> Any:
        if order.state == "accepted":
            return order
        books.write({"kind": "order.attempted", "order": order.id, "n": order.attempts + 1})
        order = books.order(order.id)
        body = order.request.replace(order.key, str(uuid4())) if key else order.request
        now = books.session.clock.now()
        answer = provider.send(as_sent(order), Request(order.endpoint, body), now, deadline=deadline.left)
        return record(books, order, provider.interpret(as_sent(order), answer), sure=False)

    pursue.step = step


@bug(killing("topup"))
def new_key_on_retry() -> None:
    """Whoever tries again makes a new key."""
    _send_again(key=True)


@bug(matching("CD", "reset"))
def blind_resend() -> None:
    """Where nobody honours keys an order is sent again instead of looked up."""
    _send_again(key=False)


@bug(matching("C", "500"))
def resends_on_every_tier() -> None:
    """`resend_allowed` says yes to labels, and absence once is enough."""
    from esimctl.purchase import pursue
    from esimctl.purchase.sending import attempt

    def absent(books: Any, order: Any, provider: Any, deadline: Any) -> Any:
        return attempt(books, order, provider, deadline, sure=False)[0]

    pursue.absent = absent
    from tests.faults.fakes import FakeProvider

    real = FakeProvider.look_up

    def first_blind(self: Any, order: Any, now: Any, *, deadline: float) -> Any:
        from esimctl.providers.protocol import Outcome, Verdict

        return (
            Outcome(Verdict.ABSENT, "not_found")
            if not self.__dict__.setdefault("seen", False) and not (self.__dict__.update(seen=True))
            else real(self, order, now, deadline=deadline)
        )

    FakeProvider.look_up = first_blind  # type: ignore[method-assign]


@bug(matching("A", "redirect-307"))
def follows_redirects() -> None:
    """A 307 sends the order on to whoever is named there."""
    from esimctl.providers.client import Client

    real = Client.exchange

    def exchange(self: Client, method: str, url: str, **more: Any) -> Any:
        answer = real(self, method, url, **more)
        there = answer.headers.get("location")
        return real(self, method, there, **more) if answer.status == 307 and there else answer

    Client.exchange = exchange  # type: ignore[method-assign]


@bug(failing("topup", "EIO"))
def failure_after_sending_is_plain() -> None:
    """A failure after the order left ends like any other: exit 1, nothing was sent."""
    from esimctl.errors import EsimctlError
    from esimctl.purchase import walk as purchase

    purchase.after_sending = lambda *_words: EsimctlError("it failed")


@bug(matching("A", "reset"))
def swallows_attempts() -> None:
    """An order that was sent is journalled as never sent."""
    from esimctl.purchase import outcome, pursue

    def once(books: Any, order: Any, provider: Any, deadline: Any) -> Any:
        del provider, deadline
        books.write(outcome.rejected_entry(order, "never_sent"))
        return books.order(order.id)

    pursue.once = once
    pursue.pursue = lambda _books, order, *_more: order  # type: ignore[assignment]
    from esimctl.purchase import walk as purchase

    purchase.pursue = pursue.pursue
