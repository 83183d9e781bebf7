"""What stands over a message: whom it is about and what happened, in a few words, and how urgent that is.

The text itself is the alert's own; a title is for a screen that shows one line. It is said when it is handed over, so
that "tomorrow" is true when it is read.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from esimctl.alerts.notices import FIGURE, MONEY, OVER, PROBLEM
from esimctl.profile.opened import takes_play_money
from esimctl.values.moments import zone
from esimctl.values.record import record
from esimctl.values.sentence import Param, Sentence, as_kept, from_table
from esimctl.values.toml import text_at

if TYPE_CHECKING:
    from esimctl.ledger.facts import AlertFact
    from esimctl.ledger.state import LedgerState
    from esimctl.profile.opened import Session

#: Apprise's types of messages, the most urgent first
FAILURE, WARNING, SUCCESS, INFO = "failure", "warning", "success", "info"
URGENCY: Final = (FAILURE, WARNING, SUCCESS, INFO)

#: alert → how urgent it is. Something failed or waits for a person: failure. It runs out, or a limit of one's own
#: holds: warning. What is not here goes by its class.
TYPES: Final[Mapping[str, str]] = {
    "unreachable": WARNING, "balance_unknown": WARNING, "clock_skew": WARNING, "provider_clock": WARNING,
    "balance_floor": WARNING, "price_above_max": WARNING, "price_jump": WARNING, "purchase_limit_reached": WARNING,
    "spend_limit_reached": WARNING, "budget_reached": WARNING, "unattended_limit": WARNING, "would_wait": WARNING,
    "order_held": WARNING, "order_overdue": WARNING, "ask": WARNING, "paused": INFO, "rule_ended": INFO,
}  # fmt: skip
OF_CLASS: Final[Mapping[str, str]] = {MONEY: SUCCESS, PROBLEM: FAILURE, FIGURE: INFO}

#: alert → its title; {who} is a line, a provider, or the profile
TITLES: Final[Mapping[str, str]] = {
    "topped_up": "{who}: topped up",
    "renewed": "{who}: renewed",
    "low_data": "{who}: {left} left",
    "low_balance": "{who}: {left} left on the main balance",
    "expires_today": "{who} ends today",
    "expires_tomorrow": "{who} ends tomorrow",
    "expiring": "{who} ends in {days} days",
    "expired": "{who}: the plan has ended",
    "rollover_lapsing": "{who}: {left} of carried data lapses soon",
    "activation_deadline": "{who}: install the eSIM before {end}",
    "stale_reading": "{who}: the last reading is old",
    "remind": "{who}: time to top up",
    "ask": "{who}: the rule asks you",
    "morning": "{who}: what is left this morning",
    "month_review": "{who}: a new month",
    "failed_charge": "{who}: the order was refused",
    "suspended": "{who}: the rule is suspended",
    "invalid_rule": "{who}: the rule cannot be read",
    "rule_ended": "{who}: the rule has ended",
    "unconfirmed": "{who}: the rule was changed and is not confirmed",
    "discrepancy": "{who}: not delivered as ordered",
    "charged_not_delivered": "{who}: not delivered as ordered",
    "duplicate_charge": "{who}: charged more than once",
    "amount_differs": "{who}: another amount was charged",
    "foreign_order": "{who}: an order that was not made here",
    "uneven": "{who}: the account does not fit the orders",
    "balance_differs": "{who}: the account does not fit the orders",
    "insufficient_funds": "{who}: too little money in the account",
    "balance_floor": "{who}: too little money in the account",
    "credentials": "{who}: the credentials do not work",
    "unreachable": "{who}: no answer",
    "balance_unknown": "{who}: what is left is not known",
    "provider_clock": "{who}: the clocks are apart",
    "clock_skew": "{who}: the clocks are apart",
    "clock": "{who}: the clock is wrong",
    "paused": "{who}: all spending is paused",
    "restored": "{who}: rules wait after a restore",
    "unattended_limit": "{who}: rules wait for you",
    "order_held": "{who}: an order is not settled",
    "order_overdue": "{who}: an order is not settled",
    "stuck_pending": "{who}: an order is not settled",
    "renewal_waits": "{who}: not renewed yet",
    "purchase_limit_reached": "{who}: a limit is reached",
    "spend_limit_reached": "{who}: a limit is reached",
    "budget_reached": "{who}: a budget is reached",
    "budget_unreadable": "{who}: a budget cannot be read",
    "price_above_max": "{who}: the price is too high",
    "price_jump": "{who}: the price is too high",
    "missing_payment_method": "{who}: there is no payment method",
    "authentication_required": "{who}: a person has to confirm the payment",
    "not_eligible": "{who}: the rule cannot buy its plan",
    "invalid_amount": "{who}: the rule cannot buy its plan",
    "would_wait": "{who}: the rule cannot buy its plan",
    "busy": "{who}: runs are kept out",
}
#: of several messages in one, by whether they are about several lines
SEVERAL: Final = Sentence("{count} lines: {first}, and {more} more").template
MORE: Final = Sentence("{first}, and {more} more").template
SANDBOX: Final = "SANDBOX"
PROGRAM: Final = "esimctl"  #: whom it is about where that is the whole profile


@record
class Title:
    """`said` is the title without its mark of play money; `urgency` one of Apprise's types."""

    said: Sentence
    urgency: str
    play: bool

    def shown(self, say: Any) -> str:
        """In a person's language, marked where it is about play money alone."""
        return f"{SANDBOX} {say(self.said)}" if self.play else str(say(self.said))


