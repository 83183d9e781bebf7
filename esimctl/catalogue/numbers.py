"""Telephone numbers of Cambodia: one form for however they are typed, and who probably issued them."""

import re
from collections.abc import Sequence

from esimctl.catalogue.carriers import Carrier, carriers

COUNTRY = "855"

_SPACING = re.compile(r"[ ().\-\u00a0]")
_KHMER_DIGITS = str.maketrans("០១២៣៤៥៦៧៨៩", "0123456789")


def e164(text: str) -> str | None:
    """A number typed with 0, 855 or +855 as `+855…`; a foreign one in full as it is; None for anything else.

    National numbers have 8 or 9 digits without their leading 0.
    """
    digits = _SPACING.sub("", text.strip()).translate(_KHMER_DIGITS)
    if not re.fullmatch(r"\+?[0-9]{6,15}", digits, re.ASCII):
        return None
    if digits.startswith("+") and not digits.startswith("+" + COUNTRY):
        return digits if digits[1] != "0" else None
    for national in (digits.removeprefix("+").removeprefix(COUNTRY), digits):
        national = national.removeprefix("0")
        if len(national) in (8, 9) and national.isdigit() and national[0] != "0":
            return f"+{COUNTRY}{national}"
    return None


def issuers(number: str, among: Sequence[Carrier] | None = None) -> tuple[Carrier, ...]:
    """The carriers whose prefixes a number has, the longest prefix first.

    A guess and no proof: no source knows of number portability, and the lists of prefixes disagree.
    """
    full = e164(number)
    if full is None or not full.startswith("+" + COUNTRY):
        return ()
    national = full.removeprefix("+" + COUNTRY)
    ranked = [
        (len(prefix), carrier)
        for carrier in (carriers() if among is None else among)
        for prefix in carrier.prefixes
        if national.startswith(prefix)
    ]
    return tuple(carrier for _, carrier in sorted(ranked, key=lambda each: -each[0]))
