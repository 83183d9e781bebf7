"""Decisions of earlier versions: said by their reason's code, and as they were kept where nobody knows it."""

import pytest

from esimctl.autotopup.table import SENTENCES, TRIED, retold
from esimctl.values.sentence import Raw, Sentence

UNTIL = {"until": Raw("2026-11-20 09:00 UTC")}


@pytest.mark.parametrize(
    ("reason", "kept", "today"),
    [
        ("cooldown", Sentence("wait until {until}", UNTIL), Sentence(SENTENCES["cooldown"], UNTIL)),
        ("paused", Sentence("nothing is spent now"), Sentence(SENTENCES["paused"])),
        ("paused", None, Sentence(SENTENCES["paused"])),
        ("expired", Sentence("ended {until}, {n} days ago", {**UNTIL, "n": 3}), Sentence(SENTENCES["expired"], UNTIL)),
        (
            "disabled",
            Sentence("{line} is no more", {"line": Raw("phone")}),
            Sentence(SENTENCES["line_removed"], {"line": Raw("phone")}),
        ),
    ],
)  # fmt: skip
def test_a_former_sentence_is_said_as_its_reason_is_now(reason: str, kept: Sentence | None, today: Sentence) -> None:
    """What filled it fills today's."""
    assert retold(reason, kept) == today


@pytest.mark.parametrize(
    ("reason", "kept"),
    [
        ("cooldown", Sentence("too soon")),
        ("cooldown", Sentence(SENTENCES["cooldown"], UNTIL)),
        ("phase_of_the_moon", Sentence("the moon is full")),
        ("not_due", Sentence("{left} is left", {"left": Raw("2 GB")})),
        ("paused", Sentence(TRIED, {"why": Sentence("due"), "what": Raw("declined")})),
        ("cooldown", None),
    ],
)
def test_what_cannot_be_said_anew_stays_as_it_was_kept(reason: str, kept: Sentence | None) -> None:
    """No value that today's needs, no such reason, or words that are today's already."""
    assert retold(reason, kept) == kept
