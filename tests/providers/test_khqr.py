"""KHQR: the National Bank's published codes, every code that a seller can write, and every single change found out."""

import string
from binascii import crc_hqx
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from esimctl.providers.khqr import CURRENCIES, DYNAMIC, EXTRAS, STATIC, Khqr, KhqrError, checksum, decode, key
from esimctl.values.money import Money
from esimctl.values.record import replace

#: From the test suite of the National Bank's own SDK (sdk-javascript 1.0.20, ISC), decode tests.
INDIVIDUAL = (
    "00020101021229460015john_smith@devb0111855122334550208Dev Bank52045999530384054031005802KH5910John Smith6010PHNOM"
    " PENH62670106#123450211855122334550311Coffee Shop0709Cashier_10810Buy coffee64280002km0108ចន ស្មីន0206ភ្នំពញ"
    "993400131726821915797011317268220357976304B73E"
)
MERCHANT = (
    "00020101021230350009khqr@devb01061234560208Dev Bank52045999530384054031005802KH5910John Smith6010PHNOM PENH"
    "62670106#123450211855122334550311Coffee Shop0709Cashier_10810Buy coffee64280002km0108ចន ស្មីន0206ភ្នំពញ"
    "993400131726822962612011317268230826126304A560"
)
NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)


def written(code: Khqr) -> str:
    """The text of a code in the order of the bank's own writer, with the right checksum; whatever it says."""

    def joined(tags: dict[str, str | None]) -> str:
        return "".join(f"{tag}{len(value):02d}{value}" for tag, value in tags.items() if value)

    def millis(moment: datetime | None) -> str | None:
        return None if moment is None else f"{round(moment.timestamp() * 1000):013d}"

    second = code.merchant_id if code.merchant else code.account_info
    numbers = {word: number for number, word in CURRENCIES.items()}
    amount = None if code.amount is None else str(code.amount.as_json()["amount"]).removesuffix(".00")
    return resealed(joined({
        "00": "01", "01": DYNAMIC if code.dynamic else STATIC,
        "30" if code.merchant else "29": joined({"00": code.account, "01": second, "02": code.bank}),
        "52": code.category, "53": numbers[code.currency], "54": amount,
        "58": "KH", "59": code.name, "60": code.city,
        "62": joined({tag: getattr(code, field) for tag, field in EXTRAS.items()}),
        "64": joined({"00": "km", "01": code.name_km, "02": code.city_km}) if code.name_km else None,
        "99": joined({"00": millis(code.created), "01": millis(code.expires)}) if code.dynamic else None,
    }))  # fmt: skip


def resealed(body: str) -> str:
    """A body with the right checksum, so that only its content can be refused."""
    return body + "6304" + checksum(body + "6304")


@pytest.mark.parametrize("text", [INDIVIDUAL, MERCHANT])
def test_the_banks_own_codes_are_read(text: str) -> None:
    code = decode(text)
    assert (code.name, code.city, code.name_km, code.city_km) == ("John Smith", "PHNOM PENH", "ចន ស្មីន", "ភ្នំពញ")
    assert code.amount == Money(100_00, "USD")
    assert (code.bill, code.store, code.terminal, code.purpose) == ("#12345", "Coffee Shop", "Cashier_1", "Buy coffee")
    assert code.dynamic
    assert written(code) == text


def test_individual_and_merchant() -> None:
    one, other = decode(INDIVIDUAL), decode(MERCHANT)
    assert (one.account, one.merchant, one.account_info) == ("john_smith@devb", False, "85512233455")
    assert (other.account, other.merchant, other.merchant_id) == ("khqr@devb", True, "123456")
    assert one.expires == datetime(2024, 9, 20, 8, 47, 15, 797_000, tzinfo=UTC)


def test_the_checksum_is_the_one_of_the_standard() -> None:
    """CRC-16/CCITT-FALSE of the standard's check word."""
    assert checksum("123456789") == "29B1"
    assert f"{crc_hqx('ចន'.encode(), 0xFFFF):04X}" == checksum("ចន")


