"""Reading rows of data files strictly: a wrong value is named with file and key, and the other rows keep working."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from esimctl.values.money import Money, MoneyError
from esimctl.values.record import record
from esimctl.values.text import TextRefused, is_clean, own_text

_MISSING = object()


@record
class TableProblem:
    """What is wrong in a data file: the file, the key (`plan.smart-x.price`) and one sentence."""

    file: str
    key: str
    message: str

    def __str__(self) -> str:
        return f"{self.file}: {self.key}: {self.message}"


class RowError(ValueError):
    """A row that cannot be used; carries its Finding."""

    def __init__(self, finding: TableProblem) -> None:
        super().__init__(str(finding))
        self.finding = finding


class TableRow:
    """One table of a data file, read key by key; `finish` refuses what nobody asked for."""

    __slots__ = ("_asked", "_table", "file", "path")

    def __init__(self, file: str, path: str, table: object) -> None:
        self.file = file
        self.path = path
        if not isinstance(table, Mapping):
            raise RowError(TableProblem(file, path, "is not a table"))
        self._table: Mapping[str, Any] = table
        self._asked: set[str] = set()

    def wrong(self, key: str, message: str) -> RowError:
        """The error to raise for a key of this row."""
        return RowError(TableProblem(self.file, f"{self.path}.{key}", message))

    def _take(self, key: str, default: object) -> Any:
        self._asked.add(key)
        value = self._table.get(key, default)
        if value is _MISSING:
            raise self.wrong(key, "is missing")
        return value

    def text(self, key: str, default: Any = _MISSING) -> Any:
        """A text of one line with nothing invisible in it."""
        value = self._take(key, default)
        if value is default:
            return default
        if not isinstance(value, str) or not value:
            raise self.wrong(key, "is not a text")
        try:
            return own_text(value)
        except TextRefused as why:
            raise self.wrong(key, str(why)) from None

    def choice(self, key: str, allowed: tuple[str, ...], default: Any = _MISSING) -> Any:
        """One of a few words."""
        value = self.text(key, default)
        if value is not default and value not in allowed:
            raise self.wrong(key, f"is none of {', '.join(allowed)}")
        return value

    def texts(self, key: str, default: tuple[str, ...] | object = ()) -> tuple[str, ...]:
        """A list of texts."""
        value = self._take(key, default)
        if not isinstance(value, list | tuple):
            raise self.wrong(key, "is not a list of texts")
        if any(not isinstance(item, str) or not item or not is_clean(item) for item in value):
            raise self.wrong(key, "holds something that is not a plain text")
        return tuple(value)

    def words(self, key: str) -> Mapping[str, str]:
        """A table of texts, such as a name in several languages."""
        value = self._take(key, {})
        if not isinstance(value, Mapping) or any(not isinstance(item, str) for item in value.values()):
            raise self.wrong(key, "is not a table of texts")
        return dict(value)

    def flag(self, key: str, default: bool = False) -> bool:
        """True or false."""
        value = self._take(key, default)
        if not isinstance(value, bool):
            raise self.wrong(key, "is neither true nor false")
        return value

    def count(self, key: str, default: Any = _MISSING, *, least: int = 0) -> Any:
        """A whole number, at least `least`."""
        value = self._take(key, default)
        if value is default:
            return default
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.wrong(key, "is not a whole number")
        if value < least:
            raise self.wrong(key, f"is less than {least}")
        return value

    def money(self, key: str, default: Any = _MISSING) -> Any:
        """An amount such as `5.00 USD`; never negative."""
        value = self._take(key, default)
        if value is default:
            return default
        if not isinstance(value, str):
            raise self.wrong(key, "is not an amount in quotes like '5.00 USD'")
        if value.lstrip().startswith("-"):
            raise self.wrong(key, "is negative")
        try:
            return Money.parse(value)
        except MoneyError as why:
            raise self.wrong(key, str(why)) from why

    def day(self, key: str, default: Any = _MISSING) -> Any:
        """A date of the calendar, written as a date or as a text like 2026-11-15."""
        value = self._take(key, default)
        if value is default:
            return default
        if isinstance(value, str):
            try:
                value = date.fromisoformat(value)
            except ValueError as why:
                raise self.wrong(key, "is not a date of the calendar") from why
        if not isinstance(value, date) or isinstance(value, datetime):
            raise self.wrong(key, "is not a date like 2026-11-15")
        return value

    def table(self, key: str, default: Any = _MISSING) -> Any:
        """A table, as it stands."""
        value = self._take(key, default)
        if value is not default and not isinstance(value, Mapping):
            raise self.wrong(key, "is not a table")
        return value

    def tables(self, key: str) -> list["TableRow"]:
        """A list of tables, each as a row of its own."""
        value = self._take(key, [])
        if not isinstance(value, list):
            raise self.wrong(key, "is not a list of tables")
        return [TableRow(self.file, f"{self.path}.{key}[{number}]", table) for number, table in enumerate(value, 1)]

    def finish(self) -> None:
        """Refuse keys that mean nothing here: a slip of the pen must not pass as a default."""
        for key in self._table:
            if key not in self._asked:
                raise self.wrong(str(key), "means nothing here")
