"""Values as people type them, put into the one spelling that the program reads: `５．５ ｇｂ` is `5.5GB`.

Used at the border only: for options, answers and the cells of tables that people fill in. Files of ours and what
providers answer are read strictly.
"""

import re
import unicodedata
from typing import Final

from esimctl.values.money import EXPONENTS, Money, MoneyError
from esimctl.values.regex import regex
from esimctl.values.sentence import Raw
from esimctl.values.volume import Unlimited, VolumeError, parse_volume

_POINTS: Final = regex(r"(?<=[0-9])[。．](?=[0-9])")

#: invisible characters that input methods and copied text leave behind
_INVISIBLE: Final = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff"))

#: Khmer spells some words with either of two signs that look alike
_ALIKE: Final = str.maketrans({"ដ": "ត"})

_CURRENCIES: Final = {
    **{code.casefold(): code for code in EXPONENTS},
    **dict.fromkeys(("$", "us$", "$us", "dollar", "dollars", "美元", "美金", "ដុល្លារ"), "USD"),
    **dict.fromkeys(("៛", "riel", "riels", "瑞尔", "រៀល"), "KHR"),
    **dict.fromkeys(("฿", "baht", "泰铢", "บาท"), "THB"),
    **dict.fromkeys(("€", "欧元"), "EUR"),
    **dict.fromkeys(("£", "英镑"), "GBP"),
    **dict.fromkeys(("人民币", "rmb"), "CNY"),
    **dict.fromkeys(("hk$", "港币", "港元"), "HKD"),
    **dict.fromkeys(("s$", "新币"), "SGD"),
}

#: words that more than one currency goes by
_AMBIGUOUS: Final = {
    "元": "5CNY or 5USD",
    "块": "5CNY or 5USD",
    "块钱": "5CNY or 5USD",
    "刀": "5USD or 5AUD",
    "¥": "5CNY or 5JPY",
}

_UNITS: Final = {
    **dict.fromkeys(("b", "字节"), "B"),
    **dict.fromkeys(("k", "kb"), "KB"),
    **dict.fromkeys(("m", "mb", "兆", "មេហ្គាបៃ", "មេកាបៃ"), "MB"),
    **dict.fromkeys(("g", "gb", "ជីហ្គាបៃ", "ជីកាបៃ"), "GB"),
    **dict.fromkeys(("t", "tb"), "TB"),
    **{unit.casefold(): unit for unit in ("KiB", "MiB", "GiB", "TiB")},
}

_UNLIMITED: Final = frozenset({"unlimited", "不限", "不限量", "无限", "គ្មានដែនកំណត់"})

_SPANS: Final = {
    **dict.fromkeys(("天", "日", "ថ្ងៃ"), "days"),
    **dict.fromkeys(("周", "星期", "礼拜", "សប្តាហ៍"), "weeks"),
    **dict.fromkeys(("个月", "月", "ខែ"), "months"),
    **dict.fromkeys(("年", "ឆ្នាំ"), "years"),
    **dict.fromkeys(("小时", "个小时", "钟头", "ម៉ោង"), "hours"),
    **dict.fromkeys(("分钟", "分", "នាទី"), "minutes"),
    **dict.fromkeys(("秒", "វិនាទី"), "s"),
}

_NUMBER: Final = r"[0-9][0-9.,]*"
_AMOUNT: Final = regex(rf"([^0-9.,+-]*?) ?({_NUMBER}) ?([^0-9.,+-]*)")


def plain(text: str) -> str:
    """What an input method produced, in plain letters and digits: full width, digits of any script, 。 as a point.

    Spaces are single and none is at an end. A text with fractions or raised figures stays as it is: `5²` is not 52.
    """
    if text.isascii():
        return " ".join(text.split())
    if any(unicodedata.category(character) == "No" for character in text):
        return text.strip()
    text = unicodedata.normalize("NFKC", text.translate(_INVISIBLE))
    text = "".join(
        str(unicodedata.decimal(character)) if unicodedata.category(character) == "Nd" else character
        for character in text
    )
    return " ".join(_POINTS.sub(".", text).split())


def _word(text: str) -> str:
    return text.strip().casefold().translate(_ALIKE)


