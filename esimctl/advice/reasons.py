"""Why a way is the one to go: a sentence with its figures, as a template that every language has."""

from collections.abc import Sequence

from esimctl.advice.packs import Choice
from esimctl.advice.question import Question
from esimctl.advice.ways import Way, WayPart
from esimctl.documents.advice import ReasonPart

REASONS = {
    "incomplete": "nothing on offer covers it all: {percent} % of the need, from the first day on",
    "nothing": "nothing to buy: what is left on {line} is enough",
    "use": "small need: paying for what is used costs less than any pack",
    "short unlimited": "short stay: data without limit costs least; purchases: {count}",
    "long unlimited": "long stay: data without limit costs least; purchases: {count}",
    "short one": "short stay: one pack of {term}; {percent} % would be unused",
    "long one": "long stay: one pack of {term}; {percent} % would be unused",
    "short same": "short stay: {count} packs of {term}, one after the other; {percent} % would be unused",
    "long same": "long stay: {count} packs of {term}, one after the other; {percent} % would be unused",
    "short topups": "short stay: a pack with top-ups, {count} purchases; {percent} % would be unused",
    "long topups": "long stay: a pack with top-ups, {count} purchases; {percent} % would be unused",
    "short several": "short stay: {count} packs of several lengths; {percent} % would be unused",
    "long several": "long stay: {count} packs of several lengths; {percent} % would be unused",
    "short mixed": "short stay: packs, and beside them paying for what is used; {percent} % would be unused",
    "long mixed": "long stay: packs, and beside them paying for what is used; {percent} % would be unused",
    "alone": "{persons} people, each with packs of their own: nothing shared costs less; purchases: {count}",
    "together": "{persons} people share; purchases: {count}",
    "divided": "{sharing} of {persons} people share; purchases in all: {count}",
    "runner up": "the cheapest way without {plan}; it costs {more} more",
    "runner up, cheaper": "the cheapest way without {plan}; it costs {more} less and takes more purchases",
}


def said(key: str, **values: str | int) -> ReasonPart:
    """A reason as the documents have it: the English text, its template and the figures in it."""
    return ReasonPart(text=REASONS[key].format(**values), template=REASONS[key], values=values)


def reason(question: Question, way: Way, *, complete: bool) -> ReasonPart:
    """Why this way, by the shape of the answer."""
    if question.wish.persons > 1 and complete:
        return of_people(way, question.wish.persons)
    return of_one(question, way.parts[0], complete=complete, covered=way.bought().covers_bytes)


def of_people(way: Way, persons: int) -> ReasonPart:
    """Who shares what."""
    groups = [part.persons for part in way.parts if part.persons > 1]
    shape = "alone" if not groups else "together" if groups == [persons] else "divided"
    return said(shape, persons=persons, count=len(way.bought().purchases), sharing=sum(groups))


def of_one(question: Question, part: WayPart, *, complete: bool, covered: int) -> ReasonPart:
    """For one person: the length of the stay, the packs, and what would be unused."""
    days, stay = question.stay.days, question.stay
    bought = [part.choices[number] for _, number in part.found.purchases]
    if not complete:
        return said("incomplete", percent=covered * 100 // (stay.need * days * question.wish.persons // stay.scale))
    if not bought:
        return said("nothing", line=question.wish.line or "")
    if all(choice.days is not None for choice in bought):
        return said("use", count=len(bought))
    length = "short" if days <= 30 else "long"
    alone = Way((part,)).bought()
    wasted = alone.wasted_bytes
    if wasted is None:
        return said(f"{length} unlimited", count=len(bought))
    granted = alone.covers_bytes + wasted
    percent, term = wasted * 100 // granted if granted else 0, str(bought[0].plan.term)
    return said(f"{length} {shape(bought)}", count=len(bought), percent=percent, term=term)


def shape(bought: Sequence[Choice]) -> str:
    """One pack, the same again and again, with top-ups, several lengths, or with paying by use."""
    if any(choice.days is not None for choice in bought):
        return "mixed"
    if len(bought) == 1:
        return "one"
    if len({choice.plan.id for choice in bought}) == 1:
        return "same"
    return "topups" if any(choice.plan.kind == "topup" for choice in bought) else "several"
