"""A template suggested for a message that no pattern knows: places by the words around the figures, none where unsure.

A suggestion is for a person to look through. It is tried on the message first: what it would read off is right by the
words beside it, or there is no suggestion.
"""

import re
from datetime import tzinfo
from typing import Final

from esimctl.catalogue.figures import DATE, MONEY, NUMBER, WHOLE_VOLUME
from esimctl.catalogue.patterns import Pattern, PatternError, compiled, plain, readings, shown
from esimctl.values.record import record
from esimctl.values.regex import regex

#: role of a volume → words that say so, in the languages of the region and of its travellers
LEFT: Final = (
    r"left|remain\w*|balance|available|still have|you have|have|reste\w*|rest|restant\w*|restano|rimast\w*|disponib\w*|"
    r"verfügbar|verbleib\w*|übrig|quedan|sisa|còn|осталось|剩余|剩餘|剩|余量|还有|នៅសល់|នៅមាន|សល់|เหลือ"
)
USED: Final = (
    r"used|consumed|usage|spent|utilis\w*|usat\w*|consum\w*|verbrauch\w*|terpakai|đã dùng|использовано|"
    r"已用|已使用|បានប្រើ|ใช้ไป"
)
TOTAL: Final = r"of|out of|total|sur|di|von|из|共|总|សរុប"
ELSEWHERE: Final = r"night\w*|weekend\w*|bonus|app|social|facebook|youtube|tiktok|roaming|夜间|周末|យប់"
HAS: Final = r"balance|credit|main|solde|saldo|guthaben|余额|餘額|សមតុល្យ|គណនី|ยอดเงิน|tài khoản|баланс"
PRICE: Final = r"price|renew\w*|for|costs?|fee|pay|paid|charged?|plan|bonus|promo\w*|top.?up|价格|续费|តម្លៃ|បន្ត"
UNTIL: Final = (
    r"until|till|valid\w*|expir\w*|exp|ends?|through|before|jusqu\w*|bis|fino|hasta|hingga|đến|до|"
    r"有效期|到期|截止|ផុត|រហូត|សុពលភាព|ដល់|หมดอายุ|ถึง"
)
OTHER_DAY: Final = r"sent|date|received|renew\w*|from|since|当前|ថ្ងៃទី"

#: words that make a figure another than the one that it looks like: an offer, a bound, a debt, a condition
OFFER: Final = (
    r"buy|get|send|sent|free|receive\w*|transfer\w*|subscribe|activate|share|win|recharge|achetez|rechargez|partagez|"
    r"kaufen|buchen|compra\w*|recarga\w*|llévate|acquista|купите|подключите|mua|beli|for \$|"
    r"购买|充值|送|办理|ទិញ|ទទួលបាន|បញ្ចូល|ซื้อ|สมัคร"
)
BOUND: Final = (
    r"less than|more than|up to|over|under|below|about|nearly|almost|at least|if|after|when|no data|"
    r"weniger als|mehr als|bis zu|moins de|plus de|jusqu'à|menos de|más de|meno di|più di|менее|более|"
    r"少于|超过|តិចជាង|ไม่เกิน"
)
NOT_HELD: Final = (
    r"minimum|required|needed|at least|loan|owed?|debt|due|repay|outstanding|insufficient|previous|"
    r"was used|deducted|spent|欠费|ជំពាក់"
)
OTHER_END: Final = r"offer|promo\w*|sim|number|card|contract|bill|invoice|pay"

#: places of figures of data
DATA: Final = frozenset({"remaining", "used", "granted", "percent_left", "percent_used"})
_CLAUSE: Final = regex(r"[.;!?\n|。；！？។]|,(?!\d)|，")
_SPANS: Final = regex(
    rf"(?P<instant>\[[^\]]{{4,40}}\])|(?P<date>{DATE})|(?P<money>{MONEY})|(?P<volume>{WHOLE_VOLUME})|"
    rf"(?P<minutes>(?<![\w.,])[0-9]{{1,5}}(?= ?(?:min\b|mins\b|minutes?\b|分钟|នាទី|นาที)))|"
    rf"(?P<percent>(?<![\w.,])[0-9]{{1,3}}(?= ?%))|(?P<days>(?<=in )[0-9]{{1,3}}(?= days?\b))|"
    rf"(?P<number>(?<![\w.,*#])(?<!-){NUMBER}(?![\w*#]))",
    re.IGNORECASE,
)


@record(frozen=False)
class FigureSpan:
    """A figure in a message: where it stands, of what kind it is, and the place that it gets."""

    start: int
    end: int
    kind: str
    text: str
    before: str
    after: str
    place: str | None = None


def suggestion(text: str, where: tzinfo | None) -> str | None:
    """A template for a message, or None where no figure is sure or the template could not be learnt.

    `where` is the zone of the message's dates.
    """
    sentence = shown(text)
    spans = _spans(sentence)
    _volumes([span for span in spans if span.kind == "volume"], sentence)
    held = [span for span in spans if span.kind == "money" and not _says(span, NOT_HELD)]
    _one(held, "balance", HAS, PRICE)
    ends = [span for span in spans if span.kind == "date" and not _says(span, OTHER_END)]
    _one(ends, "expires", UNTIL, OTHER_DAY)
    _one([span for span in spans if span.kind == "minutes"], "minutes", LEFT, USED)
    for span in spans:
        if span.kind == "percent" and span.place is None:
            role = _role(span, {"percent_left": LEFT, "percent_used": USED})
            span.place = role
        if span.kind == "days" and re.search(rf"\b(?:{UNTIL})\b", span.before, re.IGNORECASE):
            span.place = "days"
    if not any(span.place in DATA for span in spans):
        for span in spans:  # the end of money is not the end of data
            span.place = None if span.place in ("expires", "days") else span.place
    made = _written(sentence, spans)
    return made if _sure(made, text, where) else None


