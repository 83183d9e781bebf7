"""Claims on rollover and the rest: which one counts and why; and whether a device takes an eSIM."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from esimctl.documents.claims import ClaimRow, DeviceDocument, DevicePart, PolicyDocument, RestatedLine
from esimctl.documents.document import JSON
from esimctl.show.amounts import local
from esimctl.show.terminal import Terminal
from esimctl.show.view import Column, Columns, View, columns
from esimctl.show.words import say

WHY = {
    "nobody-says": "nobody says anything about it",
    "promises-less": "sources of equal weight disagree; the one that promises you less counts",
    "embedded-operator": "a demo plan: the embedded operator does what its terms say, and nobody claims anything",
    "own": "your own word counts before every other",
    "plan-text": "the seller's text for this plan counts before what is said in general",
    "carrier-text": "the carrier's own text counts before what others say",
    "best-source": "it is the best source there is",
}


def value_text(value: Mapping[str, JSON] | None) -> str:
    """`mode=carry validity=3 months`."""
    if value is None:
        return "-"
    return " ".join(f"{key}={','.join(item) if isinstance(item, list) else item}" for key, item in value.items())


class ClaimOnTopic(NamedTuple):
    """A claim with what is known of its topic."""

    claim: ClaimRow
    topic: str
    disputed: bool


def rows(data: PolicyDocument) -> Iterator[ClaimOnTopic]:
    """One row a claim; a topic of which nobody speaks has none."""
    for policy in data.policy:
        for claim in policy.claims:
            yield ClaimOnTopic(claim, policy.topic, policy.disputed)


COLUMNS: Columns[ClaimOnTopic] = (
    Column("topic", lambda r: r.topic),
    Column("counts", lambda r: r.claim.counts, lambda r: "*" if r.claim.counts else ""),
    Column("value", lambda r: value_text(r.claim.value)),
    Column("claim", lambda r: r.claim.id),
    Column("kind", lambda r: r.claim.kind, lambda r: say(r.claim.kind)),
    Column("as_of", lambda r: r.claim.as_of, lambda r: r.claim.as_of or say("undated")),
    Column("disputed", lambda r: r.disputed, shown=False),
    Column("from", lambda r: r.claim.from_, shown=False),
    Column("confidence", lambda r: r.claim.confidence, shown=False),
    Column("source", lambda r: r.claim.source),
)  # fmt: skip


def changed(line: RestatedLine) -> str:
    """What a word does to a line, and from when on."""
    return say(
        "{line}: rollover was {before}, is {after} since {time}",
        line=line.line,
        before=say(line.before),
        after=say(line.after),
        time=local(line.since),
    )


def person(data: PolicyDocument, terminal: Terminal) -> None:
    """Topic by topic: what counts, why, and then everybody's word with its source."""
    put = terminal.tell
    for number, policy in enumerate(data.policy):
        mark = "  " + say("disputed") if policy.disputed else ""
        put(("\n" if number else "") + f"{policy.topic}: {value_text(policy.effective)}{mark}\n")
        put("  " + say(WHY[policy.why]) + "\n")
        for claim in policy.claims:
            age = claim.as_of.isoformat() if claim.as_of else say("undated")
            age += " " + say("(old)") if claim.stale and claim.as_of else ""
            sign = "*" if claim.counts else "-"
            put(f"  {sign} {value_text(claim.value)}  [{say(claim.kind)}, {age}]  {claim.id}\n")
            put(f"      {claim.source}\n")
            if claim.from_:
                put("      " + say("counts from {day} on", day=claim.from_) + "\n")
            if claim.note:
                put(f"      ({claim.note})\n")
    for line in data.lines or ():
        put("\n" + changed(line) + "\n")
    put("\n" + say("If in doubt, ask the carrier; then: esimctl policy set") + "\n")


ANSWER: Columns[DevicePart] = (
    *columns(DevicePart, "model"),
    Column("answer", lambda r: r.answer),
    *columns(DevicePart, "reason source as_of"),
    *columns(DevicePart, "eid", shown=False),
)


def device_card(data: DeviceDocument, terminal: Terminal) -> None:
    """The answer first, then why, then how to make sure."""
    device = data.device
    terminal.tell(f"{device.model}: {say(device.answer)}\n{device.reason}\n")
    if device.source:
        terminal.tell(say("source: {source} ({as_of})", source=device.source, as_of=device.as_of or "-") + "\n")
    if device.answer != "no":
        terminal.tell(say(device.check) + "\n")


VIEWS = {
    "policy": View(COLUMNS, rows, person, "nobody says anything about it"),
    "device": View(ANSWER, lambda data: [data.device], device_card),
}
