"""Secrets in whatever spelling: found, masked where they stand, and nothing else touched."""

import base64
import html
import json
from collections.abc import Callable, Iterator
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from esimctl.store.evidence import masked_body, without_secrets
from esimctl.values import secrecy

KEY = "canary/of+access=0001"


@pytest.fixture(autouse=True)
def knows_nothing_afterwards() -> Iterator[None]:
    yield
    secrecy.forget()


#: without what would escape itself in one of the layers
plain = st.text(st.sampled_from("abcXYZ0189/+=._-:~!$*(){}[]@#"), min_size=8, max_size=40)
LAYERS: dict[str, Callable[[str], str]] = {
    "json": lambda text: json.dumps(text)[1:-1],
    "slashes": lambda text: json.dumps(text)[1:-1].replace("/", "\\/"),
    "units": lambda text: "".join(f"\\u{ord(each):04X}" for each in text),
    "percent": lambda text: quote(text, safe=""),
    "page": html.escape,
    "page-numbers": lambda text: "".join(f"&#{ord(each)};" for each in text),
}
UTF_16: Callable[[str], str] = lambda text: text.encode("utf-16-le").decode("latin-1")  # noqa: E731
PACKED: dict[str, Callable[[str], str]] = {
    "plain": str,
    "hex": lambda text: text.encode().hex().upper(),
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "base64-with-user": lambda text: base64.b64encode(f"user:{text}".encode()).decode(),
    "base64-within": lambda text: base64.urlsafe_b64encode(f"ab{text}z".encode()).decode().rstrip("="),
}


@given(plain, st.sampled_from(sorted(PACKED)), st.lists(st.sampled_from(sorted(LAYERS)), max_size=2))
def test_every_spelling_is_found(secret: str, packed: str, layers: list[str]) -> None:
    """Whatever was done to it, and done to that: nothing of it is left, and the words around it are as they were."""
    spelled = PACKED[packed](secret)
    for layer in layers:
        spelled = LAYERS[layer](spelled)
    told = secrecy.without(f"before <{spelled}> after", [secret])
    assert told.startswith("before <")
    assert told.endswith("> after")
    assert "***" in told
    assert spelled not in told


@given(st.text(max_size=200))
def test_a_text_without_secrets_is_as_it_was(text: str) -> None:
    """Looking changes nothing."""
    assert secrecy.without(text, [KEY]) == text


@pytest.mark.parametrize("spell", [*LAYERS.values(), *PACKED.values(), UTF_16])
def test_what_was_json_is_json(spell: Callable[[str], str]) -> None:
    """Raw evidence can be parsed when its secrets are gone."""
    secrecy.remember([KEY, "12345678"])
    body = json.dumps({"a": spell(KEY), "n": [12345678, 112345678], "t": "x12345678"}, ensure_ascii=True).encode()
    found = json.loads(masked_body(body))
    assert found["n"] == ["***", 112345678], "a number that holds its digits by chance is another number"
    assert "***" in found["a"]
    assert found["t"] == "x***"


def test_short_ones_are_left_alone() -> None:
    """Six characters stand in a price list by chance."""
    secrecy.remember(["123456", "secret!"])
    assert without_secrets("123456 secret!") == "123456 secret!"


def test_names_and_codes_behind_escapes() -> None:
    """A field of a secret's name, and an activation code, however JSON spells them."""
    told = without_secrets(
        r'{"\u0061c": "x", "note": "LPA:1\u0024smdp.example.com\u0024AB\u002dCD\u002d12", "q": "\u0022"}'
    )
    assert json.loads(told) == {"ac": "***", "note": "***", "q": '"'}


def test_a_long_answer_takes_one_look(monkeypatch: pytest.MonkeyPatch) -> None:
    """A text full of a secret is gone through once, not once for each: the pieces that are looked at are few."""
    looks = []
    real = secrecy._each
    monkeypatch.setattr(secrecy, "_each", lambda text, wanted: looks.append(len(text)) or real(text, wanted))
    body = base64.b64encode(KEY.encode() * 20_000).decode()
    assert secrecy.without(body, [KEY]) == "***"
    assert len(looks) <= 5 * (secrecy._LAYERS + 1)
