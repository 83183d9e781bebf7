"""A request and a reply as the faces see them, and the JSON they speak: amounts leave as exact decimals."""

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from enum import Enum
from typing import Any
from urllib.parse import parse_qs, urlsplit

from esimctl.malformed import Malformed
from esimctl.providers.strict_json import decode
from esimctl.values.record import field, record


class Silence(Enum):
    """What a client gets instead of an answer."""

    HELD = "held"  #: the connection stays open and nothing comes
    CUT = "cut"  #: the connection is reset


@record
class Reply:
    """An answer: a document, or bytes as they are."""

    status: int
    document: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def body(self) -> bytes:
        """What goes over the wire."""
        return self.document if isinstance(self.document, bytes) else encode(self.document).encode()

    @property
    def kind(self) -> str:
        """Its media type."""
        page = isinstance(self.document, bytes) and self.document.lstrip().startswith(b"<")
        return "text/html" if page else "application/json"


@record
class Call:
    """A request. Header names are in lower case, of a repeated query word the last counts."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    @classmethod
    def of(cls, method: str, target: str, headers: Mapping[str, str], body: bytes) -> "Call":
        """A request as the server read it."""
        parts = urlsplit(target)
        query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
        return cls(method, parts.path, query, {key.lower(): value for key, value in headers.items()}, body)

    @property
    def named(self) -> str:
        """Method and path."""
        return f"{self.method} {self.path}"

    @property
    def document(self) -> Any:
        """The JSON of its body."""
        return json.loads(self.body or b"{}")

    def number(self, key: str, default: int, most: int) -> int:
        """A number from the query, at least 1; anything else is the default."""
        text = self.query.get(key, "").removesuffix(".0")  # a client's float
        return min(most, int(text)) if text.isascii() and text.isdigit() and int(text[:9]) > 0 else default

    def fields(self) -> dict[str, Any]:
        """The fields of the body: a JSON object, or a form of either kind. Malformed for anything else."""
        kind = self.headers.get("content-type", "").lower()
        if kind.startswith("application/x-www-form-urlencoded"):
            return {key: values[-1] for key, values in parse_qs(self.body.decode("utf-8", "replace")).items()}
        if kind.startswith("multipart/form-data"):
            return _parts(kind, self.headers["content-type"], self.body)
        found = decode(self.body or b"{}")
        if not isinstance(found, dict):
            raise Malformed("the body is not an object")
        return found


def _parts(kind: str, original: str, body: bytes) -> dict[str, Any]:
    """The text fields of a multipart form."""
    from email import message_from_bytes, policy

    message = message_from_bytes(f"Content-Type: {original}\r\n\r\n".encode() + body, policy=policy.HTTP)
    if not message.is_multipart():
        raise Malformed("the form has no parts")
    found: dict[str, Any] = {}
    for part in message.walk():
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        if isinstance(name, str) and isinstance(content, bytes):
            found[name.removesuffix("[]")] = content.decode("utf-8", "replace")
    return found


def encode(value: Any) -> str:
    """JSON with decimals written as they are: no float comes near an amount."""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{json.dumps(str(key))}:{encode(each)}" for key, each in value.items()) + "}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ",".join(map(encode, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def text_of(fields: Mapping[str, Any], key: str, most: int = 255) -> str | None:
    """A text field, None where it is missing, empty, too long or of another kind."""
    value = fields.get(key)
    return value if isinstance(value, str) and 0 < len(value) <= most else None


def count_of(fields: Mapping[str, Any], key: str, most: int) -> int | None:
    """A number of pieces between 1 and `most`, one where it is missing, None for anything else."""
    value = fields.get(key, 1)
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 6:
        value = int(value)
    if isinstance(value, Decimal) and value == int(value):
        value = int(value)
    return value if type(value) is int and 1 <= value <= most else None


__all__ = ["Call", "Reply", "Silence", "count_of", "encode", "text_of"]
