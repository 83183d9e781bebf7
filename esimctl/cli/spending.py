"""What the three spending commands share: preview, agreement, the walk, and the goods."""

from dataclasses import replace
from typing import TYPE_CHECKING

from esimctl.cli.shared import Run
from esimctl.errors import OwnRules, UsageError

if TYPE_CHECKING:
    from esimctl.actions.purchase.intent import Intent, Offer
    from esimctl.actions.session import Session


def spend(run: Run, intent: "Intent", *, voucher: bool = False) -> None:
    """Show what it is and what it costs, ask, buy, show what came. With `--dry-run` only the first."""
    from esimctl.actions.purchase import walk as purchase
    from esimctl.actions.session import wait_seconds
    from esimctl.show.words import say

    session = run.session()
    intent = replace(
        intent, max_price=run.max_price, request_id=run.request_id, lock_wait=wait_seconds(run.wait), confirmed=run.yes
    )
    if not run.dry_run and purchase.repeated(session, intent):
        run.show(purchase.purchase(session, replace(intent, confirmed=True)))
        return
    offer, planned = purchase.preview(session, intent)
    if voucher:
        planned.data["offer"]["dial"] = to_dial(session, offer)
    if run.dry_run:
        said = intent.paid or "" if offer.quote.by_hand else None
        purchase.check(session, replace(offer, intent=replace(intent, confirmed=True, paid=said)))
        planned.data["dry_run"] = True
        run.show(planned)
        return
    for template, params in planned.notes:
        run.terminal.note(say(template, **params))
    if offer.quote.by_hand:
        from esimctl.cli.by_hand import done_elsewhere

        purchase.check(session, replace(offer, intent=replace(intent, confirmed=True, paid="")))
        intent = replace(intent, confirmed=True, paid=done_elsewhere(run, intent, planned.data["offer"]))
    elif not run.yes:
        agree(run, planned.data["offer"])
        intent = replace(intent, confirmed=True, max_price=run.max_price or offer.quote.price)
    run.show(purchase.purchase(session, intent))


def to_dial(session: "Session", offer: "Offer") -> str:
    """What to dial for a voucher; only a line that is topped up by its owner takes one."""
    from esimctl.actions.market.catalogue import own_carriers
    from esimctl.actions.tracking.way import voucher_code

    if not offer.quote.by_hand:
        raise UsageError("{provider} takes no vouchers here", code="no_voucher", provider=offer.provider.name)
    return voucher_code(session.lines[offer.wish.line.name].get("carrier"), own_carriers(session))


def agree(run: Run, offer: dict[str, object]) -> None:
    """Show the offer on stderr and ask; the question comes last, on its own line, from our own numbers."""
    from esimctl.show.views.offer import describe, question

    if run.terminal.can_prompt:
        for line in describe(offer):
            run.terminal.note(line)
    if not run.terminal.confirm(question(offer), instead="--yes"):
        raise OwnRules("not bought: you did not agree", code="declined_by_you")


__all__ = ["agree", "spend"]
