"""The tables of profile.toml that are known, as data: which keys there are and of which type."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from esimctl.errors import ConfigurationError
from esimctl.store.profile_mistakes import UNKNOWN_KEY, Mistake, line_of, mistake

_NAMED: Final = ("provider", "payment", "line", "rule", "claim", "pattern", "device", "payee")

#: section → key → type. Money, volumes and durations are texts here; what they mean is read where they are used.
TABLES: Final[Mapping[str, Mapping[str, str]]] = {
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
        "line": "text", "below": "text", "before_expiry": "duration", "every": "text", "from": "time", "plan": "text",
        "amount": "money", "target": "text", "pay": "texts", "max_price": "money", "max_per_month": "money",
        "max_count": "count", "cooldown": "duration", "until": "time", "remind": "texts", "enabled": "flag",
        "max_per_day": "money", "max_age": "duration", "ask": "flag", "floor": "money", "max_unattended": "count",
    },
}  # fmt: skip


#: what a table of limits may hold
LIMITS: Final = ("per_order", "per_day", "per_month", "count_per_day", "count_per_month")


def check_tables(doc: Mapping[str, Any], data: bytes, name: str) -> list[Mistake]:
    """Keys that nobody knows; ConfigurationError (78) naming line and key for a wrong type. `data` is the file."""

    def unknown(path: Sequence[str], known: Iterable[str]) -> Mistake:
        return mistake(path, UNKNOWN_KEY, data, name, known)

    found: list[Mistake] = []
    for section, table in doc.items():
        if section == "schema":
            continue
        if section not in TABLES:
            found.append(unknown((section,), (f"settings.{section}",) if section in TABLES["settings"] else TABLES))
        elif not isinstance(table, Mapping):
            raise _wrong(name, data, (section,), "must be a table")
        elif section not in _NAMED:
            found += _check(table, TABLES[section], (section,), data, name)
        else:
            for each, inner in table.items():
                if not isinstance(inner, Mapping):
                    raise _wrong(name, data, (section, each), "must be a table")
                found += _check(inner, TABLES[section], (section, each), data, name)
    return found


def check_lines(doc: Mapping[str, Any], data: bytes, name: str) -> None:
    """ConfigurationError (78) for a line that says no provider: nobody could be asked about it."""
    for each, table in doc.get("line", {}).items():
        if "provider" not in table:
            raise _wrong(name, data, ("line", each, "provider"), "is missing")


def _check(
    table: Mapping[str, Any], known: Mapping[str, str], path: tuple[str, ...], data: bytes, name: str
) -> list[Mistake]:
    found = []
    for key, value in table.items():
        here = (*path, key)
        if key not in known:
            found.append(mistake(here, UNKNOWN_KEY, data, name, known))
        elif known[key] == "limits" and isinstance(value, Mapping):
            found += [mistake((*here, each), UNKNOWN_KEY, data, name, LIMITS) for each in value if each not in LIMITS]
            if not _limits({each: amount for each, amount in value.items() if each in LIMITS}):
                raise _wrong(name, data, here, _WORDS["limits"])
        elif not _TYPES[known[key]](value):
            raise _wrong(name, data, here, _WORDS[known[key]])
    return found


def _wrong(name: str, data: bytes, path: tuple[str, ...], what: str) -> ConfigurationError:
    key, line = ".".join(path), line_of(data, path)
    place = f"{name}, key {key}" if line is None else f"{name}, line {line}, key {key}"
    return ConfigurationError(
        "{place}: {what}", hint="mend it with an editor; earlier revisions are in backups/", code="profile_value",
        place=place, what=what, file=name, line=line, column=None, key=key,
    )  # fmt: skip


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _texts(value: Any) -> bool:
    return isinstance(value, str) or (isinstance(value, list) and all(isinstance(item, str) for item in value))


def _amounts(value: Any) -> bool:
    """One amount with its currency, or a list of them in several currencies."""
    texts = value if isinstance(value, list) else [value]
    return bool(texts) and all(isinstance(text, str) and any(c.isdigit() for c in text) for text in texts)


def _limits(value: Any) -> bool:
    """Amounts per_order, per_day, per_month, counts count_per_day, count_per_month; a typo must not lift a limit."""
    return isinstance(value, Mapping) and all(
        (key in ("per_order", "per_day", "per_month") and _amounts(item))
        or (key in ("count_per_day", "count_per_month") and _count(item))
        for key, item in value.items()
    )


_TYPES: Final[Mapping[str, Callable[[Any], bool]]] = {
    "text": _text,
    "texts": _texts,
    "money": _amounts,
    "duration": _text,
    "time": lambda value: isinstance(value, str | datetime | date),
    "count": _count,
    "limits": _limits,
    "flag": lambda value: isinstance(value, bool),
    "table": lambda value: isinstance(value, Mapping),
}
_WORDS: Final[Mapping[str, str]] = {
    "text": "must be text",
    "texts": "must be a text or a list of texts",
    "money": 'must be an amount with its currency, such as "5.00 USD"',
    "duration": 'must be a duration, such as "7d"',
    "time": "must be a date or an instant",
    "count": "must be a whole number, not negative",
    "flag": "must be true or false",
    "table": "must be a table",
    "limits": "may hold amounts per_order, per_day, per_month and whole numbers count_per_day, count_per_month",
}
