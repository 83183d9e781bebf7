"""Numbers however they are typed, and who probably issued them."""

import pytest

from esimctl.catalogue.carriers import e164, issuers


@pytest.mark.parametrize("text", ["010 234 567", "+855 10 234 567", "85510234567", "(010) 234-567", "០១០២៣៤៥៦៧"])
def test_one_form_for_every_way_to_type_a_number(text: str) -> None:
    assert e164(text) == "+85510234567"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("+66 81 234 5678", "+66812345678"),
        ("088 123 4567", "+855881234567"),
        ("85 123 456", "+85585123456"),
        ("85 512 345", "+85585512345"),
    ],
)
def test_foreign_and_long_numbers(text: str, expected: str) -> None:
    assert e164(text) == expected


@pytest.mark.parametrize(
    "text", ["", "12", "not a number", "+0123456789", "010 23 45 67 89 01", "0012345678", "1" * 16]
)
def test_what_is_no_number(text: str) -> None:
    assert e164(text) is None
    assert issuers(text) == ()


@pytest.mark.parametrize(
    ("text", "carrier"),
    [("010234567", "smart"), ("0881234567", "metfone"), ("012345678", "cellcard"), ("018345678", "seatel")],
)
def test_a_prefix_guesses_the_issuer(text: str, carrier: str) -> None:
    assert [row.id for row in issuers(text)] == [carrier]


def test_foreign_and_unlisted_numbers_are_nobodys() -> None:
    assert issuers("+66812345678") == issuers("020234567") == ()
