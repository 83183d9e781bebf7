"""How the record is kept: English in full for every output, tables in full for every language, the rest by digest.

What a program reads (tsv, csv, json) says in another language what it says in English, except for what stderr and
sentences within a document say; so a digest is enough there, and a difference is looked at by playing the story.
"""

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parent / "kept"

Said = Mapping[tuple[str, str], tuple[str, str]]  #: (output, language) → (answers, journal)


def in_full(output: str, language: str) -> bool:
    """Whether the answers of a form are kept as they are."""
    return language == "en" or output == "table"


def digest(text: str) -> str:
    """SHA-256 of a text, as hex."""
    return sha256(text.encode()).hexdigest()


def place(name: str, output: str, language: str) -> Path:
    """The file of a form that is kept in full."""
    return FOLDER / f"{name}.{output}.{language}.txt"


def document(name: str, said: Said) -> dict[Path, str]:
    """Every file of a story's record with its text: answers, the journal, digests of the other forms."""
    found = {place(name, *form): answers for form, (answers, _) in said.items() if in_full(*form)}
    found[FOLDER / f"{name}.journal.txt"] = said["json", "en"][1]
    found[FOLDER / f"{name}.digests.txt"] = "".join(
        f"{output} {language} {digest(answers)} {digest(journal)}\n"
        for (output, language), (answers, journal) in said.items()
    )
    return found


__all__ = ["FOLDER", "Said", "digest", "document", "in_full", "place"]
