"""What vendors answer, from the command line: one that cannot be understood stops nobody else, and is read once."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from tests.faults.answers import Stopped, spelled
from tests.faults.hostile import KINDS, SPELLINGS, Kind, Said
from tests.faults.mall import SECRETS, Attack, Mall, line_at, opened, stage
from tests.faults.scratch import scratch
from tests.vendors.accounts import APIS, PACK, TOPUP

OTHERS = {api: [each for each in APIS if each != api] for api in APIS}
COMMANDS = (
    ("balance", "--refresh"), ("balance", line_at("airalo"), "--explain"), ("check",), ("plans", "list", "--refresh"),
    ("providers", "check"), ("reconcile",), ("transactions", "audit"), ("transactions", "list"), ("report",),
)  # fmt: skip


@pytest.fixture(scope="module")
def template() -> Iterator[tuple[Path, Path]]:
    with scratch() as place:
        yield stage(place), place


@pytest.fixture
def mall(template: tuple[Path, Path]) -> Mall:
    """Accounts, lines and due rules at three vendors."""
    return opened(*template)


def kind(name: str) -> Kind:
    """The hostile answer whose name begins so."""
    return next(each for each in KINDS if each.name.startswith(name))


def top_up(mall: Mall, api: str) -> Any:
    words = ("--plan", f"{api}/{TOPUP[api]}", "--yes", "--max-price", "20USD", "--request-id", f"case-{api}")
    return mall("topup", line_at(api), *words)


def killed(mall: Mall, api: str, answer: Kind) -> None:
    """The order was answered so and carried out, and the power went before its outcome was journalled."""
    mall.attack = Attack(api, answer, orders=True)
    with mock.patch("esimctl.purchase.sending.record", side_effect=Stopped):
        assert top_up(mall, api).code == 4
    mall.attack = None
    assert [order.state for order in mall.orders(api)] == ["attempted"]


@pytest.mark.parametrize("api", APIS)
def test_an_answer_that_was_unreadable_once_is_not_read_again(mall: Mall, api: str) -> None:
    """Its outcome is journalled as unknown, and from then on the order is looked up; nobody else is kept waiting."""
    killed(mall, api, kind("field-0"))
    mall.attack = Attack(api, kind("echo-500"))
    assert mall("reconcile", "--json").code == 4
    assert [(order.state, order.reason) for order in mall.orders(api)] == [("unknown", "malformed")]
    mall.attack = None
    with mock.patch("esimctl.store.evidence.Evidence.read", side_effect=AssertionError("it is read again")):
        assert mall("reconcile", "--json").code in {0, 4, 20}
        assert len(mall.charges(api)) == 1
        assert mall("autotopup", "run").code in {0, 4, 5}
        for other in OTHERS[api]:
            assert [order.state for order in mall.orders(other)] == ["settled"]


@pytest.mark.parametrize(
    "head",
    [
        b"[" * 100_000, b"\xff\xfe",
        b'{"order": "x", "attempt": "1", "status": 200, "headers": {}, "cut": false}',
        b'{"order": "x", "attempt": 1, "status": 1e999, "headers": {}, "cut": false}',
    ],
    ids=range(4),
)  # fmt: skip
def test_no_kept_evidence_ends_a_command(mall: Mall, head: bytes) -> None:
    """Whatever lies in the folder, of this version, of an older one, of a bad disk: the order is looked up."""
    killed(mall, "celitech", kind("half"))
    for path in (mall.home / "profiles/default/evidence").iterdir():
        path.write_bytes(head + b"\n{}")
    assert mall("reconcile", "--json").code in {0, 4, 20}
    assert [order.state for order in mall.orders("celitech")] == ["settled"]


@pytest.mark.parametrize("name", ["date-0", "date-4", "retry-after-2"])
def test_no_date_of_a_vendor_stops_the_others(mall: Mall, name: str) -> None:
    """A year, a day, an hour or a zone of twenty digits, and the end of the calendar: every command, one vendor."""
    mall.attack = Attack("esim-access", kind(name))
    for words in COMMANDS:
        assert mall(*words).code != 1, words
    mall("autotopup", "run")
    assert [order.state for other in OTHERS["esim-access"] for order in mall.orders(other)] == ["settled", "settled"]


@pytest.mark.parametrize(
    "change",
    [
        {"ESIMCTL_AIRALO_BASE_URL": "http://example.com"},
        {"ESIMCTL_AIRALO_CLIENT_SECRET": ""},
        {"ca_file": "/nowhere/roots.pem"},
    ],
    ids=["address", "credentials", "roots"],
)
def test_a_vendor_that_cannot_even_be_opened_stops_nobody(mall: Mall, change: dict[str, str]) -> None:
    """78 or 77 and one line of it; the others' lines are read, and topped up in the same run."""
    if "ca_file" in change:
        profile = mall.home / "profiles/default/profile.toml"
        table = "[provider.airalo]\n"
        profile.write_text(profile.read_text().replace(table, f'{table}ca_file = "{change["ca_file"]}"\n'))
        mall.environ["ESIMCTL_AIRALO_BASE_URL"] = "https://127.0.0.1:2"
    else:
        mall.environ |= change
    for words in COMMANDS:
        assert mall(*words).code != 1, words
    rows = {row["line"]: row for row in json.loads(mall("balance", "--json").out)["lines"]}
    assert [rows[line_at(other)]["status"] for other in OTHERS["airalo"]] == ["active", "active"]
    ran = mall("autotopup", "run")
    assert ran.code in {77, 78}
    assert "rules do not spend at airalo" in ran.err
    assert [order.state for other in OTHERS["airalo"] for order in mall.orders(other)] == ["settled", "settled"]


