"""What moves while one waits: a spinner with what is waited for and the seconds, a bar where the length is known.

A thread draws it, since the program itself waits. It begins after a moment, so that what is quick is not announced and
loads nothing of Rich, and it is gone before anything else is said.
"""

from collections.abc import Callable
from threading import Event, Thread
from time import monotonic
from typing import Final, TextIO

AFTER: Final = 0.25  #: seconds that are waited in silence
EVERY: Final = 0.1  #: seconds between two pictures
WIDEST: Final = 72  #: columns of the line, so that few changes of the window's width break it
BAR: Final = 16


class Waiting:
    """One line on a terminal from the first `tell` to `stop`."""

    def __init__(self, stream: TextIO, columns: Callable[[], int], *, colour: bool, blocks: bool) -> None:
        self._stream = stream
        self._columns = columns
        self._colour = colour
        self._blocks = blocks
        self._told = ("", 0, 0)
        self._since = monotonic()
        self._end = Event()
        self._drawn = 0  #: columns that the line takes now
        self._thread = Thread(target=self._run, name="waiting", daemon=True)

    def tell(self, text: str, done: int, total: int) -> None:
        """What is waited for from now on, and how far it has come where `total` is not 0."""
        self._told = (text, done, total)
        if self._thread.ident is None:
            self._thread.start()

    def stop(self) -> bool:
        """End it and wipe the line; whether there was one."""
        self._end.set()
        if self._thread.ident is not None:
            self._thread.join()
        return self._drawn > 0

    def _run(self) -> None:
        if self._end.wait(AFTER):
            return
        picture = Picture(self._stream, colour=self._colour, blocks=self._blocks)
        width = self._columns()
        try:
            while True:
                before, width = width, self._columns()
                seconds, room = int(monotonic() - self._since), max(min(width - 1, WIDEST), 10)
                line, cells = picture.line(*self._told, seconds=seconds, width=room)
                self._put(self._wiped(before, width) + line)
                self._drawn = cells
                if self._end.wait(EVERY):
                    self._put(self._wiped(width, self._columns()))
                    return
        except (OSError, ValueError):  # the terminal is gone
            return

    def _wiped(self, before: int, width: int) -> str:
        """What wipes the line: where the window has become narrower than it, the terminal has broken it into rows."""
        more = (self._drawn - 1) // width if width < before and self._drawn else 0
        return "\r\x1b[K" + "\x1b[A\x1b[K" * more

    def _put(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()


class Picture:
    """The line as Rich draws it: which of its parts there are depends on whether the length is known."""

    def __init__(self, stream: TextIO, *, colour: bool, blocks: bool) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn
        from rich.table import Column

        self._console = Console(
            file=stream, force_terminal=True, color_system="standard" if colour else None, no_color=not colour,
            highlight=False, markup=False, emoji=False, width=WIDEST, height=24,
        )  # fmt: skip
        spinner = SpinnerColumn("dots" if blocks else "line", style="none")
        said = TextColumn("{task.description}", markup=False, table_column=Column(no_wrap=True))
        seconds = TextColumn("{task.fields[seconds]} s", style="dim", markup=False, table_column=Column(no_wrap=True))
        self._of_unknown_length = (spinner, said, seconds)
        bar = BarColumn(BAR, style="dim", complete_style="none", finished_style="none")
        figures = TextColumn("{task.completed:.0f}/{task.total:.0f}", table_column=Column(no_wrap=True))
        self._of_known_length = (spinner, said, bar, figures, seconds)
        self._progress = Progress(spinner, console=self._console, auto_refresh=False)
        self._task = self._progress.add_task("", seconds=0)

    def line(self, text: str, done: int, total: int, *, seconds: int, width: int) -> tuple[str, int]:
        """The line of at most `width` columns, and how many it takes."""
        from rich.cells import cell_len, set_cell_size
        from rich.text import Text

        room = width - 2 - len(f" {seconds} s") - (BAR + len(f"  {done}/{total}") if total else 0)
        if cell_len(text) > room:
            text = set_cell_size(text, max(room - 1, 1)).rstrip() + "…"
        progress = self._progress
        progress.columns = self._of_known_length if total else self._of_unknown_length
        progress.update(self._task, description=text, completed=done, total=total or None, seconds=seconds)
        with self._console.capture() as caught:
            self._console.print(progress.make_tasks_table(progress.tasks), width=width)
        line = caught.get().split("\n")[0].rstrip()
        return line, cell_len(Text.from_ansi(line).plain)
