"""A profile with one reseller whose vendor runs on loopback, for tests through the command line."""

from collections.abc import Callable
from typing import Any

from tests.conftest import Outcome, Runner
from tests.vendors.wire import Served

#: short enough for tests: absence is proven after a second, a purchase takes three
QUICK = {"ESIMCTL_SETTLE_WINDOW": "0.1", "ESIMCTL_DEADLINE": "4"}


class Shop:
    """Runs commands against a vendor: `shop("buy", PLAN, "--yes")`. Remembers everything that was printed."""

    def __init__(self, run: Runner, served: Served, kind: str, environ: dict[str, str]) -> None:
        self._run = run
        self.served = served
        self.kind = kind
        self.environ = {**QUICK, **environ}
        self.printed: list[str] = []

    @property
    def vendor(self) -> Any:
        return self.served.vendor

    def __call__(self, *words: str, given: str = "", env: dict[str, str] | None = None) -> Outcome:
        outcome = self._run(*words, now=None, given=given, env={**self.environ, **(env or {})})
        self.printed += [outcome.out, outcome.err]
        return outcome

    def open(self) -> "Shop":
        added = self("providers", "add", self.kind, "--json")
        assert added.code == 0, added
        return self

    def buy(self, plan: str, *words: str, **more: Any) -> Outcome:
        return self("buy", f"{self.kind}/{plan}", "--yes", "--json", *words, **more)

    def order(self, number: str) -> dict[str, Any]:
        shown = self("transactions", "show", number, "--json")
        found: dict[str, Any] = shown.json["order"]
        return found


MakeShop = Callable[..., Shop]
