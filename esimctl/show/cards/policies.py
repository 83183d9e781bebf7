"""Claims on rollover and the rest: which one counts and why; and whether a device takes an eSIM."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from esimctl.documents.claims import (
    ClaimRow,
    DeviceDocument,
    DevicePart,
    PolicyDocument,
    PolicyRow,
    PolicyScreen,
    RestatedLine,
)  # fmt: skip
from esimctl.documents.document import JSON
from esimctl.show.claim_words import SAYERS, dated, sayer, value_words, verdict
from esimctl.show.plan_words import ROLLS_OVER
from esimctl.show.styles import ACT, ASKED, GOOD, LOOK, SOURCE, styled
from esimctl.show.table import draw
from esimctl.show.terminal import Terminal
from esimctl.show.times import day, moment
from esimctl.show.view import Column, Columns, View, columns
from esimctl.show.words import say

WHY = {
    "nobody-says": "nobody says anything about it",
    "promises-less": "Sources conflict; the more cautious one is used (*).",
    "embedded-operator": "A demo plan: the built-in provider does what the plan's terms say.",
    "own": "Your own word is used before every other source (*).",
    "plan-text": "The seller's text for this plan is used before what is said in general (*).",
    "carrier-text": "The carrier's own text is used before what others say (*).",
    "best-source": "The most reliable source is used (*).",
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
        "{line} rolls over since {time}: {after} (before: {before})",
        line=styled(line.line, ASKED),
        time=moment(line.since),
        before=say(ROLLS_OVER[line.before]),
        after=styled(say(ROLLS_OVER[line.after]), ASKED),
    )


TOPICS: Columns[PolicyRow] = (
    Column("topic", lambda r: r.topic, priority=0),
    Column("assume", lambda r: value_text(r.effective), lambda r: value_words(r.effective), priority=1, cut=True),
    Column("said by", lambda r: r.claim, lambda r: said_by(r), priority=2,
           short=[lambda r: said_by(r).partition(",")[0]]),
)  # fmt: skip


def said_by(policy: PolicyRow) -> str:
    """`an article, undated`, or that sources disagree."""
    if policy.disputed:
        return styled(say("disputed"), LOOK)
    claim = next((claim for claim in policy.claims if claim.counts), None)
    return "-" if claim is None else f"{say(SAYERS[claim.kind])}, {dated(claim)}"


def in_full(claim: ClaimRow) -> str:
    """The source, since when it counts, and what there is to note about it."""
    more = [claim.note] if claim.note else []
    if claim.from_:
        more.append(say("counts from {day} on", day=day(claim.from_)))
    return claim.source + (f" ({'; '.join(more)})" if more else "")


def claim_lines(claim: ClaimRow, terminal: Terminal) -> None:
    """What is said, by whom, when, and below it where; a star stands before what is used."""
    said = styled(value_words(claim.value), ASKED if claim.counts else None)
    terminal.tell(f"{'*' if claim.counts else ' '} {said} · {sayer(claim)}, {dated(claim)}\n")
    terminal.tell("    " + styled(in_full(claim), SOURCE) + "\n")


def person(data: PolicyScreen, terminal: Terminal) -> None:
    """What to assume and whom to ask; many topics as a table; with `--sources` who says what."""
    put, several = terminal.tell, len(data.policy) > 1
    if several and not data.sources:
        draw(TOPICS, data.policy, terminal)
    for number, policy in enumerate(data.policy if data.sources or not several else ()):
        title = styled(policy.topic, ASKED) + " · " if several else ""
        put(("\n" if number else "") + title + verdict(policy, data.ask) + "\n")
        if data.sources and policy.claims:
            put(say(WHY[policy.why]) + "\n")
            for claim in sorted(policy.claims, key=lambda claim: not claim.counts):
                claim_lines(claim, terminal)
    if not data.policy:
        terminal.note(say("nobody says anything about it"))
    for line in data.lines or ():
        put(changed(line) + "\n")


ANSWER: Columns[DevicePart] = (
    *columns(DevicePart, "model"),
    Column("answer", lambda r: r.answer),
    *columns(DevicePart, "reason source as_of"),
    *columns(DevicePart, "eid", shown=False),
)


#: answer → how it is said, and how much it matters
ANSWERS = {"yes": ("yes", GOOD), "no": ("no", ACT), "check-on-device": ("look on the device", LOOK)}


def device_card(data: DeviceDocument, terminal: Terminal) -> None:
    """The answer first, then why, then how to make sure."""
    device = data.device
    word, style = ANSWERS[device.answer]
    terminal.tell(f"{styled(device.model, ASKED)}: {styled(say(word), style)}\n{say(device.reason)}\n")
    if device.answer != "no":
        terminal.tell(say(device.check) + "\n")
    if device.source:
        seen = say("undated") if device.as_of is None else day(device.as_of)
        terminal.tell(styled(say("source: {source} ({as_of})", source=device.source, as_of=seen), SOURCE) + "\n")


VIEWS = {
    "policy": View(COLUMNS, rows, person, "nobody says anything about it"),
    "device": View(ANSWER, lambda data: [data.device], device_card),
}
