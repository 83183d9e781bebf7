"""A sentence that is said later, perhaps in another language: an English template with what fills it.

It travels through documents and the journal as a table of `template` and `params`. What fills a template is a number,
a figure that says itself (Money), an instant, a sentence again, several of these, or a text that nobody translates
(Raw). Finished English is none of them: a bare `str` is no Param.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, TypeAlias

from esimctl.values.record import field, record
from esimctl.values.text import clean


class Raw(str):
    """A name, a command or somebody's text: it stands as it is, made harmless to show, in every language."""

    __slots__ = ()


class Figure:
    """A value that reads alike in every language: an amount of money, a volume."""

    __slots__ = ()


Param: TypeAlias = "int | date | Raw | Figure | Sentence | Several"


@record
class Sentence:
    """`str()` gives it in English, harmless to show."""

    template: str
    params: Mapping[str, Param] = field(default_factory=dict)

    def __str__(self) -> str:
        if not self.params:
            return self.template
        safe = {name: clean(value) if isinstance(value, str) else value for name, value in self.params.items()}
        return self.template.format(**safe)

    def as_table(self) -> dict[str, Any]:
        """Text, integers and tables only."""
        return {"template": self.template, "params": {name: _plain(value) for name, value in self.params.items()}}


@record
class Several:
    """Things one after the other; `joint` is the template that puts two together."""

    items: tuple[Param, ...]
    joint: str = "{a}, {b}"

    def __str__(self) -> str:
        said = ""
        for place, item in enumerate(self.items):
            word = clean(item) if isinstance(item, str) else str(item)
            said = word if not place else self.joint.format(a=said, b=word)
        return said


def commas(names: Iterable[str]) -> Several:
    """Names with commas between them."""
    return Several(tuple(map(Raw, names)))


def either(names: Iterable[str]) -> Several:
    """Names of which one is meant."""
    return Several(tuple(map(Raw, names)), Sentence("{a} or {b}").template)


def both(names: Iterable[str]) -> Several:
    """Names that are meant together."""
    return Several(tuple(map(Raw, names)), Sentence("{a} and {b}").template)


class SaidError(ValueError):
    """What a pure function refuses, as a sentence."""

    def __init__(self, template: str, **params: Param) -> None:
        self.said = Sentence(template, params)
        super().__init__(str(self.said))

    def __reduce__(self) -> tuple[Any, ...]:
        return _again, (self.__class__, self.said)


def said_of(error: Exception) -> Param:
    """What an error says within a sentence: a sentence where it holds one, else its words as they are."""
    said = getattr(error, "said", None)
    return said if isinstance(said, Sentence) else Raw(str(error))


class Told(str):
    """The English text of a sentence, as a document holds it; who shows it to a person says `said`."""

    __slots__ = ("said",)

    said: Sentence

    def __new__(cls, said: Sentence) -> "Told":
        """The text of a sentence, with the sentence."""
        made = super().__new__(cls, said)
        made.said = said
        return made


def in_document(text: str | Sentence) -> str:
    """What a document holds of a text, or of a sentence: that remembers what it is."""
    return Told(text) if isinstance(text, Sentence) else text


def as_kept(text: str) -> Sentence:
    """A text that a journal keeps: what stands in it as a template of ours is said in the reader's language."""
    return Sentence(clean(text))


def _again(cls: type[SaidError], said: Sentence) -> SaidError:
    return cls(said.template, **said.params)


def _plain(value: Any) -> Any:
    if isinstance(value, Sentence):
        return value.as_table()
    return value if isinstance(value, int) else str(value)  # a Raw becomes a plain text, which is written the short way


def from_table(table: Any) -> Sentence | None:
    """The inverse of `as_table`; None for anything else, such as what an older journal holds."""
    if not isinstance(table, Mapping) or not isinstance(table.get("template"), str):
        return None
    params = table.get("params", {})
    if not isinstance(params, Mapping):
        return None
    return sentence_of(table["template"], params)


def sentence_of(template: str, params: Mapping[str, Any]) -> Sentence:
    """The sentence that a document or the journal holds; what fills it are texts, numbers and such tables."""
    return Sentence(template, {name: from_table(value) or _raw(value) for name, value in params.items()})


def _raw(value: Any) -> Param:
    return value if isinstance(value, int) else Raw(value)
