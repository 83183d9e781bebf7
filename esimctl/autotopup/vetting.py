"""Once a run and provider, before a rule spends there: orders of somebody else, the account's balance (R-94).

Limits are those of one machine; a second one on the same account is only seen here. What is found stands in the
journal, and the table's rows look at it there. A list that cannot be seen lets nothing through.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from esimctl.alerts.notices import PROBLEM, WINDOW, Condition
from esimctl.autotopup.clock import WARN_SKEW, provider_skew
from esimctl.autotopup.situation import gather
from esimctl.autotopup.table import decide
from esimctl.errors import CredentialsError
from esimctl.profile.deadline import Deadline
from esimctl.purchase.account_balance import account_row
from esimctl.purchase.foreign import take_in
from esimctl.purchase.matching import ask, compare, first_instant

if TYPE_CHECKING:
    from esimctl.autotopup.rule import Rule
    from esimctl.autotopup.situation import Context
    from esimctl.autotopup.table import Decision
    from esimctl.profile.books import Books

BUDGET: Final = 30.0  #: seconds for one provider


def vet(books: "Books", context: "Context", rules: "list[Rule]") -> Iterator[Condition]:
    """Ask every provider at which a rule is about to spend, once; journal what is new there. What is to be told."""
    from esimctl.purchase.reopening import reopen  # with all that orders: only where something is due

    session = books.session
    names = [
        str(session.lines[rule.line]["provider"]) for rule in rules if is_needed(decide(gather(context, rule)))
    ]  # fmt: skip
    for name in dict.fromkeys(names):
        if name not in session.section("provider"):
            continue
        since = first_instant(books.ledger, session.clock.now())
        listing = ask(session, name, since, Deadline(min(BUDGET, Deadline.from_environment(session.environ).left)))
        if listing.failure is not None:
            reason = "credentials" if isinstance(listing.failure, CredentialsError) else "unreachable"
            context.unchecked[name] = (reason, listing.failure.said)
            continue
        if listing.orders is not None:
            compared = compare(books.ledger, listing, since)
            reopen(books, compared, Deadline(BUDGET))  # what exists after all is not bought once more
            take_in(books, compared)
        if listing.balance is not None:
            account_row(books, listing, listing.balance, accept=False)
        yield clocks_apart(context, name)


def is_needed(decision: "Decision") -> bool:
    """Whether only the provider can say how it goes on: money that was missing may have come back since."""
    return decision.needs_price or decision.reason == "balance_differs"


def clocks_apart(context: "Context", name: str) -> Condition:
    """A provider's clock that is minutes away: those that sign requests refuse them then."""
    skew = provider_skew(context.session, name)
    apart = skew is not None and abs(skew) > WARN_SKEW
    minutes = 0 if skew is None else round(abs(skew).total_seconds() / 60)
    return Condition(
        f"clock_skew:{name}", "clock_skew", PROBLEM,
        "the clock of {provider} and this machine's are {minutes} minutes apart: timedatectl status",
        {"provider": name, "minutes": minutes}, holds=apart, cleared=skew is not None and not apart, window=WINDOW,
        repeats=True,
    )  # fmt: skip
