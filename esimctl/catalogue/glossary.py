"""Words that people search with, in three languages, and the concept that each of them means (R-31)."""

from functools import lru_cache

from esimctl.catalogue import shipped


def concept(word: str) -> str | None:
    """The concept of a word (`rollover` for 流量不清零), or None."""
    return _words().get(_folded(word))


def concepts(word: str) -> tuple[str, ...] | None:
    """Every concept that a word is put together of (`weekend` for 周末流量包); None where a part of it is unknown."""
    whole = concept(word)
    found = [whole] if whole is not None else _taken_apart(_folded(word))
    return None if found is None else tuple(dict.fromkeys(found))


def _taken_apart(text: str) -> list[str] | None:
    """The concepts of a folded word from left to right, the longest parts first; None where it cannot be done."""
    if not text:
        return []
    known, filler = _words(), _filler()
    for length in range(len(text), 0, -1):
        part = text[:length]
        if part not in known and part not in filler:
            continue
        rest = _taken_apart(text[length:])
        if rest is not None:
            return rest if part in filler else [known[part], *rest]
    return None


def words() -> tuple[str, ...]:
    """Every word that is known, as it is written in the file."""
    return tuple(word for row in shipped.compiled("glossary")["concept"].values() for word in row)


@lru_cache(maxsize=1)
def _words() -> dict[str, str]:
    rows = shipped.compiled("glossary")["concept"]
    return {_folded(word): name for name, row in rows.items() for word in (name, *row)}


@lru_cache(maxsize=1)
def _filler() -> frozenset[str]:
    return frozenset(_folded(word) for word in shipped.compiled("glossary")["filler"])


def _folded(word: str) -> str:
    return "".join(word.casefold().replace("-", "").split())