def test_every_single_change_is_found_out() -> None:
    """No character can be another one: the checksum, or the form, says so."""
    for place, old in enumerate(INDIVIDUAL):
        new = "7" if old != "7" else "8"
        with pytest.raises(KhqrError):
            decode(INDIVIDUAL[:place] + new + INDIVIDUAL[place + 1 :])


@pytest.mark.parametrize(
    "text", ["", "hello", "0" * 600, INDIVIDUAL[:-1], INDIVIDUAL[:80], INDIVIDUAL + "9902xx", "😀" * 30]
)
def test_what_is_no_code(text: str) -> None:
    with pytest.raises(KhqrError):
        decode(text)


WORD = st.text(string.ascii_letters + string.digits + "-", min_size=1, max_size=12)
NAME = st.text("ABCDEFGHIJKL mnopqrចនស្ភំ0123456789'.-", min_size=1, max_size=25).map(str.strip).filter(bool)


@st.composite
def codes(draw: st.DrawFn) -> Khqr:
    """Any code that a seller may write."""
    currency = draw(st.sampled_from(["KHR", "USD"]))
    dynamic, merchant = draw(st.booleans()), draw(st.booleans())
    amount = Money(draw(st.integers(1, 10**9)), currency) if dynamic or draw(st.booleans()) else None
    created = NOW + timedelta(milliseconds=draw(st.integers(0, 10**9)))
    return Khqr(
        account=f"{draw(WORD)}@{draw(WORD)}",
        name=draw(NAME),
        city=draw(NAME)[:15].strip() or "PP",
        currency=currency,
        dynamic=dynamic,
        amount=amount,
        merchant=merchant,
        merchant_id=draw(WORD) if merchant else None,
        account_info=None if merchant else draw(st.none() | WORD),
        bank=draw(st.none() | WORD),
        bill=draw(st.none() | WORD),
        purpose=draw(st.none() | WORD),
        name_km=draw(st.none() | st.just("ចន ស្មីន")),
        created=created if dynamic else None,
        expires=created + timedelta(minutes=5) if dynamic else None,
    )


@settings(max_examples=200, deadline=None)
@given(codes())
def test_what_is_written_is_read_again(code: Khqr) -> None:
    text = written(code)
    assert decode(text) == code
    assert text[-4:] == f"{crc_hqx(text[:-4].encode(), 0xFFFF):04X}"
    assert len(key(text)) == 32


@pytest.mark.parametrize(
    "changed",
    [
        {"account": "no-at-sign"},
        {"account": "two@at@signs"},
        {"name": ""},
        {"city": ""},
        {"name": "x" * 26},
        {"city": "x" * 16},
        {"amount": None},
        {"amount": Money(0, "USD")},
        {"expires": None},
        {"bill": "x" * 26},
        {"name": "a\u202eb"},
        {"category": "12"},
    ],
)
def test_what_no_code_may_say(changed: dict[str, object]) -> None:
    good = Khqr("a@b", "Name", "City", "USD", dynamic=True, amount=Money(100, "USD"), created=NOW, expires=NOW)
    assert decode(written(good)) == good
    with pytest.raises(KhqrError):
        decode(written(replace(good, **changed)))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("5303840", "5303156"),
        ("5802KH", "5802CN"),
        ("5403100", "54051.555"),
        ("5403100", "5403abc"),
        ("010212", "010299"),
        ("5910John Smith", "5910John\u200bSmit"),
    ],
)
def test_wrong_content_under_a_right_checksum(old: str, new: str) -> None:
    body = INDIVIDUAL[:-8].replace(old, new, 1)
    assert body != INDIVIDUAL[:-8]
    with pytest.raises(KhqrError):
        decode(resealed(body))


def test_fractions_of_a_riel_are_no_amount() -> None:
    body = INDIVIDUAL[:-8].replace("5303840", "5303116", 1).replace("5403100", "5403100", 1)
    assert decode(resealed(body)).amount == Money(100, "KHR")
    with pytest.raises(KhqrError):
        decode(resealed(body.replace("5403100", "54051.500"[:4] + "1.500", 1)[: len(body) + 2]))
