"""The same faults of the line where nobody looks: `autotopup run` on a due rule, every tier, before and after."""

import os
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from esimctl.values.money import Money
from tests.faults import wire
from tests.faults.fakes import Operator
from tests.faults.forked import run as run_forked
from tests.faults.matrix import FAULTS, LINE, PRICE, START, Cell, Desk, Fault, _aimed, _settles, cells, count, stage
from tests.faults.report import Report
from tests.faults.scratch import scratch

#: after the one that met the fault
LATER_RUNS = 12


class RuleDesk(Desk):
    """A stage whose purchases are those of a rule."""

    def sweep(self) -> int:
        """One run; its exit code."""
        from esimctl.autotopup.run import run
        from esimctl.errors import EsimctlError

        with self._hurry():
            try:
                return int(run(self.session()).exit_code)
            except EsimctlError as error:
                return int(error.exit_code)


def rule_stage(place: Path) -> Path:
    """The stage of the matrix with a rule that is due at once and that a person confirmed."""
    template = stage(place)
    desk = RuleDesk(place, template, "A")
    try:
        _confirm(desk.session())
        os.rename(desk.home, place / "confirmed")  # noqa: PTH104
    finally:
        desk.close()
    return place / "confirmed"


def _confirm(session: Any) -> None:
    from esimctl.autotopup.rules import enable_rule, set_rule

    month = Money(10 * PRICE.minor, PRICE.currency)
    values = {
        "every": "monthly", "from": f"{START:%Y-%m-%d}", "amount": str(PRICE), "pay": ["credit"],
        "max_price": str(PRICE), "max_per_month": str(month),
    }  # fmt: skip
    set_rule(session, LINE, values)
    enable_rule(session, LINE, month)


def rule_matrix_layer(*, letters: str = "ABCDE", faults: Sequence[Fault] = FAULTS, required: int = 400) -> Report:
    """All cells."""
    report = Report("rule-matrix", required)
    with scratch() as place:
        told, inner = place / "told", place / "inner"
        inner.mkdir()
        ran = run_forked(lambda: _all(inner, told, letters, faults), place, dict(os.environ))
        if ran.code != 0:
            report.violated("harness", ran.err[-1500:])
            return report
        count(report, told)
    return report


def _all(place: Path, told: Path, letters: str, faults: Sequence[Fault]) -> int:
    template = rule_stage(place)
    with told.open("w", buffering=1) as out:
        for fired, bad in cells(_cell, place, template, letters, faults):
            out.write(f"cell\t{int(fired)}\n")
            out.writelines(f"bad\t{violation}\n" for violation in bad)
    return 0


def _cell(place: Path, template: Path, letter: str, fault: Fault, codes: frozenset[int], *, after: bool) -> Cell:
    """The run that meets the fault, recovery, and an hour of further runs: one order, one charge, whatever comes."""
    where = f"{letter} {fault.name} {'after' if after else 'before'}"
    desk = RuleDesk(place, template, letter, fault.deadline)
    stranger = Operator("D", desk.clock.now)
    with wire.listening(stranger) as elsewhere:
        try:
            desk.line.executes = after
            desk.line.talk = _aimed(fault.talk, elsewhere.base)
            exit_code = desk.sweep()
            fired = desk.line.talk is None
            # while an order is open whose outcome nobody knows, the run says that before anything else
            bad = [] if exit_code in codes | {4} else [f"exit {exit_code}, not one of {sorted(codes | {4})}"]
            desk.recover()
            bad += _settles(desk, fault, letter, after=after)
            orders = len(desk.orders())
            closed = [order for order in desk.orders() if order.state == "rejected"]  # a day ago: the rule may try anew
            for _ in range(LATER_RUNS if orders and not fault.slow else 0):
                desk.clock.base += timedelta(minutes=4)
                desk.sweep()
            more = len(desk.orders()) - orders
            if more > len(closed) or len(desk.operator.charges) > 1:
                bad.append(f"DOUBLED: {len(desk.orders())} orders, {len(desk.operator.charges)} charges an hour later")
            if stranger.posts:
                bad.append("another host was given the order")
        finally:
            desk.close()
    return fired, [f"{where}: {each}" for each in bad]


__all__ = ["rule_matrix_layer"]
