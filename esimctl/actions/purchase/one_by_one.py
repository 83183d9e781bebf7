"""Several orders, one after the other: what one of them teaches decides what becomes of those behind it.

An unknown outcome, damaged books or an interruption end all of them; a provider that cannot be reached, is busy, breaks
its protocol or refuses the credentials ends its own. Whatever is left alone stands in the report as not tried.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from esimctl.actions.bulk import Told, failed, row, untried
from esimctl.actions.purchase.many import Planned, paid_for, summed
from esimctl.actions.purchase.walk import purchase
from esimctl.actions.result import Result
from esimctl.charging.money import Money
from esimctl.errors import EsimctlError, ExitCode, reason_of

if TYPE_CHECKING:
    from esimctl.actions.session import Session

ENDS_ALL: Final = frozenset({ExitCode.UNKNOWN_OUTCOME, ExitCode.DAMAGED, ExitCode.OUTPUT_FAILED})
ENDS_PROVIDER: Final = frozenset({ExitCode.UNREACHABLE, ExitCode.BUSY, ExitCode.PROTOCOL, ExitCode.CREDENTIALS})
SENTENCES: Final = {
    "done": "done: order {id}",
    "before": "done before: order {id}",
    "interrupted": "interrupted before it was sent: {what}",
}
LEFT_ALONE: Final = "not tried: {why}"


def buy_all(
    session: "Session", command: str, planned: Sequence[Planned], request_id: str, limit: Money | None, told: Told
) -> Result:
    """Carry the rows out and report. `limit` holds for what is really charged, not for what was planned.

    After an interruption it is exit 4 where anything was sent; where nothing was, the interruption itself goes on.
    """
    going = _Round(session, limit, planned, told)
    rows = [going.take(each) for each in planned]
    result = summed(command, rows, request_id, planned)
    if going.interrupted:
        result.exit_code = ExitCode.UNKNOWN_OUTCOME
    return result


class _Round:
    """What has been learnt so far: whom to leave alone, and how much of the total is left, of each kind of money."""

    def __init__(self, session: "Session", limit: Money | None, planned: Sequence[Planned], told: Told) -> None:
        self.session = session
        self.told = told
        self.limit = limit
        most = 0 if limit is None else limit.minor
        self.left = {
            play: most - sum(_spent_before(each) for each in planned if each.play is play) for play in (False, True)
        }
        self.ended: str | None = None
        self.interrupted = False
        self.sent = False
        self.behind: set[str | None] = set()

    def take(self, each: Planned) -> dict[str, Any]:
        """The row of one line: refused before, left alone, or bought."""
        if each.error is not None:
            return self._failed(each, each.error)
        done = each.earlier is not None and each.earlier.state == "settled"  # answered from the books
        if not done and (self.ended is not None or each.provider in self.behind):
            why = self.ended or f"{each.provider} could not take an order before it"
            return untried(each.place, each.line, LEFT_ALONE.format(why=why), **each.about())
        try:
            return self._bought(each)
        except EsimctlError as error:
            self._learn(each, error)
            return self._failed(each, error)
        except BaseException as error:
            if not self.sent:
                raise
            self.ended, self.interrupted = "the run was interrupted", True
            self.told(each.line, SENTENCES["interrupted"], {"what": reason_of(error)})
            return untried(each.place, each.line, LEFT_ALONE.format(why=self.ended), **each.about())

    def _bought(self, each: Planned) -> dict[str, Any]:
        intent = each.intent
        if self.limit is not None and each.earlier is None:
            rest = Money(max(self.left[each.play], 0), self.limit.currency)
            if intent.max_price is None or rest.minor < intent.max_price.minor:
                intent = replace(intent, max_price=rest)
        result = purchase(self.session, intent)
        order, repeated = result.data["order"], each.earlier is not None
        self.sent = True
        paid = paid_for(order)
        if not repeated and paid is not None:
            self.left[each.play] -= paid.minor
        self.told(each.line, SENTENCES["before" if repeated else "done"], {"id": order["id"]})
        code = int(result.exit_code)
        return row(
            each.place,
            each.line,
            exit_code=code,
            code="not_as_ordered" if code else None,
            message=order["reason"] if code else None,
            repeated=repeated,
            order=order,
            **each.about(),
        )

    def _learn(self, each: Planned, error: EsimctlError) -> None:
        self.sent = self.sent or error.order is not None
        if error.exit_code in ENDS_ALL:
            self.ended = "the outcome of an order before it is not known"
        elif error.exit_code in ENDS_PROVIDER:
            self.behind.add(each.provider)

    def _failed(self, each: Planned, error: EsimctlError) -> dict[str, Any]:
        self.told(each.line, error.template, error.params)
        return failed(each.place, each.line, error, repeated=each.earlier is not None, **each.about())


def _spent_before(each: Planned) -> int:
    """Minor units that an earlier run of the same id has spent on the row."""
    return each.price.minor if each.earlier is not None and each.price is not None else 0
