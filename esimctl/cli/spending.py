"""What the three spending commands share: preview, agreement, the walk, and the goods."""

from dataclasses import replace
from typing import TYPE_CHECKING

from esimctl.cli.shared import Run
from esimctl.errors import OwnRules

if TYPE_CHECKING:
    from esimctl.actions.intent import Intent


def spend(run: Run, intent: "Intent") -> None:
    """Show what it is and what it costs, ask, buy, show what came. With `--dry-run` only the first."""
    from esimctl.actions import purchase
    from esimctl.actions.session import wait_seconds

    session = run.session()
    intent = replace(
        intent, max_price=run.max_price, request_id=run.request_id, lock_wait=wait_seconds(run.wait), confirmed=run.yes
    )
    if not run.dry_run and purchase.repeated(session, intent):
        run.show(purchase.purchase(session, replace(intent, confirmed=True)))
        return
    offer, planned = purchase.preview(session, intent)
    if run.dry_run:
        purchase.check(session, replace(offer, intent=replace(intent, confirmed=True)))
        planned.data["dry_run"] = True
        run.show(planned)
        return
    if not run.yes:
        agree(run, planned.data["offer"])
        intent = replace(intent, confirmed=True, max_price=run.max_price or offer.quote.price)
    run.show(purchase.purchase(session, intent))


def agree(run: Run, offer: dict[str, object]) -> None:
    """Show the offer on stderr and ask; the question comes last, on its own line, from our own numbers."""
    from esimctl.show.offer import describe, question

    if run.terminal.can_prompt:
        for line in describe(offer):
            run.terminal.note(line)
    if not run.terminal.confirm(question(offer), instead="--yes"):
        raise OwnRules("not bought: you did not agree", code="declined_by_you")


__all__ = ["agree", "spend"]
