"""Words that people search with, in three languages, and the concept that each of them means (R-31)."""

from functools import lru_cache

from esimctl.catalogue import shipped


def concept(word: str) -> str | None:
    """The concept of a word (`rollover` for 流量不清零), or None."""
    return _words().get(_folded(word))


def words() -> tuple[str, ...]:
    """Every word that is known, as it is written in the file."""
    return tuple(word for row in shipped.table("glossary.toml")["concept"].values() for word in row["words"])


@lru_cache(maxsize=1)
def _words() -> dict[str, str]:
    rows = shipped.table("glossary.toml")["concept"]
    return {_folded(word): name for name, row in rows.items() for word in (name, *row["words"])}


def _folded(word: str) -> str:
    return "".join(word.casefold().replace("-", "").split())


__all__ = ["concept", "words"]
