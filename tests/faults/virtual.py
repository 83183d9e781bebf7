"""Pauses that cost nothing: in a child, the deadline's clock jumps over every pause instead of waiting for it."""

import time


class Hurried:
    """`time` for esimctl.profile.deadline: `sleep` moves `monotonic` on."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def monotonic(self) -> float:
        return time.monotonic() + self.ahead

    def sleep(self, seconds: float) -> None:
        self.ahead += seconds


def hurry() -> None:
    """Only ever called in a forked child, or with a monkeypatch that is undone."""
    from esimctl.profile import deadline

    deadline.time = Hurried()  # type: ignore[attr-defined]


__all__ = ["Hurried", "hurry"]
