"""The messages of one run, handed over side by side: a way out that hangs keeps no other one waiting.

One deadline holds for all of them together. What a way out could not be given by then stays due.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Final

from esimctl.actions.purchase.deadline import Deadline
from esimctl.actions.reminders.ways_out import LATE, Children

DEADLINE: Final = 20.0  #: seconds for all messages of a run
LEAST: Final = 5.0  #: seconds for what is to be said after a way out has used them up
GRACE: Final = 2.0  #: seconds in which a program that was ended is gone

#: hands one message to a way out within so many seconds: None where it was taken, else why not
Send = Callable[[float, Children], str | None]
_Done = SimpleQueue[tuple[str, int, str | None] | None]


class Round:
    """One run's messages. `hung` are the ways out that did not answer in time: they are not asked again in it."""

    def __init__(self) -> None:
        self._deadline: Deadline | None = None
        self.hung: set[str] = set()

    def hand_over(self, queues: Mapping[str, Sequence[Send]]) -> Iterator[tuple[str, int, str | None]]:
        """(way out, number of its message, why it was not taken) in the order in which they come to an end.

        A message that is never named was not begun. Whatever stops the caller ends every program that runs still.
        """
        if self._deadline is None:
            self._deadline = Deadline(DEADLINE)
        deadline = Deadline(max(self._deadline.left, LEAST))
        children, done = Children(), _Done()
        asked = {name: queue for name, queue in queues.items() if name not in self.hung}
        for name, queue in asked.items():
            Thread(target=_work, args=(name, queue, deadline, children, done), daemon=True).start()
        open_ways = len(asked)
        try:
            while open_ways:
                found = done.get(timeout=deadline.left + GRACE)
                if found is None:
                    open_ways -= 1
                    continue
                if found[2] == LATE:
                    self.hung.add(found[0])
                yield found
        except Empty:  # a program that not even its end makes an end of
            return
        finally:
            children.end()


def _work(name: str, queue: Sequence[Send], deadline: Deadline, children: Children, done: _Done) -> None:
    """A way out's messages, one after another until one is not answered; None says that this is the end of them."""
    for number, send in enumerate(queue):
        if children.over or not deadline.left:
            break
        why = send(deadline.left, children)
        done.put((name, number, why))
        if why == LATE:
            break
    done.put(None)
