"""Takes what can be used by whoever reads it out of bytes that are kept: credentials, activation codes, PINs, tokens.

Credentials are known (`secrecy`). The rest is found by its form (an activation code in plain text, in JSON or
percent-encoded) and by the names that providers give to such fields, after the escapes of JSON that need not be there
were taken off: evidence says what was said, and can be parsed as what was sent. What names an order or a line (order
numbers, ICCIDs) stays: support needs it.
"""

import re
from collections.abc import Iterable
from typing import Final

from esimctl.secrecy import MASK, without, without_known

#: names of fields whose value is a secret, lower case, without `_` and `-`
_NAMES: Final = (
    "ac",
    "activationcode",
    "qrcode",
    "qrcodedata",
    "qrcodeurl",
    "qrcodeinstallation",
    "manualinstallation",
    "appleinstallationurl",
    "directappleinstallationurl",
    "androidinstallationurl",
    "matchingid",
    "lpa",
    "shorturl",
    "confirmationcode",
    "accesscode",
    "pin",
    "pin1",
    "pin2",
    "puk",
    "puk1",
    "puk2",
    "token",
    "accesstoken",
    "refreshtoken",
    "idtoken",
    "clientsecret",
    "secret",
    "secretkey",
    "apikey",
    "password",
    "authorization",
    "signature",
)
_NAMED: Final = "|".join("[-_]?".join(name) for name in _NAMES)
#: a JSON field of such a name with a text or a number; and the same in JSON that is itself a text
_JSON: Final = re.compile(rf'("(?:{_NAMED})"\s*:\s*)(?:"(?:[^"\\]|\\.)*"|-?\d+)', re.IGNORECASE | re.DOTALL)
_NESTED: Final = re.compile(rf'(\\"(?:{_NAMED})\\"\s*:\s*\\").*?(?=\\")', re.IGNORECASE | re.DOTALL)
#: the same where the answer was cut in the middle of the value
_CUT: Final = re.compile(rf'("(?:{_NAMED})"\s*:\s*")(?:[^"\\]|\\.)*\\?\Z', re.IGNORECASE | re.DOTALL)
#: `name=value` of forms and addresses
_FORM: Final = re.compile(rf"((?:^|[?&;\s\"'])(?:{_NAMED})=)[^&\s\"'<>]+", re.IGNORECASE)
#: an activation code wherever it stands
_CODE: Final = re.compile(
    r"(?:LPA(?::|%3A|\\u003a)|\b)1(?:\$|%24|\\u0024)[A-Za-z0-9.-]+(?:\$|%24|\\u0024)[^\s\"'<>&,;\\]*", re.IGNORECASE
)
#: in JSON, an escape of a character that needs none, or any other one
_ESCAPE: Final = re.compile(r"\\(?:u00([2-7][0-9a-fA-F])|(.))", re.DOTALL)
_BEARER: Final = re.compile(r"(Bearer\s+)[^\s\"'<>]+", re.IGNORECASE)


def without_secrets(text: str, codes: Iterable[str] = ()) -> str:
    """The text with every secret masked, and with these codes; the rest says what it said."""
    text = without(without_known(text), codes)
    text = _ESCAPE.sub(_needed, text) if "\\" in text else text
    text = _JSON.sub(rf'\g<1>"{MASK}"', text)
    text = _NESTED.sub(rf"\g<1>{MASK}", text)
    text = _CUT.sub(rf"\g<1>{MASK}", text)
    text = _CODE.sub(MASK, text)
    text = _FORM.sub(rf"\g<1>{MASK}", text)
    return _BEARER.sub(rf"\g<1>{MASK}", text)


def _needed(escape: re.Match[str]) -> str:
    """What JSON can say without an escape is said without one."""
    plain = chr(int(escape[1], 16)) if escape[1] else escape[2] if escape[2] == "/" else None
    return escape[0] if plain is None or plain in '"\\' else plain


def masked_body(body: bytes, codes: Iterable[str] = ()) -> bytes:
    """A raw answer with every secret masked; bytes that are no text survive as they are."""
    return without_secrets(body.decode("utf-8", "surrogateescape"), codes).encode("utf-8", "surrogateescape")
