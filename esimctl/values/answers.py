"""Yes and no as people answer them, in the languages that the program speaks."""

import unicodedata
from typing import Final

YES: Final = frozenset({"y", "yes", "ok", "是", "是的", "好", "好的", "确认", "同意", "បាទ", "ចាស", "យល់ព្រម"})
NO: Final = frozenset({"", "n", "no", "否", "不", "不是", "ទេ"})


def answer(text: str) -> bool | None:
    """Whether an answer means yes; no for an empty one, None for one that is neither. Punctuation does not count."""
    said = unicodedata.normalize("NFKC", text)
    word = "".join(each for each in said if unicodedata.category(each)[0] not in "PZCS").casefold()
    if word in YES:
        return True
    return False if word in NO and (word or not said.strip()) else None
