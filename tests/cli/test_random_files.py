"""Files that were damaged on the way: every reader of files says what is wrong with them, and none ends in 1."""

import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from esimctl.errors import ExitCode
from tests.conftest import Runner

SEED = 16
EACH = int(os.environ.get("ESIMCTL_MUTATIONS", "40"))  #: mutated inputs of each reader; the full form is 10000
CODES = {int(code) for code in ExitCode} - {1}
TOKENS = (
    b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"\n", b"\r\n", b'"', b"'", b";", b",", b"\t", b"=", b"[", b"]]", b"{", b"}",
    b"-", b"99999999999999999999", b"1e999", b"NaN", b"inf", b"true", b"2026-13-45", b"9999-12-31T23:59:59Z",
    b"0001-01-01",
    b"\xed\xa0\x80", b"\xe2\x80\xae", b"\x1b[2J", b"#! 1 1 1 ", b"$", b"LPA:1$", "٣".encode(), "ក្រុម".encode(),
    b"x" * 3000,
)  # fmt: skip
LINES = (
    b"name,provider,carrier,plan,iccid,msisdn,started,price\n"
    b"sim,manual,smart,smart-laor-7d,,012345678,2026-11-01,1.50 USD\n"
)
ORDERS = (
    b"created_at,line,provider,paid,paid_currency,provider_order\n2026-11-01T10:00:00Z,phone,smart,9.00,USD,R1\n"
    b"2026-11-03T10:00:00Z,phone,smart,1.00,USD,R2\n"
)
READINGS = b"read_at,remaining,used\n2026-11-19T10:00:00Z,10GB,\n2026-11-19T12:00:00Z,,11GB\n"
SMS = "You have 9.2 GB left of 20 GB, valid until 05/12/2026. Balance: $3.50.\n\nអ្នកនៅសល់ 2GB\n".encode()
PLANS = b"""[plan.smart-own-10gb]
carrier = "smart"
name = "Own"
price = "5.00 USD"
source = "counter"
as_of = 2026-11-01
terms = { data = "10GB", term = "30 days", rollover = { mode = "carry", validity = "3 months" } }
"""


def mutated(data: bytes, rng: random.Random) -> bytes:
    """The data with one to six of the accidents that files meet."""
    for _ in range(rng.randint(1, 6)):
        at = rng.randint(0, len(data))
        to = min(len(data), at + rng.randint(1, 12))
        data = rng.choice((
            data[:at],
            data[:at] + data[to:],
            data[:at] + rng.choice(TOKENS) + data[at:],
            data[:at] + rng.choice(TOKENS) + data[to:],
            data[:to] + data[at:],
            data[:at] + bytes(rng.randrange(256) for _ in range(3)) + data[to:],
        ))  # fmt: skip
    return data


def told(run: Runner, *words: str, given: str = "") -> None:
    done = run(*words, given=given)
    assert done.code in CODES, (words, done.err)
    assert "Traceback" not in done.err, (words, done.err)


@pytest.fixture
def phone(run: Runner, tmp_path: Path) -> Path:
    """A line, a rule, two readings and a backup; the folder of its profile."""
    assert run("buy", "demo-monthly-20gb", "--name", "phone", "--yes").code == 0
    rule = ("--below", "1GB", "--plan", "demo-topup-2gb", "--max-price", "2USD", "--max-per-month", "6USD")
    assert run("autotopup", "set", "phone", *rule).code == 0
    assert run("balance", "--refresh").code == 0
    assert run("profile", "backup", str(tmp_path / "good.tar")).code == 0
    return tmp_path / "home" / "profiles" / "default"


@pytest.mark.parametrize("name", ["profile.toml", "journal/000001.toml", "state.toml", "index.sqlite"])
def test_files_of_the_profile(run: Runner, phone: Path, tmp_path: Path, name: str) -> None:
    """Looks, the doctor and a purchase, each on a fresh copy."""
    kept = tmp_path / "kept"
    while name == "index.sqlite" and not (phone / name).exists():  # it is made once there is enough in the journal
        assert run("sandbox", "use", "phone", "1MB").code == 0
        assert run("balance", "--refresh").code == 0
    shutil.copytree(tmp_path / "home", kept)
    good, rng = (phone / name).read_bytes(), random.Random(f"{SEED}{name}")
    for _ in range(EACH // 4):
        shutil.rmtree(tmp_path / "home")
        shutil.copytree(kept, tmp_path / "home")
        (phone / name).write_bytes(mutated(good, rng))
        for words in (("balance",), ("doctor",), ("check",), ("topup", "phone", "--amount", "1USD", "--yes")):
            told(run, *words)


READERS: dict[str, tuple[bytes, Callable[[str], tuple[str, ...]]]] = {
    "lines": (LINES, lambda file: ("lines", "import", file)),
    "transactions": (ORDERS, lambda file: ("transactions", "import", file)),
    "readings": (READINGS, lambda file: ("usage", "import", "phone", file)),
    "messages": (SMS, lambda file: ("usage", "import", "phone", file)),
    "plans": (PLANS, lambda file: ("plans", "import", file)),
    "topups": (b"line,amount\nphone,1USD\n", lambda file: ("topup", "--from", file, "--dry-run")),
}


@pytest.mark.parametrize("name", READERS)
def test_files_that_are_handed_in(run: Runner, phone: Path, tmp_path: Path, name: str) -> None:
    good, words = READERS[name]
    rng, file = random.Random(f"{SEED}{name}"), tmp_path / "in"
    file.write_bytes(good)
    assert run(*words(str(file))).code == (20 if name == "messages" else 0), "what is not damaged is read"
    for _ in range(EACH):
        file.write_bytes(mutated(good, rng))
        told(run, *words(str(file)))


def test_codes(run: Runner, phone: Path) -> None:
    rng, good = random.Random(f"{SEED}code"), b"LPA:1$smdp.example.com$ABC-123$1.3.6.1$1"
    assert (
        run(
            "lines", "add", "good", "--provider", "manual", "--carrier", "smart", "--lpa-stdin", given=good.decode()
        ).code
        == 0
    )
    for number in range(EACH):
        code = mutated(good, rng).decode("utf-8", "surrogateescape")
        told(run, "lines", "add", f"n{number}", "--provider", "manual", "--carrier", "smart", "--lpa-stdin", given=code)


def test_backups(run: Runner, phone: Path, tmp_path: Path) -> None:
    rng, file = random.Random(f"{SEED}backup"), tmp_path / "bad.tar"
    good = (tmp_path / "good.tar").read_bytes()
    assert run("profile", "restore", str(tmp_path / "good.tar"), "--profile", "good").code == 0
    for number in range(EACH):
        file.write_bytes(mutated(good, rng))
        told(run, "profile", "restore", str(file), "--profile", f"p{number}")
