"""How long one purchase may take, and what nobody interrupts meanwhile: signals wait for its outcome."""

import signal
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from types import FrameType
from typing import Any

from esimctl.errors import UsageError
from esimctl.values.sentence import Raw

LONGEST = 90.0  #: seconds


class Deadline:
    """Seconds left, by the monotonic clock. A per-read time-out does not bound a slow drip; this does."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> "Deadline":
        """90 s, or what ESIMCTL_DEADLINE (1 to 90) shortens it to."""
        text = environ.get("ESIMCTL_DEADLINE")
        if not text:
            return cls(LONGEST)
        try:
            seconds = float(text)
        except ValueError:
            seconds = 0.0
        if not 1 <= seconds <= LONGEST:
            raise UsageError("ESIMCTL_DEADLINE takes 1 to 90 seconds, not {text!r}", text=Raw(text))
        return cls(seconds)

    @property
    def left(self) -> float:
        """Seconds left, never below 0."""
        return max(0.0, self._end - time.monotonic())

    def pause(self, seconds: float) -> bool:
        """Sleep that long if so much is left; False when it is not."""
        if self.left <= seconds:
            return False
        time.sleep(seconds)
        return True


class SharedDeadline:
    """One deadline among several providers: what one does not use is there for the next, and none takes all of it."""

    def __init__(self, whole: Deadline, names: Iterable[str], *, least: float = 0.0) -> None:
        self._whole = whole
        self._least = least  #: seconds that each gets in any case
        self._waiting = set(names)
        self._own: dict[str, Deadline] = {}

    def of(self, name: str) -> Deadline:
        """The part of a provider, which begins when it is first asked for."""
        if name not in self._own:
            self._own[name] = Deadline(max(self._least, self._whole.left / max(1, len(self._waiting))))
            self._waiting.discard(name)
        return self._own[name]


_WAITING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def undisturbed() -> Iterator[None]:
    """Hold SIGINT, SIGTERM and SIGHUP back until the block has ended, then deliver the last of them."""
    came: list[int] = []

    def remember(number: int, _frame: FrameType | None) -> None:
        came.append(number)

    before: dict[signal.Signals, Any] = {}
    try:
        for number in _WAITING:
            before[number] = signal.signal(number, remember)
    except ValueError:  # not the main thread: it gets no signals anyway
        before.clear()
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if came:
        signal.raise_signal(came[-1])
