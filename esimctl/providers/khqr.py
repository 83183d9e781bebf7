"""KHQR, the National Bank of Cambodia's payment code: read off a picture by zbarimg, and checked.

EMVCo merchant-presented mode with the bank's own tags: 29 or 30 the payee, 64 Khmer names, 99 created and expires in
milliseconds. A length counts characters, the checksum (CRC-16/CCITT-FALSE) the octets of UTF-8. Individuals and
merchants are the same to us: somebody to whom money goes.
"""

import re
import subprocess
from binascii import crc_hqx
from datetime import UTC, datetime
from hashlib import md5

from esimctl.errors import ConfigurationError, UsageError
from esimctl.values.money import EXPONENTS, Money
from esimctl.values.record import record
from esimctl.values.sentence import Raw, SaidError, Sentence
from esimctl.values.text import is_clean

LONGEST = 512

CURRENCIES = {"116": "KHR", "840": "USD"}

STATIC, DYNAMIC = "11", "12"

#: the additional data of tag 62 that we read
EXTRAS = {"01": "bill", "02": "mobile", "03": "store", "07": "terminal", "08": "purpose"}

_AMOUNT = re.compile(r"[0-9]{1,13}(?:\.[0-9]{1,2})?\Z", re.ASCII)

_ACCOUNT = re.compile(r"[^\s@]{1,31}@[^\s@]{1,31}\Z")

_MILLIS = re.compile(r"[0-9]{13}\Z", re.ASCII)


class KhqrError(SaidError):
    """A text that is no KHQR code, or a code that may not be; the message says which part."""


@record
class Khqr:
    """A code's content. `amount` is None where the payer types it; `expires` None in a static code."""

    account: str
    name: str
    city: str
    currency: str
    dynamic: bool
    amount: Money | None = None
    merchant: bool = False
    merchant_id: str | None = None
    account_info: str | None = None
    bank: str | None = None
    category: str = "5999"
    bill: str | None = None
    mobile: str | None = None
    store: str | None = None
    terminal: str | None = None
    purpose: str | None = None
    name_km: str | None = None
    city_km: str | None = None
    created: datetime | None = None
    expires: datetime | None = None


def decode(text: str) -> Khqr:
    """Read a code strictly; KhqrError for a wrong checksum, form or value."""
    text = text.strip()
    if not 20 <= len(text) <= LONGEST or any(ord(c) > 0xFFFF for c in text):
        raise KhqrError("this is not a KHQR code")
    tags = split(text)
    if list(tags)[-1:] != ["63"] or tags.get("00") != "01":
        raise KhqrError("this is not a KHQR code")
    if tags["63"] != checksum(text[:-4]):
        raise KhqrError("the checksum is wrong: the code was changed or not read in full")
    if ("29" in tags) == ("30" in tags):
        raise KhqrError("the code names no payee, or two")
    if tags.get("01", STATIC) not in (STATIC, DYNAMIC):
        raise KhqrError("the code is neither static nor dynamic")
    return _content(tags)


def _content(tags: dict[str, str]) -> Khqr:
    merchant, dynamic = "30" in tags, tags.get("01", STATIC) == DYNAMIC
    payee = split(tags["30" if merchant else "29"])
    extra, khmer, times = (split(tags.get(tag, "")) for tag in ("62", "64", "99"))
    currency = CURRENCIES.get(tags.get("53", ""))
    if currency is None:
        raise KhqrError("the currency is neither KHR nor USD")
    if tags.get("58") != "KH":
        raise KhqrError("the payee is not in Cambodia")
    made = Khqr(
        account=payee.get("00", ""),
        name=_text(tags.get("59"), "name", 25) or "",
        city=_text(tags.get("60"), "city", 15) or "",
        currency=currency,
        dynamic=dynamic,
        amount=_amount(tags.get("54"), currency),
        merchant=merchant,
        merchant_id=_text(payee.get("01"), "merchant id", 32) if merchant else None,
        account_info=None if merchant else _text(payee.get("01"), "account", 32),
        bank=_text(payee.get("02"), "bank", 32),
        category=tags.get("52", ""),
        name_km=_text(khmer.get("01"), "name", 25),
        city_km=_text(khmer.get("02"), "city", 15),
        created=_instant(times.get("00")),
        expires=_instant(times.get("01")),
        **{field: _text(extra.get(tag), field, 25) for tag, field in EXTRAS.items()},
    )
    check(made)
    return made


