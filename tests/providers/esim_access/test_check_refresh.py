"""`check --refresh/--cached`, as everywhere: ask now, or never."""

import pytest

from tests.providers.fakes.run import Shop


def test_cached_never_asks_and_refresh_does(shop: Shop) -> None:
    assert shop.buy("CKH002", "--name", "phone").code == 0, shop.printed
    counts = []
    for words in (("--cached",), ("--refresh",), ("--cached",)):
        before = shop.vendor.count("esim/query")
        assert shop("check", *words).code in (0, 20)
        counts.append(shop.vendor.count("esim/query") - before)
    assert counts[0] == counts[2] == 0
    assert counts[1] > 0


@pytest.mark.parametrize("words", [("--plugin",), ("--json",)])
def test_both_forms_take_it(shop: Shop, words: tuple[str, ...]) -> None:
    assert shop("check", "--cached", *words).code in (0, 3, 20)
