"""The sentence of every row of the decision table, for `autotopup log`, `show --why` and alerts."""

from collections.abc import Mapping
from typing import Final

SENTENCES: Final[Mapping[str, str]] = {
    "disabled": "the rule is disabled",
    "unconfirmed": "the rule was changed since it was confirmed: it does nothing until it is enabled again",
    "expired": "the rule ended on {until}",
    "suspended": "the rule is suspended: {why}",
    "line_gone": "the line {line} is not followed any more",
    "line_removed": "its line {line} was removed: it does nothing",
    "earlier_line": "it was confirmed for an earlier line {line}, which was removed: it does nothing until it is "
    "enabled for this one",
    "line_closed": "the line {line} is closed",
    "clock": "the clock is not to be trusted: it stands before the journal, or far after it: esimctl doctor --clock",
    "ordered_now": "another rule comes first on {line}, and a run orders once for a line: the next run takes this one",
    "why": "{why}",
    "paused": "all spending is paused",
    "restored": "the profile was put back from a copy or mended, and not compared with its providers since",
    "foreign_order": "{count} orders that were not made here are not acknowledged: esimctl transactions audit, then "
    "esimctl reconcile --acknowledge all",
    "discrepancy": "order {order} did not come as ordered: look at it, then esimctl reconcile --acknowledge {order}",
    "balance_differs": "the account holds {missing} less than its orders explain: esimctl reconcile",
    "provider_clock": "its clock and this machine's are {hours} hours apart",
    "pending": "order {order} is still open",
    "no_effect": "two orders in a row changed nothing",
    "effect_unseen": "the last order cannot be seen on the line yet: the next one is after {until}",
    "unattended_limit": "{count} orders were made since a person was last here, and {most} are allowed: look at them, "
    "then esimctl autotopup resume",
    "backoff": "the last try failed: the next one is after {until}",
    "cooldown": "the last order is too recent: the next one is after {until}",
    "would_wait": "{plan} would wait behind the present term of {line} until {begins}: it would not help now; set the "
    "rule with another --plan, or for renewals with --before-expiry",
    "would_wait_unsaid": "{plan} would wait behind the present term of {line}: it would not help now; set the rule "
    "with another --plan, or for renewals with --before-expiry",
    "price_above_max": "{price} is above {most} an order",
    "price_jump": "{price} is more than a quarter above {old}, what it cost last time",
    "purchase_limit_reached": "{spent} orders, and {most} are allowed ({limit})",
    "spend_limit_reached": "{spent} spent or reserved, {price} more is above {most} ({limit})",
    "missing_payment_method": "none of its payment methods is there any more",
    "balance_floor": "the account holds {left}, and {floor} are to stay in it after paying {price}",
    "insufficient_funds": "the account holds {left}, and it costs {price}",
}
