"""`lines add NAME --provider P`: a line that was bought elsewhere in the same account is followed from now on."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Runner
from tests.vendors.accounts import APIS, PACK
from tests.vendors.served import Rehearsal, served


@pytest.fixture(params=APIS)
def shop(request: Any, run: Runner, tmp_path: Path) -> Iterator[Rehearsal]:
    with served(request.param, tmp_path / "vendor") as url:
        yield Rehearsal(run, request.param, url)


def bought_elsewhere(shop: Rehearsal) -> tuple[dict[str, Any], str]:
    """The order and the code of a line that another profile bought."""
    assert shop("profile", "create", "other").code == 0
    shop("providers", "add", shop.api, "--profile", "other")
    order = shop.buy("--profile", "other").json["order"]
    return order, order["activation"]["lpa"]


@pytest.mark.parametrize("by", ["--iccid", "--order"])
def test_a_line_is_adopted_with_its_code(shop: Rehearsal, by: str) -> None:
    """By its ICCID or by the provider's order number: its reading, its code, and what extends it are there."""
    order, code = bought_elsewhere(shop)
    word = order["activation"]["iccid"] if by == "--iccid" else order["provider_order"]
    added = shop("lines", "add", "found", "--provider", shop.api, by, word, "--json")
    assert added.code == 0, added
    assert code.rpartition("$")[2] not in added.out + added.err
    assert (added.json["line"]["provider"], added.json["line"]["plan"]) == (shop.api, f"{shop.api}/{PACK}")
    assert shop("lines", "show", "found", "--show-code", "--json").json["line"]["activation"]["lpa"] == code
    line = shop("balance", "found", "--refresh", "--json").json["lines"][0]
    assert line["data"]["remaining_bytes"] == 1 << 30
    topups = shop("plans", "list", "--line", "found", "--json").json["plans"]
    assert any(PACK in plan["id"] for plan in topups)


def test_what_is_not_there_or_known_already_is_refused(shop: Rehearsal) -> None:
    """Unknown numbers, two ways at once, none at all, a line that is followed, a name that is taken."""
    order, _ = bought_elsewhere(shop)
    iccid = order["activation"]["iccid"]
    add = ("lines", "add", "found", "--provider", shop.api)
    assert shop(*add, "--iccid", "8985500000000000000").code == 2
    assert shop(*add, "--order", "no-such-order").code == 2
    assert shop(*add).code == 2
    assert shop(*add, "--iccid", iccid, "--order", order["provider_order"]).code == 2
    assert shop(*add, "--iccid", iccid).code == 0
    again = shop("lines", "add", "again", "--provider", shop.api, "--iccid", iccid, "--json")
    assert (again.code, again.json["error"]["code"]) == (2, "line_known")
    taken = shop(*add, "--iccid", iccid, "--json")
    assert (taken.code, taken.json["error"]["code"]) == (2, "name_taken")
    assert shop("lines", "add", "x", "--provider", "nobody", "--iccid", iccid).code == 2


def test_a_line_of_the_sandbox_is_adopted_too(run: Runner) -> None:
    """It is a provider like the others."""
    bought = run("buy", "smart-laor-7d", "--provider", "sandbox", "--yes", "--name", "phone", "--json").json["order"][
        "activation"
    ]
    assert run("lines", "remove", "phone", "--yes").code == 0
    added = run("lines", "add", "again", "--provider", "sandbox", "--iccid", bought["iccid"], "--json")
    assert added.code == 0, added
    shown = run("lines", "show", "again", "--show-code", "--json").json["line"]
    assert shown["activation"]["lpa"] == bought["lpa"]
    assert run("balance", "again", "--json").json["lines"][0]["status"] == "active"
