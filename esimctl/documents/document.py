"""A document is a record: one definition gives its keys, types, JSON, JSON Schema 2020-12 and the kinds of columns.

    class DataPart(Document):
        remaining_bytes: Octets | None = field(column=1)
        unlimited: bool

    class BalanceDocument(Document, schema="balance"):
        as_of: datetime
        lines: Iterable[BalanceLine]
        budget: Sequence[BudgetRow] | Absent = ABSENT

A key is called as its field; `from_` stands for `from`, which Python keeps for itself. None is null: unknown. A key
whose value is ABSENT is not there, which a schema says of fields that may be `Absent`. Instants are aware, money is
Money; JSON has them as RFC 3339 UTC with Z and as `{"amount", "currency"}` (the contract's words).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from datetime import date, datetime
from functools import cache
from json import JSONEncoder
from typing import Annotated, Any, ClassVar, Final, Literal, NamedTuple, Self, TypeAlias, TypeVar, dataclass_transform

from esimctl.values.moments import instant
from esimctl.values.money import Money
from esimctl.values.sentence import Sentence


class Words(NamedTuple):
    """The words that a text may be."""

    words: tuple[str, ...]


def one_of(words: str) -> Words:
    """`"active|expired"`: the words of an enumeration, for `Annotated[str, one_of(…)]`."""
    return Words(tuple(words.split("|")))


JSON: TypeAlias = str | int | float | bool | Sequence["JSON"] | Mapping[str, "JSON"] | None
Octets: TypeAlias = Annotated[int, "octets"]
Seconds: TypeAlias = Annotated[int, "seconds"]
Prose: TypeAlias = Annotated[str, "prose"]  #: text for people, the only kind of cell that a narrow table may cut
Anything: TypeAlias = Annotated[JSON, "any"]  #: what somebody else's data decide: a claim's value, a plan's terms


class Absent:
    """The type of ABSENT."""

    __slots__ = ()

    def __bool__(self) -> Literal[False]:
        return False

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Final = Absent()  #: a key that is not in the document


D = TypeVar("D", bound="Document")


class ColumnField(NamedTuple):
    """A field of which more is said than its type."""

    column: int


def field(*, column: int) -> Any:
    """A field that has no default; `column` is its priority in a table that is too wide: 0 never goes."""
    return ColumnField(column)


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(field,))
class Document:
    """What `--json` answers, or a part of it; made by keywords, and it does not change."""

    SCHEMA: ClassVar[str] = ""  #: `esimctl.<SCHEMA>/1`, for whole documents
    KEYS: ClassVar[tuple[str, ...]] = ()  #: the fields in the order of the document
    COLUMNS: ClassVar[Mapping[str, int]] = {}  #: field → priority of its column
    REQUIRED: ClassVar[frozenset[str]] = frozenset()  #: the fields without a default
    __record_fields__: ClassVar[Mapping[str, str]] = {}  #: field → its key in JSON

    def __init_subclass__(cls, schema: str = "") -> None:
        cls.SCHEMA = schema
        for name, at_first in _AT_FIRST.items():
            setattr(cls, name, at_first)

    def __init__(self, **values: Any) -> None:
        given = values.keys()
        if not given >= self.REQUIRED:
            raise TypeError(f"{self.__class__.__name__} lacks {', '.join(sorted(self.REQUIRED - given))}")
        _refuse_unknown(self.__class__, given)
        self.__dict__.update(values)

    def __replace__(self, **changes: Any) -> Self:
        _refuse_unknown(self.__class__, changes.keys())
        made = self.__class__.__new__(self.__class__)  # what it must have is there already
        made.__dict__.update(self.__dict__, **changes)
        return made

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{self.__class__.__name__} is frozen: {name} stays as it is")

    def __repr__(self) -> str:
        return f"{self.__class__.__name__}({', '.join(f'{key}={getattr(self, key)!r}' for key in self.KEYS)})"


def _refuse_unknown(cls: type[Document], given: Set[str]) -> None:
    if not given <= cls.__record_fields__.keys():
        unknown = given - cls.__record_fields__.keys()
        raise TypeError(f"{cls.__name__} has no {', '.join(sorted(unknown))}")


class _AtFirst:
    """Stands for what follows from the fields of a document until it is asked for.

    Nearly all documents that a command loads it never makes, and defining them was a tenth of its own time.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def __get__(self, _document: Document | None, cls: type[Document]) -> Any:
        _define(cls)
        return cls.__dict__[self._name]


