"""What history costs, counted instead of timed: a reading takes in a bounded number of entries."""

from tests.faults.figures import entries_read


def test_reading_is_bounded_by_the_snapshot_and_not_by_history() -> None:
    """Ten times the history, and no more entries are read than a snapshot may lie back."""
    few, many = entries_read(60), entries_read(600)
    assert many <= 150, many
    assert few <= 150, few
