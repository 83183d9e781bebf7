"""A document made again from its JSON, such as a line's that was kept."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, TypeVar

from esimctl.documents.document import ABSENT, JSON, Document
from esimctl.documents.kinds import FieldKind, kinds
from esimctl.values.money import Money
from esimctl.values.sentence import Sentence, from_table

D = TypeVar("D", bound=Document)


def read(cls: type[D], table: Mapping[str, JSON]) -> D:
    """The document; raises KeyError where a key is missing, ValueError where a value is of another kind."""
    return cls(**{name: value for name, make in _readers(cls).items() if (value := make(table)) is not ABSENT})


_KNOWN: dict[type[Document], Mapping[str, Callable[[Mapping[str, JSON]], Any]]] = {}


def _readers(cls: type[Document]) -> Mapping[str, Callable[[Mapping[str, JSON]], Any]]:
    if cls not in _KNOWN:
        every = zip(cls.KEYS, kinds(cls).items(), strict=True)
        _KNOWN[cls] = {name: _field(key, kind) for name, (key, kind) in every}
    return _KNOWN[cls]


def _field(key: str, kind: FieldKind) -> Callable[[Mapping[str, JSON]], Any]:
    make = value_of(kind)
    if kind.absent:
        return lambda table: make(table[key]) if key in table else ABSENT
    return lambda table: make(table[key])


def value_of(kind: FieldKind) -> Callable[[Any], Any]:
    """What makes a value of that kind from its JSON; raises as `read` does."""
    made = _of(kind)
    return made if made is _itself or not kind.null else lambda value: None if value is None else made(value)


def _of(kind: FieldKind) -> Callable[[Any], Any]:
    if kind.document is not None:
        document = kind.document
        return lambda value: read(document, value)
    if kind.name == "rows" and kind.of is not None:
        each = value_of(kind.of)
        return list if each is _itself else lambda value: [each(one) for one in value]
    if kind.name == "map" and kind.of is not None:
        every = value_of(kind.of)
        return lambda value: {key: every(one) for key, one in value.items()}
    if kind.name == "either":
        return _either(tuple(map(_of, kind.kinds)))
    return READERS.get(kind.name, _itself)


def _either(made: tuple[Callable[[Any], Any], ...]) -> Callable[[Any], Any]:
    def first_that_fits(value: Any) -> Any:
        for make in made:
            try:
                return make(value)
            except (KeyError, TypeError, ValueError):
                continue
        raise ValueError(f"{value!r:.60} is none of the kinds that can stand here")

    return first_that_fits


def _itself(value: Any) -> Any:
    return value


def _money(value: Mapping[str, str]) -> Money:
    amount = value["amount"]
    money = Money.parse(f"{amount.removeprefix('-')} {value['currency']}")
    return -money if amount.startswith("-") else money


def _sentence(value: Mapping[str, JSON]) -> Sentence:
    said = from_table(value)
    if said is None:
        raise ValueError("no sentence")
    return said


READERS: Mapping[str, Callable[[Any], Any]] = {
    "instant": datetime.fromisoformat,
    "day": date.fromisoformat,
    "money": _money,
    "sentence": _sentence,
}
