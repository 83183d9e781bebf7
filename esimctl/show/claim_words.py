"""Claims in words: what a value says, who says it and how reliable that is, and what to assume of a rollover."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final

from esimctl.documents.claims import ClaimRow, PolicyRow
from esimctl.documents.document import JSON
from esimctl.show.styles import ASKED, styled
from esimctl.show.times import counted, day, span
from esimctl.show.words import say
from esimctl.values.moments import MomentError, parse_duration

#: a word of a value → how it is said
VALUE_WORDS: Final = {
    "carry": "yes",
    "none": "no",
    "unknown": "it depends",
    "promo-only": "with a promotion only",
    "not-applicable": "pay per use has nothing to carry over",
    "charge": "more data costs extra",
    "block": "data stops",
    "throttle": "data goes on, but slower",
    "calendar-month": "ends with the calendar month",
    "calendar-day": "ends with the day",
    "hours24": "counts periods of 24 hours",
    "anchor": "counts from the moment when it begins",
    "reset": "starts a new period, what is left is lost",
    "queue": "begins when the present period ends",
    "stack": "both can be used, each until its own end",
    "extend": "moves the end back",
    "always": "always",
    "activation-and-management": "for activation and changes of the eSIM",
    "rarely": "rarely",
    "link": "a link",
    "qr": "a QR code",
}

#: who says something
SAYERS: Final = {
    "person": "you",
    "operator": "the carrier",
    "standard": "a standard",
    "regulator": "the regulator",
    "news": "a newspaper",
    "community": "people online",
    "article": "an article",
    "testimony": "what users say",
}

#: how reliable that is
RELIABLE: Final = {"high": "reliable", "medium": "fairly reliable", "low": "not reliable"}

#: keys of a value that hold words, which are said as they are
PLAIN_KEYS: Final = ("text", "causes", "methods", "by", "order")


def value_words(value: Mapping[str, JSON] | None) -> str:
    """`yes, for 3 months`, `90 days`, `3.00 USD to 19.00 USD`; `-` where nobody says anything."""
    if value is None:
        return "-"
    if "least" in value:
        return say("{least} to {most}", least=str(value["least"]), most=str(value["most"]))
    parts = [_part(key, each) for key, each in value.items()]
    return ", ".join(part for part in parts if part)


def _part(key: str, value: JSON) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(_word(str(each)) for each in value)
    if key == "days":
        return counted(int(str(value)), "day")
    if key in ("validity", "within", "grace"):
        return say({"validity": "for {span}", "within": "within {span}", "grace": "grace: {span}"}[key],
                   span=length(str(value)))  # fmt: skip
    if key in ("max", "max_percent", "cap"):
        return say("at most {amount}", amount=f"{value}%" if key == "max_percent" else str(value))
    if key == "cycles":
        return say("carried over once" if value == 1 else "carried over {count} times", count=value)
    if key in ("consumption", "cap_scope", "on_lapse", "excluded", "condition"):
        return ""
    return say("what is left is lost: {what}", what=str(value)) if key == "loses" else _word(str(value))


def _word(word: str) -> str:
    return say(VALUE_WORDS.get(word, word)) if word else ""


def length(text: str) -> str:
    """A duration as claims spell it, in words: `3 months`, `10 minutes`; another text as it stands."""
    try:
        found = parse_duration(text)
    except MomentError:
        return text
    if found.months:
        return counted(found.months, "month")
    return span(timedelta(days=found.days, seconds=found.seconds))


def sayer(claim: ClaimRow) -> str:
    """`an article, less reliable`; of your own word nothing more is said."""
    who = say(SAYERS[claim.kind])
    return who if claim.kind == "person" else f"{who}, {say(RELIABLE[claim.confidence])}"


def dated(claim: ClaimRow) -> str:
    """`20 Nov`, `15 Nov 2025 (old)`, `undated`."""
    if claim.as_of is None:
        return say("undated")
    return day(claim.as_of) + (" " + say("(old)") if claim.stale else "")


def verdict(policy: PolicyRow, ask: Sequence[str]) -> str:
    """What to assume, why, and whom to ask where that is in doubt."""
    said = [_rollover(policy) if policy.topic == "rollover" else _other(policy)]
    if policy.disputed and policy.topic == "rollover":
        lives = [str(each.value["validity"]) for each in policy.claims if "validity" in each.value]
        if lives and (policy.effective or {}).get("mode") != "carry":
            said.append(say("If yes, until {span} after the month's end.", span=length(min(lives, key=_days))))
    own = policy.why == "own"
    if ask and not own and (policy.disputed or policy.effective is None or policy.why == "nobody-says"):
        said.append(say("Ask {number}.", number=styled(ask[0], ASKED)))
    return " ".join(said)


def _days(text: str) -> int:
    try:
        found = parse_duration(text)
    except MomentError:
        return 10**6
    return found.months * 30 + found.days


def _counting(policy: PolicyRow) -> ClaimRow | None:
    return next((claim for claim in policy.claims if claim.counts), None)


def _by(policy: PolicyRow) -> str:
    """Who says what counts, and when: `the carrier, undated`; `your word, 20 Nov`."""
    claim = _counting(policy)
    if claim is None:
        return say("nobody says anything")
    if claim.kind == "person":
        return say("your word, {day}: {source}", day=dated(claim), source=claim.source)
    return f"{say(SAYERS[claim.kind])}, {dated(claim)}"


def _rollover(policy: PolicyRow) -> str:
    value = policy.effective
    if value is None:
        return say("Nobody says whether data is carried over: assume {answer}.", answer=styled(say("NO"), ASKED))
    mode = str(value["mode"])
    if mode == "not-applicable":
        return say("Pay-per-use has no allowance to carry over.")
    if policy.disputed:
        modes = [str(claim.value["mode"]) for claim in policy.claims]
        answer = styled(say("YES" if mode == "carry" else "NO"), ASKED)
        return say("Assume {answer}: sources disagree ({yes} say yes, {no} no).", answer=answer,
                   yes=modes.count("carry"), no=modes.count("none"))  # fmt: skip
    if mode == "carry":
        more = [each for key in value if key != "mode" and (each := _part(key, value[key]))]
        answer = styled(say("YES"), ASKED)
        return ", ".join([answer, *more]) + f" ({_by(policy)})."
    if mode == "unknown":
        return say("It depends: assume {answer} ({who}).", answer=styled(say("NO"), ASKED), who=_by(policy))
    answer = styled(say("NO"), ASKED)
    only = say(", but with a promotion") if mode == "promo-only" else ""
    return f"{answer}{only} ({_by(policy)})."


def _other(policy: PolicyRow) -> str:
    if policy.effective is None:
        return say("Nobody says anything about it.")
    answer = styled(value_words(policy.effective), ASKED)
    if policy.disputed:
        return say("Assume: {answer}. Sources disagree ({count} against it).", answer=answer, count=policy.against)
    return f"{answer} ({_by(policy)})."
