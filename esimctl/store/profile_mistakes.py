"""What is wrong in profile.toml: on which line, at which key, and what was probably meant.

A mistake stops spending, for it may be a limit that does not hold; whatever only reads goes on and says it.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from esimctl.errors import ConfigurationError
from esimctl.values.record import field, record
from esimctl.values.sentence import Param, Raw, Sentence
from esimctl.values.tables import TomlText
from esimctl.values.text import nearest

#: what → (its sentence, the same where something near is known)
TEXTS: Final = {
    "unknown_key": ("{place}: unknown key {key}", "{place}: unknown key {key}, did you mean {near}?"),
}
EDIT: Final = "mend it with an editor, then: esimctl doctor"
UNKNOWN_KEY: Final = TEXTS["unknown_key"]


@record
class Mistake:
    """One mistake. `path` are the keys down to it (none of a file beside it), `template` and `params` its sentence."""

    path: tuple[str, ...]
    template: str
    params: Mapping[str, Param] = field(default_factory=dict)
    way: str = EDIT  #: what mends it

    @property
    def said(self) -> Sentence:
        """What a person reads."""
        return Sentence(self.template, self.params)

    @property
    def mending(self) -> Sentence:
        """What mends it."""
        return Sentence(self.way, self.params)

    def error(self) -> ConfigurationError:
        """The mistake as what stops a purchase (78)."""
        params: dict[str, Any] = dict(self.params)
        return ConfigurationError(self.template, hint=self.way, code="profile_mistake", **params)


def mistake(
    file: TomlText, path: Sequence[str], texts: tuple[str, str], known: Iterable[str] = (), **params: Param
) -> Mistake:
    """A mistake with its line, and with the nearest of the `known` names to `params["value"]` or to the key."""
    wanted = str(params.get("value", path[-1]))
    names = list(known)
    near = [each for each in names if each.endswith(f".{wanted}")] or nearest(wanted, names, 1)
    told = {"place": file.place_of(tuple(path)), "key": Raw(".".join(path)), **params}
    if near:
        return Mistake(tuple(path), texts[1], {**told, "near": Raw(near[0])})
    return Mistake(tuple(path), texts[0], told)
