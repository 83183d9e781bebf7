"""Who reads: by which clock, in which zone, and what the terminal can draw; set before anything is shown."""

from datetime import datetime, tzinfo
from typing import NamedTuple


class Reader(NamedTuple):
    """What dates, times and bars are shown by."""

    now: datetime | None = None  #: unknown while no profile is open: nothing is said from now on then
    zone: tzinfo | None = None  #: the profile's; None: this machine's
    blocks: bool = True  #: whether bars are drawn with block characters, else with `#` and `-`

    def here(self, moment: datetime) -> datetime:
        """The instant by the reader's clock on the wall."""
        return moment.astimezone(self.zone)

    @property
    def abroad(self) -> bool:
        """Whether the profile's zone is not this machine's: times carry their offset then."""
        if self.now is None or self.zone is None:
            return False
        return self.now.astimezone(self.zone).utcoffset() != self.now.astimezone().utcoffset()


_reader: Reader | None = None


def reader() -> Reader:
    """The reader of this run; before a profile is open there is no clock, and the machine's zone."""
    return _reader or Reader()


def read_by(who: Reader | None) -> None:
    """Set the reader of what is shown from now on."""
    global _reader
    _reader = who
