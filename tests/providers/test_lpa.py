"""Activation codes, ICCIDs and EIDs: the standards' own examples, and nothing that only looks like them."""

from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from esimctl.providers.lpa import (
    MASKED,
    ActivationCode,
    ActivationCodeError,
    android_url,
    apple_url,
    luhn_digit,
    luhn_valid,
    make_iccid,
    mask,
    valid_eid,
    valid_iccid,
)

HOST, ID, OID = "SMDP.GSMA.COM", "04386-AGYFT-A74Y8-3F815", "1.3.6.1.4.1.31746"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (f"1${HOST}${ID}", (HOST, ID, None, False)),
        (f"1${HOST}${ID}$$1", (HOST, ID, None, True)),
        (f"1${HOST}${ID}${OID}", (HOST, ID, OID, False)),
        (f"1${HOST}${ID}${OID}$1", (HOST, ID, OID, True)),
        (f"1${HOST}$${OID}", (HOST, "", OID, False)),
        (f"lpa:1${HOST}${ID}", (HOST, ID, None, False)),
        (f" LPA:1${HOST}${ID} \n", (HOST, ID, None, False)),
        (f"1${HOST}${ID}${OID}$1$later$fields", (HOST, ID, OID, True)),
        (f"1${HOST}${ID}$$", (HOST, ID, None, False)),
    ],
)
def test_the_standards_examples(text: str, parts: tuple[str, str, str | None, bool]) -> None:
    code = ActivationCode.parse(text)
    assert (code.host, code.matching_id, code.oid, code.confirmation_required) == parts


@pytest.mark.parametrize(
    "text",
    [
        "",
        "LPA:",
        f"2${HOST}${ID}",
        f"1${HOST}",
        f"1$https://{HOST}${ID}",
        f"1${HOST}:443${ID}",
        f"1${HOST}/path${ID}",
        "1$localhost$X",
        "1$-a.example$X",
        "1$a..example$X",
        f"1${HOST}$with space",
        f"1${HOST}$under_score",
        f"1${HOST}$é",
        f"1${HOST}$\u0660",
        f"1${HOST}${ID}$not-an-oid",
        f"1${HOST}${ID}$1.02",
        f"1${HOST}${ID}$$2",
        f"1${HOST}${ID}\x1b[2J",
        f"1${HOST}$" + "A" * 255,
    ],
)
def test_what_is_no_activation_code_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(ActivationCodeError) as caught:
        ActivationCode.parse(text)
    assert ID not in str(caught.value)
    assert "\x1b" not in str(caught.value)


def test_a_code_keeps_its_secret_out_of_repr_and_mask() -> None:
    code = ActivationCode.parse(f"1${HOST}${ID}$$1")
    assert ID not in repr(code)
    assert code.masked().text == f"LPA:1${HOST}${MASKED}$$1"
    assert ID not in apple_url(code.masked())


def test_links_are_percent_encoded() -> None:
    code = ActivationCode.parse(f"1${HOST}${ID}")
    for url, host in ((apple_url(code), "esimsetup.apple.com"), (android_url(code), "esimsetup.android.com")):
        start = f"https://{host}/esim_qrcode_provisioning?carddata="
        assert url.startswith(start)
        assert "$" not in url
        assert ":" not in url.removeprefix(start)
        assert unquote(url.removeprefix(start)) == code.text


_LABEL = st.from_regex(r"[A-Za-z0-9]([A-Za-z0-9-]{0,8}[A-Za-z0-9])?", fullmatch=True)


@given(
    st.lists(_LABEL, min_size=1, max_size=3),
    st.from_regex(r"[A-Za-z0-9-]{0,40}", fullmatch=True),
    st.none() | st.just(OID),
    st.booleans(),
)
def test_every_code_reads_back_as_it_was_written(labels: list[str], matching: str, oid: str | None, flag: bool) -> None:
    code = ActivationCode(".".join([*labels, "example"]), matching, oid, flag)
    assert ActivationCode.parse(code.text) == code
    assert ActivationCode.parse(code.text.removeprefix("LPA:").join(("lpa:", ""))) == code


@given(st.integers(0, 10**11 - 1))
def test_our_iccids_pass_their_own_test_and_one_wrong_digit_does_not(account: int) -> None:
    iccid = make_iccid("8985599", account)
    assert len(iccid) == 19
    assert valid_iccid(iccid)
    assert luhn_valid(iccid)
    wrong = iccid[:-2] + str((int(iccid[-2]) + 1) % 10) + iccid[-1]
    assert not luhn_valid(wrong)


@pytest.mark.parametrize(
    "text",
    ["891000000000009125", "8910300000040030312", "8944465400003573253", "89852000263413436720", "89" + "1" * 20],
)
def test_vendors_iccids_are_taken_also_with_a_wrong_check_digit(text: str) -> None:
    assert valid_iccid(text)


@pytest.mark.parametrize("text", ["", "88" + "1" * 17, "89" + "1" * 15, "89" + "1" * 21, "89" + "١" * 17, "891 " * 5])
def test_other_numbers_are_no_iccids(text: str) -> None:
    assert not valid_iccid(text)


def test_the_check_digit_of_a_known_number() -> None:
    assert luhn_digit("49015420323751") == "8"
    assert luhn_valid("490154203237518")


@pytest.mark.parametrize(
    "eid",
    [
        "89034011560010000000000000000121",
        "89001012012341234012345678901224",
        "89044011112233441122334411223321",
        "89049032007108882600137544319616",
        "89049032123451234512345678901235",
    ],
)
def test_eids_leave_one(eid: str) -> None:
    assert valid_eid(eid)
    assert not valid_eid(eid[:-1] + str((int(eid[-1]) + 1) % 10))
    assert not valid_eid(eid[:-1])


def test_masks_show_six_and_four() -> None:
    assert mask("8985599560541950667") == "898559*********0667"
    assert mask("1234567890") == "*" * 10