def title_of(session: "Session", ledger: "LedgerState", alert: "AlertFact") -> Title:
    """The title of one alert."""
    told = from_table(alert.said)
    params = {} if told is None else flat(told)
    about = happened(alert, params)
    urgency = TYPES.get(about, OF_CLASS.get(alert.alert_class, WARNING))
    params["who"] = _who(session, alert, params)
    end = _end(params)
    if about == "expiring" and end is not None:
        about, params["days"] = _days(session, end)
    try:
        said = Sentence(TITLES[about], params)
        str(said)
    except (KeyError, IndexError):  # of an older journal, or of a kind that this program does not know
        said = told or as_kept(alert.text)
    play = is_play(session, ledger, alert, params)
    return Title(Sentence(OVER, {"what": said}), SUCCESS, play) if alert.resolved else Title(said, urgency, play)


def of_several(titles: "list[Title]", lines: int) -> Title:
    """One title over several messages, the most urgent of them first; `lines` is how many lines they are about."""
    first = min(titles, key=lambda title: URGENCY.index(title.urgency))
    params: dict[str, Param] = {"count": lines, "first": first.said, "more": len(titles) - 1}
    return Title(Sentence(SEVERAL if lines > 1 else MORE, params), first.urgency, all(each.play for each in titles))


def happened(alert: "AlertFact", params: Mapping[str, Any]) -> str:
    """The key of what happened: the alert's own name, but where one name stands for two things."""
    if alert.alert == "topped_up" and params.get("kind") == "renew":
        return "renewed"
    if alert.alert == "expired" and alert.alert_class == PROBLEM:
        return "rule_ended"
    return alert.alert


def flat(said: Sentence) -> dict[str, Any]:
    """The parameters of a sentence and of those that it holds, the outer ones first."""
    found = dict(said.params)
    for value in said.params.values():
        if isinstance(value, Sentence):
            found = {**flat(value), **found}
    return found


def is_play(session: "Session", ledger: "LedgerState", alert: "AlertFact", params: Mapping[str, Any]) -> bool:
    """Whether it is about play money alone: its line's, its provider's, or that of every line of the profile."""
    rule = session.section("rule").get(alert.rule or "", {})
    line = alert.line or text_at(rule, "line") or (alert.rule if rule else None)
    sellers = {str(table.get("provider")) for table in session.lines.values()}
    if line is not None:
        fact = ledger.lines.get(line)
        known = text_at(session.lines.get(line, {}), "provider") or (None if fact is None else fact.provider)
        sellers = {str(known)}
    elif params.get("provider"):
        sellers = {str(params["provider"])}
    return bool(sellers) and all(takes_play_money(session, seller) for seller in sellers)


def _who(session: "Session", alert: "AlertFact", params: Mapping[str, Any]) -> str:
    """The line, else the rule, the provider or the profile; with the profile's name where that is not the first one."""
    profile = session.store.name
    who = alert.line or alert.rule or params.get("provider")
    if who is None:
        return PROGRAM if profile == "default" else profile
    return str(who) if profile == "default" else f"{profile}/{who}"


def _end(params: Mapping[str, Any]) -> datetime | None:
    """When a plan ends, as the sentence about it says."""
    try:
        return datetime.strptime(str(params.get("end")), "%Y-%m-%d %H:%M UTC").replace(tzinfo=UTC)
    except ValueError:
        return None


def _days(session: "Session", end: datetime) -> tuple[str, int]:
    """By the calendar of the profile's zone: how many days it is until then, and the title that says so."""
    now, where = session.clock.now(), zone(session.zone)
    days = (end.astimezone(where).date() - now.astimezone(where).date()).days
    if end <= now:
        return "expired", 0
    return {0: "expires_today", 1: "expires_tomorrow"}.get(days, "expiring"), days
