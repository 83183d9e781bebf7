"""The tables of profile.toml that are known, as data: which keys there are and of which kind.

Every command checks the shapes of all values; what a value means is read where it is used, by its kind.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any, Final, Literal

from esimctl.store.profile_mistakes import UNKNOWN_KEY, Mistake, mistake
from esimctl.values.sentence import Sentence
from esimctl.values.tables import Table, TomlText

Kind = Literal[
    "text", "texts", "threshold", "thresholds", "money", "duration", "time", "count", "flag", "limits", "table"
]

_NAMED: Final = ("provider", "payment", "line", "rule", "claim", "pattern", "device", "payee")

#: what a table of limits may hold
LIMITS: Final[Mapping[str, Kind]] = {
    "per_order": "money", "per_day": "money", "per_month": "money", "count_per_day": "count",
    "count_per_month": "count",
}  # fmt: skip

#: section → key → kind
TABLES: Final[Mapping[str, Mapping[str, Kind]]] = {
    "settings": {
        "zone": "text", "language": "text", "output": "text", "color": "text", "payment": "text",
        "allow_network_files": "flag", "limits": "limits", "heartbeat_url": "text", "notify": "texts",
        "reminders": "table", "rates": "texts", "budget": "money", "machine": "text",
    },
    "provider": {
        "kind": "text", "base_url": "text", "key_command": "texts", "balance_floor": "money", "description": "text",
        "timeout": "duration", "account": "text", "key_file": "text", "ca_file": "text", "keyring": "flag",
        "zone": "text", "balance": "money",
    },
    "claim": {
        "carrier": "text", "plans": "texts", "topic": "text", "value": "table", "source": "text", "as_of": "time",
        "note": "text", "from": "time", "kind": "text", "retrieved": "time",
    },
    "payment": {"kind": "text", "provider": "text", "reference": "text", "default": "flag", "currency": "text"},
    "line": {
        "provider": "text", "carrier": "text", "plan": "text", "iccid": "text", "msisdn": "text", "reference": "text",
        "order": "text", "note": "text", "receipt": "text", "channel": "text", "started": "time", "price": "money",
        "data": "text", "days": "count", "zone": "text", "device": "text", "limits": "limits", "budget": "money",
        "tags": "texts", "owner": "text",
    },
    "pattern": {
        "template": "text", "carriers": "texts", "kinds": "texts", "tells": "text", "order": "text", "source": "text",
        "as_of": "time", "grade": "text", "language": "text", "means": "table",
    },
    "device": {"esim": "text", "note": "text", "as_of": "time"},
    "payee": {
        "account": "text", "name": "text", "city": "text", "merchant_id": "text", "bank": "text", "note": "text",
    },
    "rule": {
        "line": "text", "below": "threshold", "before_expiry": "duration", "every": "text", "from": "time",
        "plan": "text", "amount": "money", "target": "threshold", "pay": "texts", "max_price": "money",
        "max_per_month": "money", "max_per_day": "money", "max_count": "count", "max_unattended": "count",
        "floor": "money", "cooldown": "duration", "until": "time", "remind": "thresholds", "max_age": "duration",
        "ask": "flag", "enabled": "flag",
    },
}  # fmt: skip


def check_tables(profile: Table, file: TomlText) -> Iterator[Mistake]:
    """Keys that nobody knows; TableError for a value of a wrong shape."""
    for section in profile.table:
        if section in TABLES:
            for table in _rows(profile, section):
                yield from _check(table, TABLES[section], file)
        elif section != "schema":
            near = (f"settings.{section}",) if section in TABLES["settings"] else TABLES
            yield mistake(file, (section,), UNKNOWN_KEY, near)


def amounts(profile: Table) -> Iterator[tuple[tuple[str, ...], Any]]:
    """(its keys, the value) of all that is money: limits, budgets, caps, floors."""
    for section, known in TABLES.items():
        for table in _rows(profile, section) if section in profile.table else ():
            for key, value in table.table.items():
                path = (*map(str, table.path), key)
                if known.get(key) == "money":
                    yield path, value
                elif known.get(key) == "limits":
                    yield from (((*path, each), value[each]) for each in value if LIMITS.get(each) == "money")


def _rows(profile: Table, section: str) -> Iterator[Table]:
    """The tables of a section: itself, or those in it by their names."""
    table = profile.inner(section)
    return (table.inner(name) for name in table.table) if section in _NAMED else iter((table,))


def check_lines(profile: Table) -> None:
    """TableError for a line that says no provider: nobody could be asked about it."""
    for line in _rows(profile, "line") if "line" in profile.table else ():
        line.raw("provider")


def _check(table: Table, known: Mapping[str, Kind], file: TomlText) -> Iterator[Mistake]:
    for key, value in table.table.items():
        kind = known.get(key)
        if kind is None:
            yield mistake(file, tuple(map(str, (*table.path, key))), UNKNOWN_KEY, known)
        elif kind == "limits":  # a slip of the pen must not lift a limit
            yield from _check(table.inner(key), LIMITS, file)
        else:
            fits, words = _SHAPES[kind]
            if not fits(value):
                raise table.wrong(key, words)


def _text(value: object) -> bool:
    return isinstance(value, str)


def _texts(value: object) -> bool:
    return isinstance(value, str) or (isinstance(value, list) and all(isinstance(item, str) for item in value))


def _amounts(value: object) -> bool:
    """One amount with its currency, or a list of them in several currencies."""
    texts = value if isinstance(value, list) else [value]
    return bool(texts) and all(isinstance(text, str) and any(c.isdigit() for c in text) for text in texts)


#: kind → whether a value has its shape, and what it must be
_SHAPES: Final[Mapping[str, tuple[Callable[[Any], bool], Sentence]]] = {
    "text": (_text, Sentence("must be a text")),
    "texts": (_texts, Sentence("must be a text or a list of texts")),
    "threshold": (_text, Sentence('must be a volume or an amount, such as "2GB" or "1.00 USD"')),
    "thresholds": (_texts, Sentence('must be volumes or amounts, such as "2GB" or "1.00 USD"')),
    "money": (_amounts, Sentence('must be an amount with its currency, such as "5.00 USD"')),
    "duration": (_text, Sentence('must be a duration, such as "7d"')),
    "time": (lambda value: isinstance(value, str | date), Sentence("must be a date or an instant")),
    "count": (lambda value: type(value) is int and value >= 0, Sentence("must be a whole number, not negative")),
    "flag": (lambda value: isinstance(value, bool), Sentence("must be true or false")),
    "table": (lambda value: isinstance(value, Mapping), Sentence("must be a table")),
}
