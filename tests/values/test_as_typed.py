"""Amounts, volumes, lengths and answers as people and their input methods write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from esimctl.values.answers import answer
from esimctl.values.as_typed import is_number, money_in, money_of, plain, span_of, volume_of
from esimctl.values.countries import country_of
from esimctl.values.moments import parse_duration
from esimctl.values.money import EXPONENTS, Money, MoneyError
from esimctl.values.volume import VolumeError, exact_volume

FIVE = (
    "5USD", "5usd", "5 USD", "5.00 usd", "US$5", "us$ 5", "$5", "5$", "usd5", "5美元", "5 美金", "５ＵＳＤ",
    "５．００美元", "៥USD", "5。00 USD", "5,00 USD", "5,0usd",
    "5 dollars", "5 ដុល្លារ", "＄５", "5\u3000USD", "5\u200bUSD",
    "US$5 USD",
)  # fmt: skip


@pytest.mark.parametrize("text", FIVE)
def test_five_dollars(text: str) -> None:
    assert money_of(text) == Money(500, "USD")


@pytest.mark.parametrize(
    "text", ["20000KHR", "20,000 KHR", "២០០០០៛", "20000 瑞尔", "20,000រៀល", "２０，０００៛", "៛20000"]
)
def test_twenty_thousand_riel(text: str) -> None:
    """Riel have no decimals: their commas stand between thousands."""
    assert money_of(text) == Money(20_000, "KHR")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("5元", "can be more than one currency"),
        ("5块", "5CNY or 5USD"),
        ("5刀", "can be more than one currency"),
        ("¥5", "5CNY or 5JPY"),
        ("5", "5 needs a currency, for example 5USD"),
        ("1,234 USD", "can be 1.234 USD or 1234 USD"),
        ("5.001USD", "USD has at most 2 decimals"),
        ("20.000KHR", "KHR has no decimals"),
        ("1,2345USD", "is not a number"),
        ("5XYZ", "unknown currency"),
        ("$5 KHR", "is not an amount"),
        ("-5USD", "is not an amount"),
        ("5²USD", "is not an amount"),
        ("½USD", "is not an amount"),
        ("", "is not an amount"),
        ("--yes", "is not an amount"),
    ],
)
def test_what_is_no_amount_says_why(text: str, said: str) -> None:
    with pytest.raises(MoneyError) as refused:
        money_of(text)
    assert said in str(refused.value)


def test_thousands_that_can_be_read_in_one_way_only() -> None:
    assert money_of("1,234.50 USD") == Money(123_450, "USD")
    assert money_of("1,234,567 USD") == Money(123_456_700, "USD")


def test_a_number_alone_takes_the_currency_that_it_is_given() -> None:
    assert money_in("5", "USD") == money_in("5,0", "USD") == money_in("５", "USD") == Money(500, "USD")
    assert money_in("20,000", "KHR") == Money(20_000, "KHR")
    assert money_in("5 KHR", "USD") == Money(5, "KHR"), "what was said is not overruled"
    assert is_number("5.5")
    assert not is_number("5USD")
    assert not is_number("five")


@given(st.integers(0, 10**12), st.sampled_from(sorted(EXPONENTS)))
def test_what_is_shown_can_be_typed(minor: int, currency: str) -> None:
    money = Money(minor, currency)
    assert money_of(str(money)) == money_of(str(money).lower()) == money_of(f"{currency} {money.amount}") == money


@pytest.mark.parametrize(
    ("text", "octets"),
    [
        ("5gb", 5 * 10**9), ("5.5 GB", 55 * 10**8), ("5,5GB", 55 * 10**8), ("5G", 5 * 10**9), ("5m", 5 * 10**6),
        ("１０ＧＢ", 10**10), ("១០GB", 10**10), ("500兆", 5 * 10**8), ("500 兆", 5 * 10**8), ("2GiB", 2 << 30),
        ("5。5GB", 55 * 10**8), ("1,234,567KB", 1_234_567_000), ("٥GB", 5 * 10**9), ("10 ជីហ្គាបៃ", 10**10),
    ],
)  # fmt: skip
def test_volumes(text: str, octets: int) -> None:
    assert volume_of(text) == octets


@pytest.mark.parametrize("text", ["unlimited", "Unlimited", "不限", "不限量", "无限"])
def test_data_without_a_number(text: str) -> None:
    assert str(volume_of(text)) == "unlimited"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("5", "5 needs a unit, for example 5GB"),
        ("1,234MB", "can be 1.234MB or 1234MB"),
        ("5 foo", "is not a volume"),
        ("GB", "is not a volume"),
        ("0.3B", "does not come to whole octets"),
        ("-5GB", "is not a volume"),
    ],
)
def test_what_is_no_volume_says_why(text: str, said: str) -> None:
    with pytest.raises(VolumeError) as refused:
        volume_of(text)
    assert said in str(refused.value)


@given(st.integers(1, 10**15))
def test_volumes_that_are_shown_can_be_typed(octets: int) -> None:
    assert volume_of(exact_volume(octets)) == volume_of(exact_volume(octets).lower()) == octets


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("10 天", "10 days"), ("10天", "10d"), ("3个月", "3 months"), ("3 个月", "3 months"), ("2周", "2 weeks"),
        ("1年", "1 year"), ("12小时", "12h"), ("15分钟", "15min"), ("១០ថ្ងៃ", "10 days"), ("2 សប្តាហ៍", "2 weeks"),
        ("2 សប្ដាហ៍", "2 weeks"), ("１２ｈ", "12h"), ("7D", "7d"), ("3 ខែ", "3 months"),
    ],
)  # fmt: skip
def test_lengths(text: str, same: str) -> None:
    assert parse_duration(span_of(text)) == parse_duration(same)


@given(st.text(max_size=40))
def test_plain_text_stays_plain_and_nothing_is_refused_in_an_unforeseen_way(text: str) -> None:
    assert plain(plain(text)) == plain(text)
    for read, wrong in ((money_of, MoneyError), (volume_of, VolumeError)):
        try:
            read(text)
        except wrong:
            pass
    span_of(text)
    answer(text)
    country_of(text)


@pytest.mark.parametrize(
    "text", ["y", "Y", "yes", "ｙ", "是", "是的", "是的。", "好", "好！", "确认", "同意", "បាទ", "ចាស។", "យល់ព្រម"]
)
def test_yes(text: str) -> None:
    assert answer(text) is True


@pytest.mark.parametrize("text", ["", "  ", "n", "No.", "否", "不", "ទេ"])
def test_no(text: str) -> None:
    assert answer(text) is False


@pytest.mark.parametrize("text", ["maybe", "1", "yep", "?", "不好说", "yn"])
def test_neither(text: str) -> None:
    assert answer(text) is None


@pytest.mark.parametrize("text", ["KH", "kh", "cambodia", "Cambodia", "柬埔寨", "កម្ពុជា"])
def test_a_country_by_any_name(text: str) -> None:
    assert country_of(text) == "KH"


def test_no_country() -> None:
    assert [country_of(text) for text in ("narnia", "XX", "H ", " K", "", "KHR")] == [None] * 6
