"""Answers as no vendor should send them: bodies and headers that libraries stumble over, and secrets sent back.

A `Kind` makes one out of an honest answer. `secret` is what the request carried: the vendor knows it, and may say it.
"""

import base64
import gzip
import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import quote

Headers = tuple[tuple[bytes, bytes], ...]


@dataclass(frozen=True, slots=True)
class Said:
    """An answer on the wire."""

    status: int
    headers: Headers
    body: bytes

    def but(self, *, status: int | None = None, body: bytes | None = None, **headers: bytes) -> "Said":
        """This answer with another body, and headers in the place of those of one name."""
        named = {name.replace("_", "-").encode(): value for name, value in headers.items()}
        kept = tuple((name, value) for name, value in self.headers if name.lower() not in named)
        return Said(
            self.status if status is None else status,
            (*kept, *named.items()),
            self.body if body is None else body,
        )


Make = Callable[[Said, str], Said]


@dataclass(frozen=True, slots=True)
class Kind:
    """`lies`: what it says instead can be read, and is not true, so that an order may stay open for a person."""

    name: str
    make: Make
    lies: bool = False


HUGE = "1e9999999999999999999"
TWENTY = "9" * 20
DEEP = 5000


def _field(value: str) -> Make:
    """A field that nobody reads, in front of all others."""

    def make(said: Said, _secret: str) -> Said:
        at = said.body.find(b"{")
        more = b"" if said.body[at + 1 :].lstrip().startswith(b"}") else b","
        return (
            said
            if at < 0
            else said.but(body=said.body[: at + 1] + b'"x":' + value.encode() + more + said.body[at + 1 :])
        )

    return make


def _swapped(pattern: str, value: str) -> Make:
    """Every value of a kind replaced: numbers, texts or times, wherever they stand."""
    wanted = re.compile(pattern.encode())

    def make(said: Said, _secret: str) -> Said:
        return said.but(body=wanted.sub(lambda found: found[1] + value.encode(), said.body))

    return make


NUMBERS, TEXTS = r"([:\[,]\s*)-?\d[\d.eE+-]*(?=\s*[,}\]])", r'(:\s*)"(?:[^"\\]|\\.)*"'
TIMES = r'(:\s*)"\d{4}-\d\d-\d\d[^"]*"'


def _body(body: bytes) -> Make:
    return lambda said, _secret: said.but(body=body)


def _changed(change: Callable[[bytes], bytes]) -> Make:
    return lambda said, _secret: said.but(body=change(said.body))


def _header(name: str, value: bytes, status: int | None = None) -> Make:
    return lambda said, _secret: said.but(status=status, **{name: value})


def _echo(spell: Callable[[str], str], status: int = 200) -> Make:
    """An error text that repeats what the request carried; `spell` gives it with its quotes, as JSON has it."""

    def make(said: Said, secret: str) -> Said:
        word = spell(secret)
        fields = ",".join(f'"{name}":{word}' for name in ("message", "errorMsg", "reason", "title", "description"))
        return said.but(
            status=status,
            body=f'{{"success":false,"errorCode":"999999","code":999,"meta":{{{fields}}},{fields},"obj":null}}'.encode(),
        )

    return make


def _quoted(change: Callable[[str], str]) -> Callable[[str], str]:
    return lambda secret: f'"{change(secret)}"'


def _units(text: str) -> str:
    return "".join(f"\\u{ord(each):04x}" for each in text)


