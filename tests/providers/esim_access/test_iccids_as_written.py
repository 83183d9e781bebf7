"""ICCIDs as vendors write them: padded, hexadecimal, in groups. No eSIM is left out, and none is taken for another."""

from typing import Any

import pytest

from esimctl.providers.lpa import same_iccid, valid_iccid
from tests.providers.fakes.run import Shop

WRITTEN = ("8985599110469461881F", "898600B5001234567890", "8985 5991 1046 9461 899", "898600b5001234567891")


@pytest.mark.parametrize("text", [*WRITTEN, "8985-5991-1046-9461-899"])
def test_it_can_be_an_iccid(text: str) -> None:
    assert valid_iccid(text)


def test_the_same_number_in_two_hands() -> None:
    assert same_iccid("8985599110469461881F", "8985 5991 1046 9461 881")
    assert same_iccid("898600b5001234567890", "898600B5001234567890")
    assert not same_iccid("8985599110469461881F", "8985599110469461882")
    assert not same_iccid(None, None)


@pytest.mark.parametrize("written", [WRITTEN[0], *(pytest.param(text, marks=pytest.mark.slow) for text in WRITTEN[1:])])
def test_an_esim_of_the_account_is_listed_in_a_pipe_and_can_be_adopted(shop: Shop, written: str) -> None:
    """The command that adopts it works as printed, and afterwards it is known."""
    assert shop.buy("CKH002", "--name", "first").code == 0, shop.printed
    (sold,) = shop.vendor.sell("CKH002", "web")

    def told(_call: Any, document: Any) -> Any:
        rows = (document["obj"] or {}).get("esimList", ())
        for row in rows:
            row["iccid"] = written if row["iccid"] == sold.iccid else row["iccid"]
        return document

    shop.vendor.retold["esim/query"] = told
    piped = shop("providers", "check", "esim-access", "--import")
    (row,) = [line.split("\t") for line in piped.out.splitlines() if "\tline\t" in line]
    adopt = row[-1].split()
    assert adopt[:5] == ["esimctl", "lines", "add", "NAME", "--provider"]
    listed = shop("providers", "check", "esim-access", "--import", "--json").json["lines"]
    assert [same_iccid(line["iccid"], written) for line in listed] == [True]
    added = shop(*(word.replace("NAME", "second") for word in adopt[1:]))
    assert added.code == 0, added
    assert shop("providers", "check", "esim-access", "--import", "--json").json["lines"] == []
    assert "line\t" not in shop("providers", "check", "esim-access", "--import").out
