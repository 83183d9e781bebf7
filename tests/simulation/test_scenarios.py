"""Every scenario file of the suite holds: the golden cases, and one story for every rule."""

from pathlib import Path

import pytest

from esimctl.simulation.play import play
from esimctl.simulation.scenario import parse_scenario

FOLDER = Path(__file__).parent.parent / "scenarios"
FILES = sorted(FOLDER.glob("*.toml"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_scenario_holds(path: Path) -> None:
    """What the file expects is what the engine finds, and every octet of every line is accounted for."""
    simulation = play(parse_scenario(path.read_bytes(), path.name))
    failed = [check for check in simulation.checks if not check.ok]
    assert not failed, "\n".join(f"event {one.event}: expected {one.expected}, found {one.actual}" for one in failed)
    assert simulation.checks
    assert all(line.totals.balanced for line in simulation.final)


def test_the_golden_cases_are_here() -> None:
    """The suite holds at least 170 stories, so a lost folder is noticed."""
    assert len(FILES) >= 170
