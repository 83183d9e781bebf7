"""What the three spending commands share: preview, agreement, the walk, and the goods."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from esimctl.cli.by_hand import done_elsewhere
from esimctl.cli.choosing import OtherPlan, confirm
from esimctl.cli.shared import Run
from esimctl.errors import OwnRules, UsageError
from esimctl.market.counter import voucher_code
from esimctl.profile.opened import wait_seconds
from esimctl.profile.own_catalogue import own_carriers
from esimctl.purchase import said_again
from esimctl.purchase import walk as purchase
from esimctl.purchase.outcome import conclude
from esimctl.show.words import say
from esimctl.values.record import replace
from esimctl.values.sentence import Raw
from esimctl.values.toml import text_at

if TYPE_CHECKING:
    from esimctl.documents.offers import OfferPart
    from esimctl.profile.opened import Session
    from esimctl.purchase.offer import Intent, Offer


def spend(run: Run, intent: "Intent", *, voucher: bool = False) -> None:
    """Show what it is and what it costs, ask, buy, show what came. With `--dry-run` only the first."""
    session = run.session()
    intent = replace(
        intent, max_price=run.max_price, request_id=run.request_id, lock_wait=wait_seconds(run.wait), confirmed=run.yes
    )
    if not run.dry_run and purchase.repeated(session, intent):
        run.show(purchase.purchase(session, replace(intent, confirmed=True)))
        return
    if not run.dry_run and not intent.again and (earlier := said_again.finished(session, intent)) is not None:
        run.terminal.note(say("finished now: a run that was stopped had begun it"))
        run.show(conclude(session, earlier))
        return
    while True:
        offer, planned = purchase.preview(session, intent)
        shown = planned.data.offer
        assert shown  # a preview has one
        if intent.kind == "renew" and (run.dry_run or not run.yes):
            from esimctl.purchase.renewing import renewal_document

            shown = replace(shown, renewal=renewal_document(session, offer))
        if voucher:
            shown = replace(shown, dial=to_dial(session, offer))
        if run.dry_run:
            said = intent.paid or "" if offer.quote.by_hand else None
            purchase.check(session, replace(offer, intent=replace(intent, confirmed=True, paid=said)))
            planned.data = replace(planned.data, offer=shown, dry_run=True)
            run.show(planned)
            return
        for sentence in planned.notes:
            run.terminal.note(say(sentence))
        try:
            intent = agreed(run, session, intent, offer, shown)
        except OtherPlan as other:
            intent = replace(intent, plan=other.plan)
            continue
        run.show(purchase.purchase(session, intent))
        return


def agreed(run: Run, session: "Session", intent: "Intent", offer: "Offer", shown: "OfferPart") -> "Intent":
    """The intent with the person's word on it; raises OtherPlan where another plan's number was the answer."""
    if offer.quote.by_hand:
        intent = replace(intent, again=intent.again or meant_again(run, session, offer))
        purchase.check(session, replace(offer, intent=replace(intent, confirmed=True, paid="")))
        return replace(intent, confirmed=True, paid=done_elsewhere(run, intent, shown, others(run, intent, shown)))
    if run.yes:
        return intent
    agree(run, shown, others(run, intent, shown))
    return replace(intent, confirmed=True, max_price=run.max_price or offer.quote.price)


def meant_again(run: Run, session: "Session", offer: "Offer") -> bool:
    """On a terminal, ask whether what was finished for a stopped run is really bought once more."""
    earlier = said_again.finished_lately(session, session.store.ledger_for_reading(), offer)
    if earlier is None or not run.terminal.can_prompt:
        return False
    said = say("Order {id} is the same, of a run that was stopped. Is this another one?", id=earlier.id)
    if not run.terminal.confirm(said, instead="--again"):
        raise OwnRules("not bought: you did not agree", code="declined_by_you")
    return True


def to_dial(session: "Session", offer: "Offer") -> str:
    """What to dial for a voucher; only a line that is topped up by its owner takes one."""
    if not offer.quote.by_hand:
        raise UsageError("{provider} takes no vouchers here", code="no_voucher", provider=Raw(offer.provider.name))
    return voucher_code(text_at(session.lines[offer.wish.line.name], "carrier"), own_carriers(session))


def others(run: Run, intent: "Intent", shown: "OfferPart") -> Sequence[str]:
    """The plans that were listed with numbers, where a person did not say which one and may still choose."""
    from esimctl.show.cards.offer import MOST

    if intent.plan is not None or not shown.renewal or not run.asks:
        return ()
    listed = [row.id for row in shown.renewal.plans[:MOST]]
    return listed if len(listed) > 1 else ()


def agree(run: Run, offer: "OfferPart", plans: Sequence[str] = ()) -> None:
    """Show the offer on stderr and ask; the question comes last, on its own line, from our own numbers."""
    from esimctl.show.cards.offer import describe, question

    if run.terminal.can_prompt:
        for line in describe(offer):
            run.terminal.note(line)
    if not confirm(run, question(offer), plans, instead="--yes"):
        raise OwnRules("not bought: you did not agree", code="declined_by_you")
