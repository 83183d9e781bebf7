"""A sentence that travels as a table and is said later, in the reader's language."""

import pytest

from esimctl.show.words import say, spoken
from esimctl.values.sentence import Sentence, from_table

WHY = Sentence("{count} orders in a row were refused", {"count": 3})
WHOLE = Sentence("rules do not spend: {why}", {"why": WHY})


def test_it_comes_back_as_it_went() -> None:
    assert from_table(WHOLE.as_table()) == WHOLE
    assert str(WHOLE) == "rules do not spend: 3 orders in a row were refused"


@pytest.mark.parametrize("table", [None, "text", {}, {"template": 3}, {"template": "x", "params": []}])
def test_what_is_none_is_none(table: object) -> None:
    assert from_table(table) is None
    assert spoken(table, "as it was") == "as it was"


def test_texts_of_others_are_harmless_in_it() -> None:
    said = Sentence("{line} is low", {"line": "a\x1b[2Jb"})
    assert "\x1b" not in str(said)
    assert "\x1b" not in str(spoken(said.as_table(), None))
    assert "\x1b" not in say("over: {what}", what=Sentence("{x}", {"x": "\x1b"}))


def test_a_sentence_within_a_sentence_is_translated_too(monkeypatch: pytest.MonkeyPatch) -> None:
    from esimctl.show import words

    class Upper:
        def gettext(self, text: str) -> str:
            return text.replace("rules do not spend", "RULES").replace("orders in a row were refused", "REFUSED")

    monkeypatch.setattr(words, "_catalogue", lambda _tag: Upper())
    assert spoken(WHOLE.as_table(), None) == "RULES: 3 REFUSED"
