"""What the annotation of a document's field says: its kind, whether null may stand there, whether it may be missing."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from inspect import get_annotations
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from esimctl.documents.document import Absent, Document, Words, key_of
from esimctl.values.money import Money
from esimctl.values.record import record, replace
from esimctl.values.sentence import Sentence


@record
class FieldKind:
    """The kind of a value.

    `octets seconds count flag instant day money text prose sentence any`, `word` (one of `words`), `part` (a
    `document`), `rows` (many of `of`), `map` (words to `of`) and `either` (one of `kinds`).
    """

    name: str
    null: bool = False
    absent: bool = False
    words: tuple[str, ...] = ()
    document: type[Document] | None = None
    of: "FieldKind | None" = None
    kinds: "tuple[FieldKind, ...]" = ()


PLAIN = {str: "text", int: "count", bool: "flag", datetime: "instant", date: "day", Money: "money"}
PLAIN |= {Sentence: "sentence"}


_KNOWN: dict[type[Document], Mapping[str, FieldKind]] = {}


def kinds(document: type[Document]) -> Mapping[str, FieldKind]:
    """Key in JSON → kind, in the order of the document."""
    if document not in _KNOWN:
        annotations: dict[str, Any] = {}
        for base in reversed(document.__mro__):
            annotations |= get_annotations(base)
        _KNOWN[document] = {key_of(name): kind_of_annotation(annotations[name]) for name in document.KEYS}
    return _KNOWN[document]


def kind_of_annotation(annotation: Any) -> FieldKind:
    """The kind that an annotation names; raises TypeError where a document cannot hold such a value."""
    origin, args = get_origin(annotation), get_args(annotation)
    if annotation in PLAIN:
        return FieldKind(PLAIN[annotation])
    if isinstance(annotation, type) and issubclass(annotation, Document):
        return FieldKind("part", document=annotation)
    if origin is Annotated:
        said = args[1]
        return FieldKind("word", words=said.words) if isinstance(said, Words) else FieldKind(said)
    if origin is Literal:
        return FieldKind("word", words=args)
    if origin in (Union, UnionType):
        known = [kind_of_annotation(each) for each in args if each not in (type(None), Absent)]
        only = known[0] if len(known) == 1 else FieldKind("either", kinds=tuple(known))
        return replace(only, null=type(None) in args, absent=Absent in args)
    if origin in (Sequence, Iterable, list, tuple):
        return FieldKind("rows", of=kind_of_annotation(args[0]))
    if origin is Mapping:
        return FieldKind("map", of=kind_of_annotation(args[1]))
    raise TypeError(f"a document holds no {annotation}")
