"""What to buy for a stay: the purchases that cover a need, the other ways worth knowing, and what was compared."""

from typing import TYPE_CHECKING

from esimctl.advice.held import held
from esimctl.advice.packs import seller_of
from esimctl.advice.question import Question
from esimctl.advice.reasons import reason, said
from esimctl.advice.search.moves import ANY_DAY
from esimctl.advice.together import together
from esimctl.advice.ways import Way, WayPart, Ways, ways
from esimctl.advice.wish import Need
from esimctl.catalogue.search import total_bytes
from esimctl.documents.advice import (
    CheaperWay,
    DearerWay,
    GenerousWay,
    LeftOnLine,
    LeftOutRow,
    PackOnTop,
    RecommendationDocument,
    RecommendationScreen,
    RunnerUp,
    UnpromotedWay,
    UseEstimate,
)
from esimctl.documents.document import as_json
from esimctl.documents.result import Result
from esimctl.errors import ExitCode
from esimctl.market.plans import today
from esimctl.profile.own_catalogue import note_wrong
from esimctl.values.money import Money
from esimctl.values.sentence import Raw, Sentence
from esimctl.values.volume import UNLIMITED

if TYPE_CHECKING:
    from esimctl.profile.opened import Session

#: Per cent of the time after which the search for the cheapest way ends, and that for the one with fewer purchases.
PLAIN, PROMOTED, AFTERWARDS = (50, 80), (35, 50), (75, 85)


def recommend(
    session: "Session", wish: Need, estimate: UseEstimate | None = None, *, explain: bool = False
) -> "Result[RecommendationDocument]":
    """The purchases to make with their dates, and what stands beside them; exit 20 where they cover too little."""
    notes: list[Sentence] = []
    line = None if wish.line is None else held(session, wish.line)
    question = Question(session, wish, line=line, notes=notes)
    found, carrier, elsewhere = asked(question)
    plain = without_promotions(question, found.first)
    first, stay = found.first, question.stay
    complete = first.complete and sum(part.persons for part in first.parts) == wish.persons
    left_out = sorted(question.offers.left_out.items(), key=lambda pair: (pair[0] is None, pair[0] or ""))
    document = RecommendationDocument(
        from_=stay.first,
        days=stay.days,
        need_bytes=stay.need * stay.days * wish.persons // stay.scale,
        currency=wish.currency,
        **vars(first.bought()),
        optimal=found.proven,
        complete=complete,
        reason=reason(question, first, complete=complete),
        runner_up=runner_up(question, first, complete=complete),
        if_generous=if_generous(question, found.cheapest),
        rates=question.rates.texts,
        candidates=len(question.shelf()[1]),
        assumes=assumptions(question),
        persons=wish.persons,
        compared=compared(question),
        left_out=[LeftOutRow(currency=currency, rows=rows) for currency, rows in left_out],
        fewer=None if found.fewer is None else dearer(question, found.fewer, first),
        cheapest=None if found.cheapest.price >= first.price else cheaper(question, found.cheapest, first),
        without_promotions=plain,
        carrier=carrier,
        left=None if line is None else LeftOnLine(line=line.line, bytes=question.left(), ends_at=line.ends_at),
        elsewhere=elsewhere,
        on_top=on_top(question, first),
        estimate=estimate,
    )
    screen = RecommendationScreen(**vars(document), explain=explain)
    result = Result("recommendation", document, notes=notes, screen=screen, next=purchase_today(question, first))
    note_wrong(result, question.rows.wrong)
    if line is not None and not line.known:
        result.note("what is left on {line} is not known: nothing of it is counted", line=Raw(line.line))
    if wish.promotion is not None and not any(row.promotion for row in document.purchases):
        result.note("no promotion makes this cheaper")
    if not complete:
        result.exit_code = ExitCode.ATTENTION
        result.note("this covers less than you asked for")
    return result


def purchase_today(question: Question, way: Way) -> str | None:
    """The command of the first purchase, where it is one of today."""
    part = way.parts[0]
    if not part.found.purchases or question.stay.first != today(question.session):
        return None
    day, number = part.found.purchases[0]
    choice = part.choices[number]
    if day or choice.days is not None:
        return None
    line, plan = question.line, choice.plan
    if line is None or plan.id not in question.offers.mine:
        return f"esimctl buy {plan.id}" if plan.kind == "base" else None
    return f"esimctl {'renew' if plan.kind == 'base' else 'topup'} {line.line} --plan {plan.id}"


