"""Every layer in its reduced form. The full figures: `python -m tests.faults`."""

import pytest

from tests.faults.layers import LAYERS
from tests.faults.report import Report

#: figures in milliseconds are for a quiet machine: by command only
BY_COMMAND = {"latency", "snapshot"}


#: what takes a second or two; the others are `slow`
QUICK_LAYERS = {"bits", "cap-race", "crowd", "fsyncs", "nested", "rule-race", "short-writes", "trace-lint"}


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=() if name in QUICK_LAYERS else pytest.mark.slow)
        for name in sorted(LAYERS.keys() - BY_COMMAND)
    ],
)
def test_layer(name: str) -> None:
    """Enough faults fired, and nothing was lost, doubled, unreadable or told otherwise than it was."""
    report = LAYERS[name].reduced()
    if report.not_run is not None:
        pytest.skip(report.not_run)
    assert report.green, "\n".join(report.lines())


def test_a_layer_whose_faults_did_not_fire_is_not_green() -> None:
    """Silence is no proof: neither without faults nor with too few."""
    assert not Report("x", required=5, points=9, fired=4).green
    assert Report("x", required=5, points=9, fired=5).green
    assert not Report("x", required=0, not_run="no root").green


def test_a_violation_is_never_green() -> None:
    """However many faults fired."""
    report = Report("x", required=1, points=1, fired=1)
    report.violated("here", "lost")
    assert not report.green
    assert "here: lost" in "\n".join(report.lines())