@pytest.mark.parametrize("spelling", ["slashes", "equals", "base64-with-user", "hex"])
def test_a_key_that_is_sent_back_stands_nowhere(mall: Mall, spelling: str) -> None:
    """In its error text, however it is spelled: not in a file, not on a stream, not in a backup, a bundle, a log."""
    mall.attack = Attack("esim-access", kind(f"echo-{spelling}"), orders=True)
    ran = top_up(mall, "esim-access")
    assert ran.code in {0, 3, 4}
    mall.attack = None
    mall("transactions", "list", "-o", "table", "--verbose")
    mall("transactions", "audit", "--bundle", str(mall.home / "case.tar.gz"))
    mall("reconcile", "--verbose")
    files = [path for path in mall.home.rglob("*") if path.is_file() and "sandbox" not in path.parts]
    texts = [*mall.printed, *(path.read_bytes().decode("latin-1") for path in files if path.suffix != ".token")]
    assert not [text[:80] for text in texts for secret in SECRETS.values() if spelled(text, secret)]
    evidence = next((mall.home / "profiles/default/evidence").iterdir()).read_bytes().partition(b"\n")[2]
    assert "***" in json.dumps(json.loads(evidence)), "it is kept, masked, and can be parsed"


def test_a_code_stands_in_the_vault_alone(mall: Mall) -> None:
    """An answer that tells the code again where nobody looks for it, spelled otherwise: evidence has none of it."""
    codes: list[str] = []

    def again(said: Said, _secret: str) -> Said:
        found = re.search(rb"LPA:1\$[^\"]+", said.body)
        assert found is not None
        codes.append(found[0].decode())
        words = ",".join(f'"x{place}":{spell(codes[0])}' for place, spell in enumerate(SPELLINGS.values()))
        return said.but(body=said.body.replace(b"{", b"{" + words.encode() + b",", 1))

    mall.attack = Attack("celitech", Kind("code-again", again), orders=True)
    assert mall("buy", f"celitech/{PACK}", "--name", "second", "--yes", "--max-price", "20USD", "-q").code == 0
    evidence = next((mall.home / "profiles/default/evidence").iterdir()).read_bytes().partition(b"\n")[2]
    assert not spelled(evidence.decode(), codes[0])
    assert not spelled(evidence.decode(), codes[0].split("$")[2])
    json.loads(evidence)
    assert mall("lines", "qr", "second", "--show-code", "--json").out.count(codes[0].split("$")[2]) >= 1


def test_a_traceback_that_was_asked_for_holds_no_key(mall: Mall) -> None:
    """ESIMCTL_DEBUG shows how it came to a failure, and not with what."""
    mall.environ["ESIMCTL_DEBUG"] = "1"
    mall.attack = Attack("airalo", kind("echo-500"))
    ran = mall("plans", "list", "--provider", "airalo", "--refresh")
    assert ran.code == 69
    assert "Traceback" in ran.err
    assert not [secret for secret in SECRETS.values() if spelled(ran.err, secret)]


def test_a_look_does_not_wait_for_a_vendor_that_trickles() -> None:
    """Half a minute for a line, a second more for each other one, and never more than the person allows."""
    from esimctl.usage.asking_many import ALL, patience

    class Run:
        environ: dict[str, str]

    run: Any = Run()
    run.environ = {}
    assert [patience(run, lines) for lines in (1, 10, 1000)] == [31.0, 40.0, ALL]
    run.environ = {"ESIMCTL_DEADLINE": "2"}
    assert patience(run, 10) <= 2.0


def test_one_slow_vendor_leaves_the_others_their_time() -> None:
    """A deadline is shared out when a part of it begins; what one does not use is there for the next."""
    from esimctl.profile.deadline import Deadline, SharedDeadline

    shares = SharedDeadline(Deadline(30.0), ["a", "b", "a", "c"])
    first, second = shares.of("a"), shares.of("b")
    assert first is shares.of("a")
    assert 9.0 < first.left <= 10.0
    assert 14.0 < second.left <= 15.0
    assert SharedDeadline(Deadline(0.0), ["a"], least=5.0).of("a").left > 4.0