def _packed(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _numbers() -> Iterator[Kind]:
    fields = (
        HUGE,
        f"-{HUGE}",
        "1e-9999999999999999999",
        "1E400",
        f"0.{'3' * 31}",
        "7" * 5000,
        "7" * 31,
        "1e30",
        "-0.0",
    )
    for place, value in enumerate((*fields, "NaN", "Infinity", "-Infinity")):
        yield Kind(f"field-{place}-{value[:12]}", _field(value))
    whole = (HUGE, f'"{HUGE}"', f"1{'0' * 29}", str(1 << 63), "-1", "0.5", '"\u0663"', '"\u00b2"')
    for place, value in enumerate((*whole, "true", "null", '""', "[]", "{}")):
        yield Kind(f"numbers-{place}-{value[:12]}", _swapped(NUMBERS, value), lies=True)


def _times_and_texts() -> Iterator[Kind]:
    ends = ("9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00", "2299-12-31T23:59:59-14:00")
    beyond = ("1970-01-01T00:00:00+14:00", f"{TWENTY}-01-01", "9999-12-31 23:59:59")
    for value in (*ends, *beyond, "2026-13-45", "2026-11-21T25:61:61Z", "0000-00-00"):
        yield Kind(f"times-{value[:20]}", _swapped(TIMES, f'"{value}"'), lies=True)
    unseen = ('"\\ud800"', '"\\u0000"', '"\\u202e"', '"\\u001b[2J"')
    meant = (f'"{"x" * 100_000}"', '"=1+1"', '"../../../x"', '"{provider}{0}%s"', '"a\\"\\nlimit = 1"')
    for place, value in enumerate((*unseen, *meant)):
        yield Kind(f"texts-{place}-{value[1:9]}", _swapped(TEXTS, value), lies=True)


def _shapes() -> Iterator[Kind]:
    yield Kind("deep-lists", _body(b"[" * DEEP + b"]" * DEEP))
    yield Kind("deeper-lists", _body(b"[" * 100_000))
    yield Kind("deep-field", _field("[" * DEEP + "]" * DEEP))
    yield Kind("deep-objects", _body(b'{"a":' * DEEP + b"1" + b"}" * DEEP))
    yield Kind("many-rows", _body(b"[" + b"{}," * 100_000 + b"{}]"))
    yield Kind("many-keys", _body(json.dumps({f"k{number}": number for number in range(20_000)}).encode()))
    yield Kind("key-twice", _field('1,"x":2'))
    for name, key in (("sign", "\u00b2"), ("long", f"{'0' * 5000}1")):
        rows = {key: {}}
        listed = {"success": True, "data": rows, "obj": {"esimList": rows, "packageList": rows}, "purchases": rows}
        yield Kind(f"list-by-{name}-keys", _body(json.dumps(listed).encode()))
    for name, body in BODIES.items():
        yield Kind(name, _body(body))


#: whole bodies that have nothing to do with what was asked
BODIES = {
    "null": b"null",
    "true": b"true",
    "number": b"7",
    "text": b'"x"',
    "no-rows": b"[]",
    "null-row": b"[null]",
    "nothing-in-it": b"{}",
    "empty": b"",
    "portal": b"<html><title>Sign in</title></html>",
    "broken-utf-8": b'{"success": true, "x": "\xff\xfe\xc0"}',
    "zeros": b"\0" * 4096,
    "spaces": b" " * (1 << 20),
}


def _octets() -> Iterator[Kind]:
    yield Kind("utf-16", _changed(lambda body: body.decode("utf-8", "replace").encode("utf-16")))
    yield Kind("latin-1", _changed(lambda body: body.replace(b":", b':"\xe9",', 1)))
    yield Kind("packed", _changed(gzip.compress))
    yield Kind("packed-by-word", lambda said, _: said.but(body=gzip.compress(said.body), content_encoding=b"gzip"))
    yield Kind("packed-by-word-alone", _header("content_encoding", b"gzip, br, zstd"))
    yield Kind("half", _changed(lambda body: body[: len(body) // 2]))
    yield Kind("more-after-it", _changed(lambda body: body + b"\nHTTP/1.1 200 OK\r\n\r\n{}"))
    yield Kind("twice", _changed(lambda body: body + body))
    yield Kind("too-long", _changed(lambda body: body + b" " * (5 << 20)))


#: `Date`, and the same where `Retry-After` has one
ABSURD = (
    "Fri, 31 Dec 9999 23:59:59 -0100",
    f"Fri, 31 Dec {TWENTY} 23:59:59 GMT",
    f"Fri, {TWENTY} Dec 2026 23:59:59 GMT",
    f"Fri, 31 Dec 2026 {TWENTY}:59:59 GMT",
    f"Fri, 31 Dec 2026 23:59:59 +{TWENTY}",
    "Fri, 31 Dec 2026 23:59:59 -9999",
    "Mon, 01 Jan 0001 00:00:00 +1400",
    "soon",
    "",
)


def _headers() -> Iterator[Kind]:
    twice = ", ".join(["Sat, 21 Nov 2026 02:00:00 GMT"] * 2)
    for place, value in enumerate((*ABSURD, twice, "x" * 60_000)):
        yield Kind(f"date-{place}-{value[:24]}", _header("date", value.encode()))
    yield Kind("date-no-text", _header("date", b"Fri, 31 Dec 2026 \xff\xfe\xd9\xa3:59:59 GMT"))
    for place, value in enumerate((TWENTY, ABSURD[0], ABSURD[4], "-1", "1e999", "\u0663", "inf", "")):
        yield Kind(f"retry-after-{place}-{value[:12]}", _header("retry_after", value.encode(), 429))
    cookie = f"a=b; expires=Fri, 31 Dec {TWENTY} 00:00:00 GMT; max-age={TWENTY}"
    yield Kind("cookie", _header("set_cookie", cookie.encode()))
    for place, where in enumerate(
        (b"http://[::1", b"http://\xff\xfe/\0", b"//" + b"a" * 70_000, b"http://a:99999999/")
    ):
        yield Kind(f"redirect-{place}", _header("location", where, 302))
    yield Kind("strange-type", _header("content_type", b'application/json; charset="\xff"; a'))
    yield Kind("replayed", lambda said, _: said.but(body=b"{", idempotent_replayed=b"true"))
    many = tuple((b"x-%d" % number, b"v") for number in range(1000))
    yield Kind("many-headers", lambda said, _: Said(said.status, (*said.headers, *many), said.body))


#: how a vendor may spell what it was sent, as a JSON text
SPELLINGS: dict[str, Callable[[str], str]] = {
    "plain": json.dumps,
    "slashes": _quoted(lambda text: text.replace("/", "\\/")),
    "equals": _quoted(lambda text: text.replace("=", "\\u003d").replace("+", "\\u002B")),
    "units": _quoted(_units),
    "json-in-json": lambda text: json.dumps(json.dumps({"key": text}).replace("/", "\\/")),
    "percent": _quoted(lambda text: quote(text, safe="")),
    "page": _quoted(lambda text: "".join(f"&#{ord(each)};" for each in text)),
    "hex": _quoted(lambda text: text.encode().hex().upper()),
    "base64": _quoted(_packed),
    "base64-with-user": _quoted(lambda text: _packed(f"user:{text}").replace("/", "\\/")),
    "base64-of-addresses": _quoted(lambda text: base64.urlsafe_b64encode(f"x{text}".encode()).decode().rstrip("=")),
}


def _echoes() -> Iterator[Kind]:
    for name, spell in SPELLINGS.items():
        yield Kind(f"echo-{name}", _echo(spell))
    yield Kind("echo-500", _echo(_quoted(_units), 500))
    yield Kind("echo-422", _echo(_quoted(_units), 422))
    yield Kind("echo-as-id", lambda said, secret: _swapped(TEXTS, json.dumps(secret))(said, secret), lies=True)
    yield Kind(
        "echo-header", lambda said, secret: said.but(x_request_id=secret.encode(), server=quote(secret).encode())
    )


KINDS: Sequence[Kind] = (
    *_numbers(), *_times_and_texts(), *_shapes(), *_octets(), *_headers(), *_echoes(),
)  # fmt: skip

__all__ = ["KINDS", "Headers", "Kind", "Said"]
