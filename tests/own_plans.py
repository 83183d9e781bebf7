"""Rows of a person's own for tests: packs under real carriers' names with terms that no shipped row has."""

from pathlib import Path

from tests.conftest import Runner

FILE = Path(__file__).with_suffix(".toml")


def bring(run: Runner, now: str | None = "2026-10-01T09:00:00+07:00") -> None:
    """Take them into the profile, as a person would."""
    taken = run("plans", "import", str(FILE), "--json", now=now)
    assert (taken.code, taken.json["refused"]) == (0, []), taken.err


__all__ = ["FILE", "bring"]
