"""One-time codes: the vectors of RFC 6238, single use, limited tries, and asked for where it counts."""

import base64
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from esimctl.profile.second_factor import matching_step, totp
from tests.autotopup.conftest import START, World

#: RFC 6238, appendix B, for SHA-1: seconds since 1970 and the code of eight digits
VECTORS = [
    (59, "94287082"),
    (1111111109, "07081804"),
    (1111111111, "14050471"),
    (1234567890, "89005924"),
    (2000000000, "69279037"),
    (20000000000, "65353130"),
]


@pytest.mark.parametrize(("seconds", "code"), VECTORS)
def test_the_vectors_of_the_standard(seconds: int, code: str) -> None:
    assert totp(b"12345678901234567890", seconds // 30, 8) == code


def test_one_step_early_or_late_is_taken_and_none_twice() -> None:
    secret = base64.b32encode(b"12345678901234567890").decode()
    step = int(START.timestamp()) // 30
    for shift, taken in ((-2, False), (-1, True), (0, True), (1, True), (2, False)):
        code = totp(b"12345678901234567890", step + shift)
        assert (matching_step(secret, code, START, -1) is not None) is taken
    assert matching_step(secret, totp(b"12345678901234567890", step), START, step) is None


class Phone:
    """An authenticator that scanned the code."""

    def __init__(self, world: World) -> None:
        self.world = world
        uri = world.ok("profile", "second-factor", "enroll", "--json").json["second_factor"]["uri"]
        query = parse_qs(urlsplit(uri).query)
        self.secret = base64.b32decode(query["secret"][0])
        assert query["period"] == ["30"]

    def code(self) -> str:
        return totp(self.secret, int(self.world.now.timestamp()) // 30)

    def confirm(self) -> None:
        self.world.ok("profile", "second-factor", "confirm", "--code-stdin", given=self.code() + "\n")
        self.world.now += timedelta(seconds=60)


def enable(world: World, code: str) -> int:
    words = ("autotopup", "enable", "phone", "--confirm", "6USD", "--code-stdin")
    return world.esimctl(*words, given=code + "\n").code


def test_enabling_asks_for_a_code_once_one_is_enrolled(world: World) -> None:
    phone = Phone(world)
    world.rule(enable=False)
    world.ok("autotopup", "enable", "phone", "--confirm", "6USD")  # not confirmed yet: nothing is asked
    phone.confirm()
    assert world.esimctl("autotopup", "enable", "phone", "--confirm", "6USD").code == 2
    assert enable(world, "000000") == 5
    code = phone.code()
    assert enable(world, code) == 0
    assert enable(world, code) == 5, "a code counts once"


def test_after_five_wrong_codes_nothing_counts_for_a_quarter_of_an_hour(world: World) -> None:
    phone = Phone(world)
    phone.confirm()
    world.rule(enable=False)
    for _ in range(5):
        assert enable(world, "123") == 5
    assert enable(world, phone.code()) == 5
    world.at(minutes=14)
    assert enable(world, phone.code()) == 5
    world.at(minutes=2)
    assert enable(world, phone.code()) == 0


def test_taking_it_away_needs_a_code_and_lowering_needs_none(world: World) -> None:
    phone = Phone(world)
    phone.confirm()
    assert world.esimctl("profile", "second-factor", "remove", "--code-stdin", given="1\n").code == 5
    assert world.esimctl("profile", "second-factor", "enroll").code == 2
    world.rule(enable=False)
    assert enable(world, phone.code()) == 0
    world.ok(
        "autotopup",
        "set",
        "phone",
        "--below",
        "500MB",
        "--plan",
        "demo-topup-2gb",
        "--max-price",
        "2USD",
        "--max-per-month",
        "5USD",
    )
    assert world.ok("autotopup", "show", "--json").json["rules"][0]["status"] == "active"
    world.ok("autotopup", "disable", "phone")
    world.at(minutes=1)
    world.ok("profile", "second-factor", "remove", "--code-stdin", given=phone.code() + "\n")
    assert world.ok("profile", "second-factor", "--json").json["second_factor"]["enrolled"] is False


def test_the_secret_is_in_a_private_file_and_nowhere_else(world: World) -> None:
    phone = Phone(world)
    phone.confirm()
    folder = Path(world.ok("profile", "path").out.strip())
    secret = base64.b32encode(phone.secret)
    holders = [path for path in folder.rglob("*") if path.is_file() and secret in path.read_bytes()]
    assert [path.name for path in holders] == ["second-factor.toml"]
    assert holders[0].stat().st_mode & 0o777 == 0o600


def test_a_secret_that_others_can_read_is_refused(world: World) -> None:
    phone = Phone(world)
    phone.confirm()
    folder = Path(world.ok("profile", "path").out.strip())
    (folder / "second-factor.toml").chmod(0o644)
    world.rule(enable=False)
    assert enable(world, phone.code()) == 77
