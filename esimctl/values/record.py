"""Values with named fields: what a frozen dataclass with slots is, defined in 0.03 ms instead of 0.9.

    @record
    class Price:
        minor: int
        currency: str = "USD"

Every class of values is a record, whether one is made of it or a million: `__init__`, `==` and `hash` are compiled at
their first use and are as fast as a dataclass's. What changes in place is `record(frozen=False)`; it has no hash.
"""

from collections.abc import Callable, Mapping
from functools import cache
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any, ClassVar, Final, TypeVar, dataclass_transform, overload

_T = TypeVar("_T")

REQUIRED: Final[Any] = object()  #: stands for the default of a field that has none
_NEW: Final[Any] = object()  #: stands for what a factory will make


class _Field:
    """A field of which more is said than its default."""

    __slots__ = ("compare", "default", "factory", "repr")

    def __init__(self, default: Any, factory: Callable[[], Any] | None, shown: bool, compare: bool) -> None:
        self.default, self.factory, self.repr, self.compare = default, factory, shown, compare


@overload
def field(*, default: _T, repr: bool = True, compare: bool = True) -> _T: ...
@overload
def field(*, default_factory: Callable[[], _T], repr: bool = True, compare: bool = True) -> _T: ...
def field(
    *,
    default: Any = REQUIRED,
    default_factory: Callable[[], Any] | None = None,
    repr: bool = True,  # noqa: A002
    compare: bool = True,
) -> Any:
    """A field whose default is made anew each time, or that is not shown, or not compared."""
    return _Field(default, default_factory, repr, compare)


@overload
def record(cls: type[_T], /) -> type[_T]: ...
@overload
def record(*, frozen: bool = True) -> Callable[[type[_T]], type[_T]]: ...
@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def record(cls: type | None = None, /, *, frozen: bool = True) -> Any:
    """The class with slots for its annotated fields, those of an inherited record first, and methods made of them.

    `__post_init__` is called when all fields are set.
    """
    return _made(cls, frozen) if cls is not None else lambda each: _made(each, frozen)


def fields(of: Any) -> Mapping[str, Any]:
    """The fields of a record or of its class with their defaults: REQUIRED where there is none or it is made anew."""
    return _defaults(of if isinstance(of, type) else of.__class__)


def as_dict(of: Any) -> dict[str, Any]:
    """The fields of a record with their values; records within it become tables as well."""
    return {name: _plain(getattr(of, name)) for name in of.__record_fields__}


if TYPE_CHECKING:  # mypy checks a copy's fields and their types by this name alone
    from dataclasses import replace as replace
else:

    def replace(of, /, **changes):
        """A copy in which some fields have other values."""
        if hasattr(of, "__replace__"):
            return of.__replace__(**changes)
        return of.__class__(**{name: getattr(of, name) for name in of.__record_fields__} | changes)


@cache
def _defaults(cls: Any) -> Mapping[str, Any]:
    every: dict[str, Any] = cls.__record_fields__
    return {name: given.default if given.__class__ is _Field else given for name, given in every.items()}


def _plain(value: Any) -> Any:
    if hasattr(value, "__record_fields__"):
        return as_dict(value)
    if isinstance(value, list | tuple):
        return type(value)(map(_plain, value))
    return {key: _plain(each) for key, each in value.items()} if isinstance(value, dict) else value


def _made(cls: type, frozen: bool) -> type:
    """The class again, since slots cannot be given to one that exists."""
    every: dict[str, Any] = {}
    for base in cls.__mro__[:0:-1]:
        every |= base.__dict__.get("__record_fields__", {})
    body = dict(cls.__dict__)
    slots = []
    for name, annotation in cls.__annotations__.items():
        if getattr(annotation, "__origin__", annotation) is not ClassVar:
            if name not in every:
                slots.append(name)
            every[name] = given = body.pop(name, REQUIRED)
            if given.__class__.__module__ == "dataclasses":
                raise TypeError(f"{cls.__qualname__}: the field {name} is one of dataclasses, not of records")
    for name in ("__dict__", "__weakref__"):
        body.pop(name, None)
    body |= {"__slots__": tuple(slots), "__match_args__": tuple(every), "__record_fields__": every}
    body.setdefault("__repr__", _repr)
    if frozen:
        body |= {"__setattr__": _refuse, "__delattr__": _refuse, "__reduce__": _reduce}
    body["__qualname__"] = cls.__qualname__
    made: list[type] = []
    for method in ("__init__", "__eq__", "__hash__") if frozen else ("__init__", "__eq__"):
        if method not in cls.__dict__:
            body[method] = _at_first(made, method)
    made.append(type(cls)(cls.__name__, cls.__bases__, body))
    return made[0]