def check(code: Khqr) -> None:
    """What must hold of every code; KhqrError names the part."""
    if not _ACCOUNT.match(code.account) or not is_clean(code.account):
        raise KhqrError("the account must look like name@bank")
    if not code.name or not code.city:
        raise KhqrError("the payee's name or city is missing")
    if not re.fullmatch(r"[0-9]{4}", code.category, re.ASCII):
        raise KhqrError("the category has four digits")
    if code.dynamic and (code.amount is None or code.created is None or code.expires is None):
        raise KhqrError("a dynamic code states an amount, when it was made and when it expires")
    if code.amount is not None and (code.amount.minor <= 0 or code.amount.currency != code.currency):
        raise KhqrError("the amount is not positive, or in another currency")


def checksum(body: str) -> str:
    """CRC-16/CCITT-FALSE over everything up to and with `6304`, four capital digits."""
    return f"{crc_hqx(body.encode(), 0xFFFF):04X}"


def key(text: str) -> str:
    """The name under which the bank finds a payment: MD5 of the whole code (their choice, no secret depends on it)."""
    return md5(text.strip().encode(), usedforsecurity=False).hexdigest()


def split(text: str) -> dict[str, str]:
    """Tag → value of one level; a tag twice, or a length that does not fit, is no code."""
    found: dict[str, str] = {}
    place = 0
    while place < len(text):
        head = text[place : place + 4]
        if not re.fullmatch(r"[0-9]{4}", head, re.ASCII):
            raise KhqrError("this is not a KHQR code")
        length = int(head[2:])
        value = text[place + 4 : place + 4 + length]
        if len(value) < length or not value or head[:2] in found:
            raise KhqrError("a part of the code is cut, empty or doubled")
        found[head[:2]] = value
        place += 4 + length
    return found


def _text(value: str | None, what: str, most: int) -> str | None:
    if value is not None and (not is_clean(value) or len(value) > most):
        raise KhqrError("the {what} cannot be shown or is too long", what=Sentence(what))
    return value


def _amount(text: str | None, currency: str) -> Money | None:
    if text is None:
        return None
    digits = EXPONENTS[currency]
    whole, _, part = text.partition(".")
    if not _AMOUNT.match(text) or len(part.rstrip("0")) > digits:
        raise KhqrError("the amount is none: whole riel, or dollars with two decimals")
    return Money(int(whole + part[:digits].ljust(digits, "0")), currency)


def _instant(text: str | None) -> datetime | None:
    if text is None:
        return None
    if not _MILLIS.match(text):
        raise KhqrError("an instant has thirteen digits")
    seconds, millis = divmod(int(text), 1000)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=millis * 1000)


SECONDS = 20.0


def read_picture(path: str) -> str:
    """The text of the one QR code in a picture; UsageError where there is none or several."""
    command = ["zbarimg", "--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", f"./{path}" if path[:1] == "-" else path]
    try:
        done = subprocess.run(command, capture_output=True, timeout=SECONDS, check=False, stdin=subprocess.DEVNULL)  # noqa: S603
    except FileNotFoundError:
        raise ConfigurationError(
            "zbarimg, which reads QR codes in pictures, is not installed",
            hint="install zbar-tools, or paste the code's text",
            code="zbar_missing",
        ) from None
    except subprocess.TimeoutExpired:
        raise UsageError("{path} could not be read in time", code="cannot_read", path=Raw(path)) from None
    texts = [line for line in done.stdout.decode("utf-8", "replace").splitlines() if line]
    if done.returncode != 0 or len(texts) != 1:
        what = Sentence("more than one QR code") if texts else Sentence("no QR code")
        raise UsageError("{path} holds {what}", code="no_qr_code", path=Raw(path), what=what)
    return texts[0]
