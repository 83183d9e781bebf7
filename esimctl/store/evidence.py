"""Raw answers of providers, one file an attempt, closed to others, and without secrets that work."""

import json
import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from urllib.parse import quote

from esimctl.malformed import Malformed, parsed
from esimctl.store.files import make_folder, read_bytes, replace
from esimctl.values.record import record
from esimctl.values.regex import regex
from esimctl.values.secrecy import MASK, without, without_known

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
_JSON: Final = regex(rf'("(?:{_NAMED})"\s*:\s*)(?:"(?:[^"\\]|\\.)*"|-?\d+)', re.IGNORECASE | re.DOTALL)

_NESTED: Final = regex(rf'(\\"(?:{_NAMED})\\"\s*:\s*\\").*?(?=\\")', re.IGNORECASE | re.DOTALL)

#: the same where the answer was cut in the middle of the value
_CUT: Final = regex(rf'("(?:{_NAMED})"\s*:\s*")(?:[^"\\]|\\.)*\\?\Z', re.IGNORECASE | re.DOTALL)

#: `name=value` of forms and addresses
_FORM: Final = regex(rf"((?:^|[?&;\s\"'])(?:{_NAMED})=)[^&\s\"'<>]+", re.IGNORECASE)

#: an activation code wherever it stands
_CODE: Final = regex(
    r"(?:LPA(?::|%3A|\\u003a)|\b)1(?:\$|%24|\\u0024)[A-Za-z0-9.-]+(?:\$|%24|\\u0024)[^\s\"'<>&,;\\]*", re.IGNORECASE
)

#: in JSON, an escape of a character that needs none, or any other one
_ESCAPE: Final = regex(r"\\(?:u00([2-7][0-9a-fA-F])|(.))", re.DOTALL)

_BEARER: Final = regex(r"(Bearer\s+)[^\s\"'<>]+", re.IGNORECASE)


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


MOST_BYTES: Final = 1 << 20

KEPT: Final = timedelta(days=90)  #: after the order came to its end

_MASK: Final = b"[taken out]"

_NAME: Final = regex(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}\Z")

#: headers that may be kept; anything else could carry a credential
_HEADERS: Final = frozenset(
    {"content-type", "content-length", "date", "retry-after", "location", "x-request-id", "server"}
)


@record
class Piece:
    """One answer. `status` is None where there was none; `cut` says that the body was longer than MOST_BYTES."""

    order: str
    attempt: int
    status: int | None
    headers: Mapping[str, str]
    body: bytes
    cut: bool


class Evidence:
    """The folder `evidence/` of a profile: `<order>.<attempt>`, a JSON line and then the body, secrets masked."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(
        self,
        order: str,
        attempt: int,
        status: int | None,
        headers: Mapping[str, str],
        body: bytes,
        *,
        codes: Iterable[str] = (),
    ) -> Path:
        """Its bytes are durable when it returns; its name with the next entry. OSError when the disk refuses.

        `codes` are those that the vault has by now: they are taken out wherever they stand, however they are spelled.

        A power cut in between costs a look-up, not an outcome; a further fsync would cost every purchase.
        """
        make_folder(self.folder)
        known = tuple(codes)
        kept = {
            name.lower(): without_secrets(value[:500], known)
            for name, value in headers.items()
            if name.lower() in _HEADERS
        }
        head = {"order": order, "attempt": attempt, "status": status, "headers": kept, "cut": len(body) > MOST_BYTES}
        path = self._path(order, attempt)
        replace(path, json.dumps(head).encode() + b"\n" + masked_body(body[:MOST_BYTES], known), directory=False)
        return path

    def read(self, order: str) -> list[Piece]:
        """Every answer to an order, in order of attempts; a file that makes no sense is passed over."""
        pieces = []
        for path in self._files(order):
            try:
                pieces.append(parsed(_piece, read_bytes(path)))
            except (Malformed, OSError):  # what was said can be asked for again
                continue
        return sorted(pieces, key=lambda piece: piece.attempt)

    def redact(self, order: str, secrets: Iterable[str]) -> int:
        """Take secrets out of an order's evidence, once the vault and the outcome are safe. How many files changed.

        Each secret is looked for as it is, as JSON writes it and as percent-encoding writes it.
        """
        forms = set()
        for secret in filter(None, secrets):
            plain = json.dumps(secret)[1:-1]
            forms |= {secret, plain, plain.replace("/", "\\/"), quote(secret), quote(secret, safe="")}
        changed = 0
        for path in self._files(order):
            before = after = read_bytes(path)
            for form in sorted(forms, key=len, reverse=True):
                after = after.replace(form.encode(), _MASK)
            if after != before:
                replace(path, after, directory=False)
                changed += 1
        return changed

    def orders(self) -> list[str]:
        """The orders of which there is any."""
        files = self.folder.glob("*.*") if self.folder.is_dir() else ()
        return sorted({path.stem for path in files if not path.name.startswith(".")})

    def prune(self, ended: Mapping[str, datetime], now: datetime) -> int:
        """Remove the evidence of orders that ended (order → when) more than KEPT ago. How many files went."""
        gone = 0
        for path in self.folder.glob("*.*") if self.folder.is_dir() else ():
            at = ended.get(path.stem)
            if at is not None and now - at > KEPT and not path.name.startswith("."):
                path.unlink(missing_ok=True)
                gone += 1
        return gone

    def _path(self, order: str, attempt: int) -> Path:
        if not _NAME.match(order) or attempt < 0:
            raise ValueError(f"not the name of an order: {order!r}")
        return self.folder / f"{order}.{attempt}"

    def _files(self, order: str) -> list[Path]:
        if not _NAME.match(order) or not self.folder.is_dir():
            return []
        return [path for path in self.folder.glob(f"{order}.*") if path.suffix[1:].isdigit()]


def _piece(data: bytes) -> Piece:
    head, _, body = data.partition(b"\n")
    table = json.loads(head)
    order, attempt, status, cut = table["order"], table["attempt"], table["status"], table["cut"]
    headers = {str(name): str(value) for name, value in table["headers"].items()}
    if type(attempt) is not int or not (status is None or type(status) is int) or not isinstance(order, str):
        raise Malformed("not a piece of evidence")
    return Piece(order, attempt, status, headers, body, bool(cut))
