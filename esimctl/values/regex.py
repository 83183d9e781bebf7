"""Regular expressions that are compiled when one of them is first asked.

A command loads the expressions of every module that it may need and asks a few of them; compiling the others was a
tenth of `buy`, the longest lists of words alone took 8 ms.
"""

import re
from typing import Any, AnyStr, cast


class _Regex:
    """Stands for the compiled expression, whose methods become its own when they are first looked for."""

    def __init__(self, text: str | bytes, flags: int) -> None:
        self._text, self._flags = text, flags

    def __getattr__(self, name: str) -> Any:
        found = getattr(re.compile(self._text, self._flags), name)
        self.__dict__[name] = found
        return found


def regex(text: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """What `re.compile` gives, at its first use: a mistake in the expression is told no sooner."""
    return cast("re.Pattern[AnyStr]", _Regex(text, flags))
