"""Evidence is kept without anything that whoever reads it could use."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from esimctl.store.evidence import Evidence, masked_body, without_secrets
from esimctl.values.secrecy import MASK

CODE = "LPA:1$rsp.operator.example$K2-ABCDE-98765"


@pytest.mark.parametrize(
    "body",
    [
        f'{{"lpa":"{CODE}"}}',
        f'{{"anything":"{CODE}"}}',
        f'{{"ac": "{CODE.replace("$", chr(92) + "u0024")}"}}',
        '{"qrcode":"1$rsp.operator.example$K2-ABCDE-98765"}',
        '{"url":"https://esimsetup.apple.com/x?carddata=LPA%3A1%24rsp.operator.example%24K2-ABCDE-98765"}',
        '{"matching_id":"K2-ABCDE-98765","a":1}',
        '{"matchingId" : "K2-ABCDE-98765"}',
        '{"activation_code":"K2-ABCDE-98765"}',
        '{"confirmationCode":"K2-ABCDE-98765"}',
        '{"pin":"K2-ABCDE-98765"}',
        '{"access_token":"K2-ABCDE-98765","expires_in":3600}',
        '{"password":"quoted\\",K2-ABCDE-98765"}',
        '{"inner":"{\\"lpa\\":\\"K2-ABCDE-98765\\",\\"k\\":1}"}',
        "grant_type=x&client_secret=K2-ABCDE-98765&k=1",
        "Authorization: Bearer K2-ABCDE-98765",
        f'{{"lpa":"{CODE}',
        '{"access_token":"K2-ABCDE-98765',
    ],
)
def test_no_secret_survives(body: str) -> None:
    """In JSON, cut JSON, JSON within JSON, forms and links: the secret is gone, the mask stands there."""
    masked = without_secrets(body)
    assert "98765" not in masked
    assert MASK in masked


def test_a_number_is_masked_like_a_text_and_json_stays_json() -> None:
    """PUKs come as numbers; what is left can still be parsed."""
    masked = json.loads(without_secrets('{"puk1":12345678,"orderNo":"B2","iccid":"8985599000000000001","price":150}'))
    assert masked == {"puk1": MASK, "orderNo": "B2", "iccid": "8985599000000000001", "price": 150}


def test_what_support_needs_is_left_alone() -> None:
    """Order numbers, prices, states and words that only look like secrets."""
    body = (
        '{"order":"SB-000001","status":"active","package":"ac","price":"1.50 USD","token_type":"Bearer","pinned":true}'
    )
    assert without_secrets(body) == body


def test_bytes_that_are_no_text_survive() -> None:
    """A compressed or garbled answer is kept as it came."""
    body = bytes(range(256))
    assert masked_body(body) == body


@given(st.binary(max_size=400))
def test_masking_twice_changes_nothing_more(body: bytes) -> None:
    """Whatever comes: it never raises, and masking what is masked leaves it as it is."""
    once = masked_body(body)
    assert masked_body(once) == once


def test_evidence_is_masked_when_it_is_written(tmp_path: Path) -> None:
    """Neither body nor header of the file holds the code."""
    evidence = Evidence(tmp_path / "evidence")
    path = evidence.write(
        "o-1", 1, 200, {"Location": "https://x.example/?token=K2-98765"}, f'{{"lpa":"{CODE}"}}'.encode()
    )
    assert b"98765" not in path.read_bytes()
    assert evidence.read("o-1")[0].body == b'{"lpa":"***"}'