def asked(question: Question) -> tuple[Ways, str | None, CheaperWay | None]:
    """The ways of a question, of which carrier they are (None: of any), and what stands beside.

    With a line its own carrier comes first, and what is cheaper elsewhere stands beside.
    """
    line = question.line
    time = PROMOTED if question.promotions else PLAIN
    if line is None or question.wish.persons > 1:
        return together(question, time=time), None, None
    own = ways(question, time=time, mine=True)
    name = line.carrier or line.provider
    if not own.first.complete:
        every = ways(question, time=time)
        return (every, None, None) if every.first.complete else (own, name, None)
    other, choices = question.answer(below=own.first.price, share=4, percent=85)
    if not other.complete:
        return own, name, None
    way = Way((WayPart(question, other, choices),))
    return own, name, cheaper(question, way, own.first)


def cheaper(question: Question, way: Way, first: Way) -> CheaperWay:
    """A way that stands beside the first one, with what it saves."""
    return CheaperWay(**vars(way.bought()), saves=question.money(first.price - way.price), optimal=way.proven)


def dearer(question: Question, way: Way, first: Way) -> DearerWay:
    """A way that stands beside the first one, with what it costs more."""
    return DearerWay(**vars(way.bought()), more=question.money(way.price - first.price), optimal=way.proven)


def runner_up(question: Question, first: Way, *, complete: bool) -> RunnerUp | None:
    """The cheapest way without the plan that costs most of the first one."""
    if not complete or question.wish.persons > 1 or not first.parts[0].found.purchases or question.patience.over:
        return None
    [part] = first.parts
    spent: dict[str, int] = {}
    for _, number in part.found.purchases:
        plan = part.choices[number].plan.id
        spent[plan] = spent.get(plan, 0) + part.choices[number].common.minor
    main = max(sorted(spent), key=lambda plan: spent[plan])
    other, others = question.answer(without=main, mine=question.line is not None, share=4)
    if not other.complete:
        return None
    more = Money(abs(other.price - first.price), question.wish.currency)
    shape = "runner up" if other.price >= first.price else "runner up, cheaper"
    way, why = Way((WayPart(question, other, others),)), said(shape, plan=main, more=str(more))
    return RunnerUp(**vars(way.bought()), without=main, reason=why)


def if_generous(question: Question, cheapest: Way) -> GenerousWay | None:
    """What would change if the best claim on rollover held; None where nothing would."""
    if question.generous == question.cautious or question.wish.persons > 1 or question.patience.over:
        return None
    below = cheapest.price if cheapest.complete else None
    other, choices = question.answer(generous=True, below=below, mine=question.line is not None, share=4)
    if not other.complete:
        return None
    way = Way((WayPart(question, other, choices),))
    saves = question.money(cheapest.price - other.price) if cheapest.complete else None
    return GenerousWay(**vars(way.bought()), saves=saves)


def without_promotions(question: Question, first: Way) -> UnpromotedWay | None:
    """The way at prices without a promotion, where promotions were asked for."""
    if not question.promotions:
        return None
    if question.wish.persons > 1:
        way = together(question, time=AFTERWARDS, plain=True).first
    else:
        way = ways(question, time=AFTERWARDS, mine=question.line is not None, plain=True).first
    return UnpromotedWay(**vars(dearer(question, way, first)), complete=way.complete)


def on_top(question: Question, first: Way) -> list[PackOnTop]:
    """Packs for some hours or one app that could be had on top of the plans of a way, the cheapest first."""
    bought = [part.choices[number].plan for part in first.parts for _, number in part.found.purchases]
    sellers = {seller_of(plan) for plan in bought if plan.kind == "base"}
    priced = [(plan.price, plan) for plan in question.offers.narrow if plan.price is not None]
    return [
        PackOnTop(
            plan=plan.id,
            price=price,
            data_bytes=octets if isinstance(octets := total_bytes(plan), int) else None,
            unlimited=octets is UNLIMITED,
            validity=plan.term,
            window=as_json(plan.window) if plan.window else None,
            purpose=plan.purpose,
        )
        for price, plan in sorted(priced, key=lambda pair: (pair[0].currency, pair[0], pair[1].id))
        if seller_of(plan) in sellers
    ]


def compared(question: Question) -> int:
    """How many plans stood in the comparison."""
    return len({choice.plan.id for choice in question.shelf()[1]})


def assumptions(question: Question) -> list[str]:
    """What the answer rests on."""
    promoted = "prices are those without a promotion" if not question.promotions else "a promotion holds as announced"
    return [
        "the need is the same every day",
        "what ends first is used first",
        "a disputed or unknown rollover counts as none",
        promoted,
        *(
            ["a plan that gives its data in parts is bought on a day that needs it"]
            if question.stay.days > ANY_DAY
            else []
        ),
    ]
