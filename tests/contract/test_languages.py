"""Every sentence in every language: complete, with the same parameters, and never where a program reads."""

import gettext
import io
import string
from functools import cache

import pytest

from esimctl.show import words
from esimctl.show.words import language
from tests.conftest import Runner
from tests.contract.test_documents import JOURNEY
from tests.languages import CATALOGUES, collected, compiled, place, read_po

PLAN = "demo-monthly-20gb"

#: environment → language
CHOSEN = [
    ({}, "en"),
    ({"LANG": "zh_CN.UTF-8"}, "zh-CN"),
    ({"LANG": "km_KH.UTF-8"}, "km"),
    ({"LANG": "de_DE.UTF-8"}, "en"),
    ({"LC_ALL": "C", "LANG": "zh_CN.UTF-8"}, "en"),
    ({"LC_ALL": "POSIX", "LANG": "km_KH.UTF-8"}, "en"),
    ({"LC_ALL": "C.UTF-8", "LANG": "zh_CN.UTF-8"}, "en"),
    ({"LC_ALL": "", "LC_MESSAGES": "km_KH", "LANG": "zh_CN"}, "km"),
    ({"LC_ALL": "C", "LANGUAGE": "zh_CN"}, "en"),
    ({"ESIMCTL_LANG": "zh-CN", "LC_ALL": "C"}, "zh-CN"),
    ({"ESIMCTL_LANG": "en", "LANG": "km_KH.UTF-8"}, "en"),
    ({"ESIMCTL_LANG": "km", "LANG": "zh_CN.UTF-8"}, "km"),
    ({"ESIMCTL_LANG": "xx"}, "en"),
    ({"LANG": "zh-Hans"}, "zh-CN"),
]


@pytest.mark.parametrize(("environ", "tag"), CHOSEN, ids=[str(environ) for environ, _ in CHOSEN])
def test_which_language(environ: dict[str, str], tag: str) -> None:
    """ESIMCTL_LANG, then the first of LC_ALL, LC_MESSAGES and LANG; LANGUAGE never, C and POSIX are English."""
    assert language(environ) == tag


@cache
def sentences() -> frozenset[str]:
    """All that the program says, read from its source once for all languages."""
    return frozenset(collected())


@pytest.mark.parametrize("folder", CATALOGUES)
def test_every_sentence_is_translated(folder: str) -> None:
    """To mend: `python -m tests.languages`, then fill in what it counts."""
    translated = read_po(place(folder))
    assert sorted(sentences() - set(translated)) == []
    assert sorted(set(translated) - sentences()) == []
    assert [message for message, text in translated.items() if not text] == []


def parameters(text: str) -> list[tuple[str, str | None, str | None]]:
    """(name, conversion, format) of every parameter, in order of name."""
    parsed = string.Formatter().parse(text)
    return sorted({(name, conversion, spec) for _, name, spec, conversion in parsed if name is not None}, key=str)


def pairs(folder: str) -> list[tuple[str, str]]:
    """(sentence, translation) of those that have one; that all have one is a test of its own."""
    return [(message, text) for message, text in read_po(place(folder)).items() if text]


@pytest.mark.parametrize("folder", CATALOGUES)
def test_parameters_are_the_same(folder: str) -> None:
    """A sentence with other parameters than the English one would fail where it is shown."""
    for message, text in pairs(folder):
        if message.startswith("money: in JSON"):
            continue  # shows JSON, takes no parameters
        assert parameters(text) == parameters(message), message


@pytest.mark.parametrize("folder", CATALOGUES)
def test_questions_end_as_they_do_in_english(folder: str) -> None:
    """A blank at the end keeps the answer apart from the question; no sentence has line breaks or controls."""
    for message, text in pairs(folder):
        assert text.endswith(" ") == message.endswith(" "), message
        assert text.isprintable() or set(text) <= set(text.replace("\u200b", "")), message


@pytest.mark.parametrize("folder", CATALOGUES)
def test_commands_and_options_stay_as_they_are_typed(folder: str) -> None:
    """What a person has to type is the same in every language."""
    for message, text in pairs(folder):
        typed = {
            word.strip(".,;:()«»`'\"，。；：（）、")
            for word in message.split()
            if word.startswith(("--", "(--", "«--"))
        }
        for word in typed:
            assert word in text, (message, word)