def _at_first(made: list[type], method: str) -> Callable[..., Any]:
    """Stands for a method until it is called: most classes that a command loads never make anything."""

    def first(self: Any, /, *args: Any, **named: Any) -> Any:
        function = _compiled(made[0], method)
        setattr(made[0], method, function)
        return function(self, *args, **named)

    return first


def _compiled(cls: Any, method: str) -> FunctionType:
    every: dict[str, Any] = cls.__record_fields__
    names = list(every)
    space: dict[str, Any] = {"hash": hash}
    defaults: list[Any] = []
    if method == "__init__":
        direct = []
        for n, (name, given) in enumerate(every.items()):
            default, factory = (given.default, given.factory) if given.__class__ is _Field else (given, None)
            direct.append(cls.__setattr__ is not _refuse and factory is None)
            space[f"put{n}"] = _put(getattr(cls, name).__set__, factory)
            if default is not REQUIRED or factory is not None:
                defaults.append(_NEW if factory is not None else default)
            elif defaults:
                raise TypeError(f"{cls.__qualname__}: field {name} without a default follows one that has one")
        code = _shape(method, tuple(direct), hasattr(cls, "__post_init__"))
        code = code.replace(co_varnames=("self", *names))
    else:
        names = [name for name in names if every[name].__class__ is not _Field or every[name].compare]
        code = _shape(method, (True,) * len(names))
    known = {f"f{n}": name for n, name in enumerate(names)}
    code = code.replace(co_names=tuple(known.get(name, name) for name in code.co_names))
    function = FunctionType(code, space, method, tuple(defaults))
    function.__qualname__ = f"{cls.__qualname__}.{method}"
    function.__module__ = cls.__module__
    return function


@cache
def _shape(method: str, direct: tuple[bool, ...], after: bool = False) -> CodeType:
    """The code of a method for so many fields: compiled once, and every class puts its names into it."""
    names = [f"f{n}" for n in range(len(direct))]
    of = {who: f"({''.join(f'{who}.{name}, ' for name in names)})" for who in ("self", "other")}
    if method == "__init__":
        lines = [f"def {method}(self, {', '.join(names)}):"]
        lines += [f"self.f{n} = f{n}" if plain else f"put{n}(self, f{n})" for n, plain in enumerate(direct)]
        lines += ["self.__post_init__()" if after else "pass"]
    elif method == "__eq__":
        lines = [f"def {method}(self, other):"]
        lines += [f"return {of['self']} == {of['other']} if other.__class__ is self.__class__ else NotImplemented"]
    else:
        lines = [f"def {method}(self):", f"return hash({of['self']})"]
    space: dict[str, Any] = {}
    exec("\n ".join(lines), space)  # noqa: S102 -- of numbers alone: no name that anybody chose is in it
    code: CodeType = space[method].__code__
    return code


def _put(put: Callable[[Any, Any], None], factory: Callable[[], Any] | None) -> Callable[[Any, Any], None]:
    """How a frozen record, or a field with a factory, is set."""
    return put if factory is None else lambda of, value: put(of, factory() if value is _NEW else value)


def _repr(self: Any) -> str:
    shown = [n for n, given in self.__record_fields__.items() if given.__class__ is not _Field or given.repr]
    return f"{type(self).__qualname__}({', '.join(f'{name}={getattr(self, name)!r}' for name in shown)})"


def _refuse(self: Any, name: str, _value: object = None) -> None:
    raise AttributeError(f"{type(self).__qualname__} is frozen: {name} stays as it is")


def _reduce(self: Any) -> tuple[type, tuple[Any, ...]]:
    return type(self), tuple(
        getattr(self, name) for name in self.__record_fields__
    )  # copied and pickled by its fields, which cannot be set
