"""When what comes to a household: dark weeks, months of Saturdays, mornings by a wrong clock, gifts, trips."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Weather:
    """When what comes: (every so many days, on which of them)."""

    dark: tuple[int, int] = (97, 60)
    rare: tuple[int, int] = (151, 20)
    clock: tuple[int, int] = (180, 50)
    gift: tuple[int, int] = (30, 12)
    trip: int = 60  #: days from one to the next

    @staticmethod
    def is_day(number: int, of: tuple[int, int]) -> bool:
        """Whether that is the day for one of them."""
        return number % of[0] == of[1]


#: a few weeks with something of everything, and some without anything
SHORT = Weather(dark=(60, 6), rare=(60, 18), clock=(60, 4), gift=(60, 4), trip=30)
FAIR = Weather(dark=(1, 1), rare=(1, 1), clock=(1, 9999))
CLOCKS = Weather(dark=(1, 1), rare=(1, 1), clock=(60, 2))
SATURDAYS = Weather(dark=(1, 1), rare=(60, 1), clock=(1, 9999))

__all__ = ["CLOCKS", "FAIR", "SATURDAYS", "SHORT", "Weather"]