def _spans(sentence: str) -> list[FigureSpan]:
    found: list[FigureSpan] = []
    matches = list(_SPANS.finditer(sentence))
    for place, match in enumerate(matches):
        kind = match.lastgroup or "number"
        if sentence[: match.start()].rstrip(" ").endswith(("-", "−")) and kind in ("volume", "money"):
            kind = "owed"
        left = matches[place - 1].end() if place else 0
        right = matches[place + 1].start() if place + 1 < len(matches) else len(sentence)
        before = _CLAUSE.split(sentence[left : match.start()])[-1]
        after = _CLAUSE.split(sentence[match.end() : right])[0]
        found.append(FigureSpan(match.start(), match.end(), kind, match[0], before, after))
    return found


#: role of a volume → the words that say so
_ROLES: Final = {"remaining": LEFT, "used": USED, "granted": TOTAL}


def _volumes(volumes: list[FigureSpan], sentence: str) -> None:
    """What is left, used and granted: each by words beside it, or by the only such words that the message has."""
    doubtful = [span for span in volumes if _doubtful(span, sentence)]
    for span in volumes:
        elsewhere = re.search(rf"(?:{ELSEWHERE})", f"{span.before[-12:]} {span.after[:12]}", re.IGNORECASE)
        span.place = None if elsewhere or span in doubtful else _role(span, _ROLES)
    if len(volumes) == 1 and volumes[0].place is None and not doubtful:
        said = [role for role in ("remaining", "used") if re.search(_word(_ROLES[role]), sentence, re.IGNORECASE)]
        volumes[0].place = said[0] if len(said) == 1 else None
    _only_sure(volumes)


def _doubtful(span: FigureSpan, sentence: str) -> bool:
    """Whether a volume is offered, has a price, or is only a bound of what there is."""
    clause = _CLAUSE.split(sentence[: span.start])[-1]
    priced = rf"[^.;!?]{{0,20}}\b(?:for|à|für|por|per|за|only) ?{MONEY}"
    return (
        re.search(_word(f"{OFFER}|{BOUND}"), clause, re.IGNORECASE) is not None
        or re.match(priced, sentence[span.end :], re.IGNORECASE) is not None
    )


def _only_sure(volumes: list[FigureSpan]) -> None:
    """Take places away where two figures claim one, where a bonus is beside, and where nothing says what is there."""
    claimed = [span.place for span in volumes]
    bonus = any(
        span.place is None and re.search(_word("bonus"), span.after[:12], re.IGNORECASE) is not None for span in volumes
    )  # it is left too, or it is not: a person says it
    for span in volumes:
        if bonus or claimed.count(span.place) > 1:
            span.place = None
    if not any(span.place in ("remaining", "used") for span in volumes):
        for span in volumes:
            span.place = None


def _says(span: FigureSpan, words: str) -> bool:
    """Whether such a word stands in the clause of a figure."""
    return re.search(_word(words), f"{span.before} \n {span.after}", re.IGNORECASE) is not None


def _one(spans: list[FigureSpan], place: str, words: str, against: str) -> None:
    """The only figure of these that the words speak of gets the place."""
    fitting = [span for span in spans if _role(span, {place: words, "": against}) == place]
    if len(fitting) == 1:
        fitting[0].place = place


def _role(span: FigureSpan, roles: dict[str, str]) -> str | None:
    """The role whose word stands nearest to the figure in its clause; None where none does, or two as near."""
    near: list[tuple[int, str]] = []
    for role, words in roles.items():
        distances = [len(span.before) - found.end() for found in re.finditer(_word(words), span.before, re.IGNORECASE)]
        distances += [found.start() for found in re.finditer(_word(words), span.after, re.IGNORECASE)]
        if distances:
            near.append((min(distances), role))
    near.sort()
    if not near or (len(near) > 1 and near[0][0] == near[1][0]):
        return None
    return near[0][1] or None


def _word(words: str) -> str:
    """Whole words where a script has them."""
    latin = [word for word in words.split("|") if word[:1].isascii() or word[:1] in "üéđсо"]
    others = [word for word in words.split("|") if word not in latin]
    return "|".join([rf"(?<!\w)(?:{'|'.join(latin)})(?!\w)", *others])


#: kind of a figure without a sure place → how its text stands in the template
_PLAIN: Final = {"date": "{date}", "instant": "{date}", "money": "{other}"}


def _written(sentence: str, spans: list[FigureSpan]) -> str:
    made, at = "", 0
    for span in spans:
        made += sentence[at : span.start]
        if span.place is not None:
            made += "{" + span.place + "}"
        elif span.kind == "instant" and re.search(DATE, span.text, re.IGNORECASE) is None:
            made += span.text
        elif span.kind == "instant":
            made += re.sub(DATE, "{date}", span.text, flags=re.IGNORECASE)
        elif span.kind in _PLAIN:
            made += _PLAIN[span.kind]
        else:
            made += re.sub(NUMBER, "{number}", span.text)
        at = span.end
    return " ".join((made + sentence[at:]).split())


def _sure(template: str, text: str, where: tzinfo | None) -> bool:
    """Whether it can be learnt, and reads a figure off the message that it was made of."""
    try:
        compiled(template)
    except PatternError:
        return False
    tried = Pattern("tried", (), ("sms", "ussd"), " ".join(template.split()), "balance", "dmy", "en", "", "", "own")
    found = readings(plain(text), None, None, where, (tried,))
    return bool(found) and found[0].figures.any