_AT_FIRST: Final = {name: _AtFirst(name) for name in ("KEYS", "COLUMNS", "REQUIRED", "__record_fields__")}


def _define(cls: type[Document]) -> None:
    own = [name for name, type_ in cls.__annotations__.items() if getattr(type_, "__origin__", 0) is not ClassVar]
    bases = [base for base in cls.__bases__ if issubclass(base, Document)]
    cls.KEYS = tuple(dict.fromkeys((*(key for base in bases for key in base.KEYS), *own)))
    given = {name: cls.__dict__[name] for name in own if name in cls.__dict__}
    columns = {name: each.column for name, each in given.items() if isinstance(each, ColumnField)}
    cls.COLUMNS = {name: of[name] for of in (*(base.COLUMNS for base in bases), columns) for name in of}
    required = frozenset(name for name in own if name not in given or name in columns)
    cls.REQUIRED = required.union(*(base.REQUIRED for base in bases))
    cls.__record_fields__ = {name: key_of(name) for name in cls.KEYS}


def key_of(name: str) -> str:
    """The key in JSON of a field."""
    return name.removesuffix("_")


def as_json(value: Any) -> Any:
    """A document, or what stands in one, in plain JSON types; what is iterated only once is a list then."""
    if value.__class__ in _WRITTEN:
        written = _WRITTEN[value.__class__]
        return value if written is None else written(value)
    if isinstance(value, Document):
        return {key: each if each.__class__ in _PLAIN else as_json(each) for key, each in _table(value).items()}
    if isinstance(value, Mapping):
        return {key: as_json(each) for key, each in value.items()}
    if isinstance(value, str):
        return str(value)
    if isinstance(value, datetime):
        return instant(value)
    if isinstance(value, Iterable):
        return [as_json(each) for each in value]
    raise TypeError(f"{value.__class__.__name__} has no place in a document")


def json_text(value: Any) -> str:
    """A document, or what stands in one, as the text of its JSON."""
    return _ENCODER.encode(value)


def _table(value: Document) -> Mapping[str, Any]:
    """The keys of a document with their values, without what is absent; nobody changes it."""
    held: dict[str, Any] = value.__dict__
    cls: Any = value.__class__
    may_be_absent = _as_they_stand(cls, tuple(held))
    if may_be_absent is not None and not any(held[name] is ABSENT for name in may_be_absent):
        return held
    every = ((key, getattr(value, name)) for name, key in value.__record_fields__.items())
    return {key: each for key, each in every if each is not ABSENT}


@cache
def _as_they_stand(cls: Any, held: tuple[str, ...]) -> list[str] | None:
    """Which of the fields that were given may be absent; None where these are not all, or in another order."""
    given = [name for name in cls.KEYS if name in held or getattr(cls, name) is not ABSENT]
    if given != list(held) or any(key_of(name) != name for name in given):
        return None
    return [name for name in given if name not in cls.REQUIRED]


def _opened(value: Any) -> Any:
    """What the encoder does not know, opened by one layer: it asks again for what it finds within."""
    written = _WRITTEN.get(value.__class__)
    if written is not None:
        return written(value)
    return _table(value) if isinstance(value, Document) else as_json(value)


_ENCODER: Final = JSONEncoder(ensure_ascii=False, default=_opened)

_PLAIN: Final[frozenset[type]] = frozenset((str, int, bool, float, None.__class__))

#: class → how it is written, None where it is plain: nearly all that stands in documents is of one of these
_WRITTEN: Final[Mapping[type, Callable[[Any], Any] | None]] = {
    **dict.fromkeys(_PLAIN),
    datetime: instant,
    date: date.isoformat,
    Money: Money.as_json,
    Sentence: Sentence.as_table,
}
