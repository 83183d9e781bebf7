"""What renewing with another plan does to what is left of the running term, before anything is paid."""

from typing import TYPE_CHECKING

from esimctl.charging.grants import CARRIED
from esimctl.charging.rhythm import FOREVER
from esimctl.charging.terms import Terms
from esimctl.values.record import record

if TYPE_CHECKING:
    from esimctl.charging.engine import Engine


@record
class PlanChange:
    """Octets once the running term has ended: what carries over with the other plan, what would with the present one.

    `lost_bytes` is what is lost then by changing, and would not be otherwise.
    """

    carry_bytes: int
    carry_if_same_bytes: int
    lost_bytes: int


def plan_change(engine: "Engine", name: str, terms: Terms) -> PlanChange | None:
    """Renew a line now with another plan and with its own; None without a running term, or with the same plan."""
    running = engine.line(name).current
    if running is None or running.terms.name == terms.name or running.term_end is FOREVER:
        return None
    lost, carried = _renewed(engine, name, terms)
    lost_so, carried_so = _renewed(engine, name, running.terms)
    return PlanChange(carried, carried_so, max(0, lost - lost_so))


def _renewed(engine: "Engine", name: str, terms: Terms) -> tuple[int, int]:
    """(lost, carried) of what is there now, by the end of the running term after a renewal now and without any use."""
    twin = engine.fork(name)
    line = twin.line(name)
    assert line.current is not None
    end = line.current.term_end
    there = {one.id: one.remaining for one in line.live.values() if not one.unlimited}
    line.buy(terms, twin.now)
    line.reckon()
    twin.advance(max(end, twin.now))
    kept = carried = 0
    for one in twin.line(name).live.values():
        source = one.id if one.id in there else one.id.removeprefix(CARRIED)
        if not one.unlimited and source in there:
            part = min(one.remaining, there[source])
            kept += part
            carried += part if one.category == "rollover" else 0
    return sum(there.values()) - kept, carried