def _known(words: dict[str, str], text: str) -> str | None:
    """The value of a word in a table; Khmer spellings that look alike are one."""
    found = words.get(text.strip().casefold())
    if found is not None or text.isascii():
        return found
    return next((value for word, value in words.items() if _word(word) == _word(text)), None)


def money_of(text: str) -> Money:
    """`5usd`, `US$5`, `5美元` or `20,000 រៀល` as money; MoneyError says why another text is none."""
    said = plain(text)
    if is_number(said):
        raise MoneyError("{text} needs a currency, for example {example}", text=Raw(said), example=Raw(f"{said}USD"))
    before, number, after = _parts(said) or ("", "", "")
    currency = _one_currency(said, before, after)
    if currency is None:
        return Money.parse(said)  # says what is wrong with it
    return Money.parse(f"{_decimal(text, number, currency)}{currency}")


def money_in(text: str, currency: str) -> Money:
    """A number without a currency as money of that currency; anything else as `money_of`."""
    said = plain(text)
    return money_of(f"{said}{currency}") if is_number(said) else money_of(text)


def is_number(text: str) -> bool:
    """Whether a text is a number alone, without a unit or a currency."""
    return re.fullmatch(_NUMBER, plain(text)) is not None


def _parts(said: str) -> tuple[str, str, str] | None:
    found = _AMOUNT.fullmatch(said)
    return None if found is None else (found[1].strip(), found[2], found[3].strip())


def _one_currency(said: str, before: str, after: str) -> str | None:
    """The currency that is named before the number, after it, or alike on both sides."""
    for word in (before, after):
        if word in _AMBIGUOUS:
            raise MoneyError(
                "{text}: {word} can be more than one currency; write it as in {examples}",
                text=Raw(said),
                word=Raw(word),
                examples=Raw(_AMBIGUOUS[word]),
            )
    named = {_known(_CURRENCIES, word) for word in (before, after) if word}
    return named.pop() if len(named) == 1 else None


def _decimal(text: str, number: str, currency: str | None = None) -> str:
    """A number with a point. A comma before one or two digits is a point; before three it could be either.

    MoneyError where both readings are possible; riel have no decimals, so that their commas stand between thousands.
    """
    if "," not in number:
        return number
    thousands = re.fullmatch(r"[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?", number) is not None
    if thousands and (currency is not None and not EXPONENTS[currency]):
        return number.replace(",", "")
    if thousands and (number.count(",") > 1 or "." in number):
        return number.replace(",", "")
    written = plain(text)
    if thousands:
        raise MoneyError(
            "{text} can be {one} or {other}: write it without a comma",
            text=Raw(written),
            one=Raw(written.replace(number, number.replace(",", "."))),
            other=Raw(written.replace(number, number.replace(",", ""))),
        )
    if re.fullmatch(r"[0-9]+,[0-9]{1,2}", number):
        return number.replace(",", ".")
    raise MoneyError("{text} is not a number", text=Raw(written))


def volume_of(text: str) -> int | Unlimited:
    """`5gb`, `5,5 GB`, `5G`, `500 兆` or `unlimited` as octets; VolumeError says why another text is none."""
    said = plain(text)
    if any(_word(said) == _word(word) for word in _UNLIMITED):
        return parse_volume("unlimited")
    before, number, after = _parts(said) or ("", "", "")
    unit = _known(_UNITS, after) if after and not before else None
    if unit is None:
        if is_number(said):
            raise VolumeError("{text} needs a unit, for example {example}", text=Raw(said), example=Raw(f"{said}GB"))
        return parse_volume(said)  # says what is wrong with it
    try:
        return parse_volume(f"{_decimal(text, number)}{unit}")
    except MoneyError as error:
        raise VolumeError(error.said.template, **error.said.params) from None


def span_of(text: str) -> str:
    """`10 天` or `3 ខែ` as `10 days` or `3 months`; a text that is no such length comes back as it is."""
    said = plain(text)
    before, number, after = _parts(said) or ("", "", "")
    unit = _known(_SPANS, after) if after and not before else None
    return said if unit is None else f"{number} {unit}"