@pytest.mark.parametrize("folder", CATALOGUES)
def test_the_compiled_catalogue_is_the_text(folder: str) -> None:
    """The committed .mo is what the .po compiles to, and Python's gettext reads it."""
    data = place(folder).with_suffix(".mo").read_bytes()
    translated = read_po(place(folder))
    assert data == compiled(folder, translated)
    read = gettext.GNUTranslations(io.BytesIO(data))
    for message, text in pairs(folder):
        assert read.gettext(message) == text
    assert read.info()["language"] == folder


@pytest.mark.parametrize("tag", ["zh-CN", "km"])
def test_a_whole_journey_finds_every_sentence(run: Runner, tag: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is looked up while a person works stands in the catalogue, also what comes out of variables."""
    known = set(read_po(place(words.LANGUAGES[tag])))
    missing: set[str] = set()
    look_up = gettext.GNUTranslations.gettext

    def watched(catalogue: gettext.GNUTranslations, message: str) -> str:
        if message not in known and any(part.isalpha() for part in message.split()):
            missing.add(message)
        return look_up(catalogue, message)

    monkeypatch.setattr(gettext.GNUTranslations, "gettext", watched)
    monkeypatch.setenv("ESIMCTL_LANG", tag)
    for step in JOURNEY:
        if not step.startswith("schema"):
            run(*step.split(), "-o", "table")
    assert {message for message in missing if not message.startswith(("esimctl ", "--"))} == set()


#: what only looks, and what is refused; a person's sentences are on stderr
LOOKING = (
    "plans list", f"plans show {PLAN}", "plans compare smart-laor-7d smart-5g-30d",
    "plans recommend --days 9 --data 9GB", "buy nothing", "nonsense", "balance", "balance phone --explain",
    "check --below 1TB", "lines list", "lines show phone", "transactions list", "transactions audit", "payments list",
    "providers list", "providers check", "policy show smart", "promotions list",
    "devices check iPhone", "profile list", "autotopup show", "autotopup show phone --why", "autotopup log",
    "autotopup run --dry-run", "autotopup reminders", "schema", "autotopup targets", "renew phone --dry-run",
    "renew phone counter --dry-run", "lines install phone --on ios",
    f"simulate --plan {PLAN} --per-day 300MB --months 2", "simulate tests/scenarios/bo-01.toml --explain",
    "check --below 1TB --plugin", "completion bash", "profile second-factor show",
)  # fmt: skip


def test_what_programs_read_is_never_translated(run: Runner) -> None:
    """JSON, CSV and tab-separated text are the same bytes in every language, errors included."""
    for step in (
        f"buy {PLAN} --name phone --yes",
        "lines add counter --provider manual --carrier metfone --data 5GB --days 30",
        "autotopup set phone --below 1GB --plan demo-topup-2gb --max-price 10USD --max-per-month 20USD",
        "autotopup enable phone --confirm 20USD",
    ):
        assert run(*step.split()).code == 0, step
    for step in LOOKING:
        for form in ("tsv", "csv", "json"):
            answers = {run(*step.split(), "-o", form, env={"ESIMCTL_LANG": tag}).out for tag in ("en", "zh-CN", "km")}
            assert len(answers) == 1, (step, form)


def test_people_are_spoken_to_in_their_language(run: Runner) -> None:
    """The words of the market, as people use them."""
    assert "续费" in run("-h", env={"ESIMCTL_LANG": "zh-CN"}).out
    assert "流量不清零" in run("plans", "list", "-h", env={"ESIMCTL_LANG": "zh-CN"}).out
    assert "没有命令" in run("nonsense", env={"ESIMCTL_LANG": "zh-CN"}).err
    khmer = run("-h", env={"ESIMCTL_LANG": "km"}).out
    assert any(0x1780 <= ord(character) <= 0x17FF for character in khmer)


GLOSSARY = {
    "Renew a line: who you are, what is left and until when, which plan, pay, wait for activation.": "续费",
    "Carries unused data.": "流量不清零",
    "rollover": "结转",
    "topup": "充值",
    "main balance": "余额",
    "standing orders within limits that you confirmed": "自动充值",
}


@pytest.mark.parametrize(("message", "word"), GLOSSARY.items(), ids=GLOSSARY.values())
def test_words_of_the_market(message: str, word: str) -> None:
    """A person finds the words that the articles and the counters use."""
    assert word in read_po(place("zh_CN"))[message]
