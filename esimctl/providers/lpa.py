"""Activation codes, ICCIDs and EIDs: their grammar, their check digits, their masks.

Sources: GSMA SGP.22 section 4.1 (activation code), ITU-T E.118 (ICCID), SGP.29 (EID). An activation code is a bearer
secret until it is used: its `repr` shows no matching id.
"""

import re
from urllib.parse import unquote

from esimctl.values.record import field, record
from esimctl.values.regex import regex
from esimctl.values.sentence import SaidError

#: An activation code has at most this many characters, `LPA:` not counted.
LONGEST = 255

#: Stands where a matching id is hidden.
MASKED = "***"

_HOST = regex(r"(?=.{1,253}\Z)(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z][A-Za-z0-9-]{0,62}\Z")
_MATCHING = regex(r"[A-Za-z0-9-]*\Z")
_OID = regex(r"[0-2](?:\.(?:0|[1-9][0-9]*))+\Z")
_FLAG = regex(r"1?\Z")
_ICCID = regex(r"89[0-9A-F]{16,20}\Z")
_EID = regex(r"[0-9]{32}\Z")

#: what copying and typing leave around and inside a code; none of it is ever part of one
_UNSEEN = regex("[\\s\u00ad\u200b-\u200f\u2060\ufeff]+")
#: a code inside a link: in its query or as its whole, up to what cannot be a part of it
_WITHIN = regex(r"(?:\A|[=/?&:])(?:lpa:)?(1\$[A-Za-z0-9.-]+\$[A-Za-z0-9.$-]*)", re.IGNORECASE)
_ENCODED_AT_MOST = 2  #: a link inside a tracking link is encoded twice

_APPLE = "https://esimsetup.apple.com/esim_qrcode_provisioning?carddata="
_ANDROID = "https://esimsetup.android.com/esim_qrcode_provisioning?carddata="


class ActivationCodeError(SaidError):
    """An activation code that does not follow the grammar; the message never repeats the code."""


@record
class ActivationCode:
    """The parts of an activation code (R-55). `matching_id` is secret and may be empty."""

    host: str
    matching_id: str = field(default="", repr=False)
    oid: str | None = None
    confirmation_required: bool = False

    @classmethod
    def parse(cls, text: str) -> "ActivationCode":
        """Read a code with or without `LPA:` in any case; fields after the fifth are ignored, as the standard says.

        Raises ActivationCodeError naming the part that is wrong, never its value.
        """
        stripped = text.strip()
        body = stripped[4:] if stripped[:4].upper() == "LPA:" else stripped
        if len(body) > LONGEST:
            raise ActivationCodeError("an activation code has at most {longest} characters", longest=LONGEST)
        fields = body.split("$")
        if len(fields) < 3:
            raise ActivationCodeError("an activation code has the form LPA:1$HOST$ID")
        if fields[0] != "1":
            raise ActivationCodeError("an activation code begins with the format number 1")
        oid, flag = (*fields[3:5], "", "")[:2]
        for pattern, value, sentence in (
            (_HOST, fields[1], "the server of an activation code is a bare host name"),
            (_MATCHING, fields[2], "the matching id of an activation code has letters, digits and hyphens only"),
            (_OID, oid or "1.0", "the fourth field of an activation code is an object identifier or empty"),
            (_FLAG, flag, "the fifth field of an activation code is 1 or empty"),
        ):
            if not pattern.match(value):
                raise ActivationCodeError(sentence)
        return cls(fields[1], fields[2], oid or None, flag == "1")

    @classmethod
    def handed(cls, text: str) -> "ActivationCode":
        """Read a code as people have it (R-54, R-55): an e-mailed, Apple or Android link, encoded once or twice, in
        quotes or blanks, behind a byte order mark. ActivationCodeError like `parse`.
        """
        bare = _UNSEEN.sub("", text).strip("<>\"'«»“”‘’")
        for _ in range(_ENCODED_AT_MOST):
            if "%" in bare:
                bare = unquote(bare, errors="replace")
        found = _WITHIN.search(bare)
        if found is None and "://" in bare:
            raise ActivationCodeError(
                "that link holds no activation code: open it, and take the code (LPA:1$…) from the page"
            )
        return cls.parse(bare if found is None else found[1])

    @property
    def text(self) -> str:
        """The code as a QR code carries it, with the `LPA:` prefix and no empty fields at its end."""
        fields = ["1", self.host, self.matching_id, self.oid or "", "1" if self.confirmation_required else ""]
        while not fields[-1] and len(fields) > 3:
            fields.pop()
        return "LPA:" + "$".join(fields)

    def masked(self) -> "ActivationCode":
        """The code with its secret part hidden: what may be shown and logged; it cannot be parsed again."""
        return ActivationCode(self.host, MASKED if self.matching_id else "", self.oid, self.confirmation_required)


def code_in(text: str | None) -> str | None:
    """The activation code that a vendor's field holds; None for a picture, for nothing and for anything else."""
    try:
        return None if text is None else ActivationCode.parse(text).text
    except ActivationCodeError:
        return None


def apple_url(code: ActivationCode) -> str:
    """The one-tap link of iOS 17.4 and newer, percent-encoded. As secret as the code."""
    return _APPLE + _encoded(code.text)


def android_url(code: ActivationCode) -> str:
    """The one-tap link of Android 10 and newer, where the device follows it. As secret as the code."""
    return _ANDROID + _encoded(code.text)


def _encoded(text: str) -> str:
    """Percent-encoding of what an activation code can hold beside letters, digits, `-` and `.`."""
    return text.replace(":", "%3A").replace("$", "%24")


def luhn_digit(digits: str) -> str:
    """The check digit that makes `digits` plus it pass Luhn's test."""
    return str(-_luhn_sum(digits + "0") % 10)


def luhn_valid(digits: str) -> bool:
    """Whether a string of digits passes Luhn's test."""
    return digits.isascii() and digits.isdigit() and _luhn_sum(digits) % 10 == 0


def _luhn_sum(digits: str) -> int:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total


def valid_iccid(text: str) -> bool:
    """Whether a string can be an ICCID: 18 to 22 digits that begin with 89, also padded, in groups or hexadecimal.

    Some operators count in hexadecimal digits behind their prefix.
    A wrong check digit is common in vendors' data and only worth a warning: ask `luhn_valid`.
    """
    return bool(_ICCID.match(plain_iccid(text)))


def plain_iccid(text: str) -> str:
    """An ICCID without the blanks, dots and hyphens of a printed card, and without the F that pads it."""
    return re.sub(r"[\s.-]", "", text).upper().rstrip("F")


def same_iccid(one: str | None, other: str | None) -> bool:
    """Whether both are there and the same number, however each is written."""
    return one is not None and other is not None and plain_iccid(one) == plain_iccid(other)


def make_iccid(issuer: str, account: int) -> str:
    """A 19-digit ICCID of ours: the issuer's prefix, the account number, the check digit."""
    body = issuer + str(account).zfill(18 - len(issuer))
    if len(body) != 18 or not valid_iccid(body + "0"):
        raise ValueError("an issuer begins with 89 and leaves room for the account number")
    return body + luhn_digit(body)


def valid_eid(text: str) -> bool:
    """Whether 32 digits are an EID: as a number it leaves 1 when divided by 97."""
    return bool(_EID.match(text)) and int(text) % 97 == 1


def mask(digits: str) -> str:
    """First six and last four characters of an ICCID, EID or number; all of a short one is hidden."""
    if len(digits) <= 10:
        return "*" * len(digits)
    return digits[:6] + "*" * (len(digits) - 10) + digits[-4:]
