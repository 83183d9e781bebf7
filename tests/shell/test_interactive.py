"""TAB in real shells: what a person types and what the program is then called with."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from esimctl.catalogue.shipped import headings
from tests.shell.driver import Shell, shell
from tests.tools import program

SHELLS = ["bash", "zsh", "fish"]


@pytest.fixture(scope="module", params=SHELLS)
def typist(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    """One shell for all cases of it: starting one is the slow part."""
    program(request.param, request.param)
    with shell(request.param, Path(tmp_path_factory.mktemp(request.param))) as started:
        yield started


def _plan() -> tuple[str, str]:
    """A plan id and the shortest beginning that no other id has."""
    ids = headings("plans.toml", "plan")
    name = max(ids, key=len)
    for end in range(1, len(name)):
        if sum(other.startswith(name[:end]) for other in ids) == 1:
            return name[:end], name
    raise AssertionError("no id stands alone")


CASES = [
    ("bala\t", ["balance"]),
    ("plans li\t", ["plans", "list"]),
    ("balance --cac\t", ["balance", "--cached"]),
    ("balance --output js\t", ["balance", "--output", "json"]),
    ("balance --output=js\t", ["balance", "--output=json"]),
    ("balance --columns stat\t", ["balance", "--columns", "status"]),
    ("balance --columns line,stat\t", ["balance", "--columns", "line,status"]),
    ("balance my\t", ["balance", "my-phone"]),
    ("balance router my\t", ["balance", "router", "my-phone"]),
    ("renew -o json rou\t", ["renew", "-o", "json", "router"]),
    ("renew rou\t --pay fam\t", ["renew", "router", "--pay", "family-wallet"]),
    ("balance --profile defa\t", ["balance", "--profile", "default"]),
    ("help exit\t", ["help", "exit-codes"]),
    ("completion fi\t", ["completion", "fish"]),
    ("help refu\t", ["help", "refund"]),
    ("profile use fam\t", ["profile", "use", "family"]),
    ("providers remove sand\t", ["providers", "remove", "sandbox"]),
    ("providers check sand\t", ["providers", "check", "sandbox"]),
    ("providers login sand\t", ["providers", "login", "sandbox"]),
    ("providers trust sand\t", ["providers", "trust", "sandbox"]),
    ("providers add cel\t", ["providers", "add", "celitech"]),
    ("providers remove --profile family esim\t", ["providers", "remove", "--profile", "family", "esim-access"]),
    ("balance --profile=family au\t", ["balance", "--profile=family", "aunt"]),
    ("policy show coo\t", ["policy", "show", "cootel"]),
    ("policy show smart roll\t", ["policy", "show", "smart", "rollover"]),
    ("schema autotopup-r\t", ["schema", "autotopup-run"]),
    ("lines tag router --add tra\t", ["lines", "tag", "router", "--add", "travel"]),
    ("lines tag my-phone --remove tra\t", ["lines", "tag", "my-phone", "--remove", "travel"]),
    ("transactions list --state sett\t", ["transactions", "list", "--state", "settled"]),
    ("topup my-phone --plan smart-laor-7\t", ["topup", "my-phone", "--plan", "smart-laor-7d"]),
    ("topup my-phone --plan metfone-kado\t", ["topup", "my-phone", "--plan", "metfone-kado"]),
    ("topup --profile family aunt --plan metfone-kado\t",
     ["topup", "--profile", "family", "aunt", "--plan", "metfone-kado-social-7d"]),
    ("payments khqr show sho\t", ["payments", "khqr", "show", "shop.png"]),
    ("payments khqr show shop.png --payee po\t", ["payments", "khqr", "show", "shop.png", "--payee", "pot"]),
    ("payments add x --kind bank\t", ["payments", "add", "x", "--kind", "bank-transfer"]),
    ("plans list --country K\t", ["plans", "list", "--country", "KH"]),
]  # fmt: skip


@pytest.mark.parametrize(("typed", "called"), CASES, ids=[typed.strip() for typed, _ in CASES])
def test_tab_completes(typist: Shell, typed: str, called: list[str]) -> None:
    """Commands, options, fixed words, columns in a list, and values of the profile."""
    assert typist.run(typed) == called


def test_tab_completes_plan_ids(typist: Shell) -> None:
    """Plan ids come from the catalogue, by calling the program."""
    beginning, name = _plan()
    assert typist.run(f"buy {beginning}\t") == ["buy", name]


def test_tab_says_nothing_where_nothing_fits(typist: Shell) -> None:
    """No candidate, no error text, and the line stays as it was typed."""
    assert typist.run("balance no-such-line\t") == ["balance", "no-such-line"]
    assert b"Traceback" not in typist.heard
    assert b"esimctl:" not in typist.heard
