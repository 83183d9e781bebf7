"""The table of kinds: what can be opened, and that nothing is imported before."""

import subprocess
import sys
from pathlib import Path

import pytest

from esimctl.errors import ConfigurationError
from esimctl.providers import registry
from esimctl.providers.protocol import Provider
from esimctl.providers.registry import LocalSettings


def test_every_kind_opens_under_the_name_it_has_in_the_profile(tmp_path: Path) -> None:
    for kind in registry.KINDS.values():
        if kind.fields:
            continue
        found: Provider = registry.open_provider("mine", kind.name, LocalSettings(tmp_path))
        assert (found.name, found.tier, found.play_money) == ("mine", kind.tier, kind.play_money)
    assert "sandbox" in registry.kinds()


def test_an_unknown_kind_names_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        registry.open_provider("x", "sandbax", LocalSettings(tmp_path))
    assert "sandbox" in str(caught.value.hint)


@pytest.mark.parametrize("settings", [{"balance": "-5 USD"}, {"balance": 5}, {"zone": "Mars/Olympus"}])
def test_wrong_settings_are_a_configuration_error(tmp_path: Path, settings: dict[str, object]) -> None:
    with pytest.raises(ConfigurationError):
        registry.open_provider("sandbox", "sandbox", LocalSettings(tmp_path, **settings))  # type: ignore[arg-type]


def test_plans_are_sold_under_the_profiles_name_for_the_operator(tmp_path: Path) -> None:
    from datetime import UTC, datetime

    found = registry.open_provider("shop", "sandbox", LocalSettings(tmp_path))
    assert {plan.provider for plan in found.plans(datetime(2026, 1, 1, tzinfo=UTC))} == {"shop"}


@pytest.mark.parametrize(
    "statement",
    [
        "import esimctl.providers.registry",
        "from esimctl.providers.sandbox.faults import FAULTS",
        "from esimctl.catalogue.shipped import headings; assert len(headings('plans.toml', 'plan')) > 40",
    ],
)
def test_what_completion_asks_for_costs_no_adapter(statement: str) -> None:
    """The table of kinds, the faults and the ids of plans are read on every TAB."""
    code = (
        f"import sys; {statement}\n"
        "heavy = {'sqlite3', 'httpcore', 'json', 'tomllib', 'esimctl.catalogue.plans', 'esimctl.charging.engine'}\n"
        "loaded = heavy & set(sys.modules)\n"
        "raise SystemExit(f'loaded: {loaded}' if loaded else 0)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=False).returncode == 0
