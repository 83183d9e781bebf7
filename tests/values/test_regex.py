"""Expressions that wait for their first use: nothing is told of a mistake before, so every one is compiled here."""

import re
from importlib import import_module
from pkgutil import walk_packages

import pytest

import esimctl
from esimctl.values.regex import _Regex, regex


def test_it_does_what_the_compiled_one_does() -> None:
    """Its methods, its text and its groups."""
    made = regex(r"(?P<number>\d+) ?([a-z]+)", re.IGNORECASE)
    found = made.fullmatch("20 GB")
    assert found is not None
    assert (found["number"], found[2]) == ("20", "GB")
    assert made.fullmatch("GB") is None
    assert made.groupindex == {"number": 1}
    assert made.pattern == r"(?P<number>\d+) ?([a-z]+)"


def test_it_is_compiled_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who has asked it once asks the compiled one from then on."""
    made = regex(rb"once")
    assert made.search(b"at once")
    monkeypatch.setattr(re, "compile", None)
    assert made.search(b"not yet") is None


def test_every_one_of_the_program_is_an_expression() -> None:
    """A slip in one that is seldom asked would otherwise wait for a person."""
    modules = [
        import_module(each.name) for each in walk_packages(esimctl.__path__, "esimctl.") if "__main__" not in each.name
    ]
    every = [value for module in modules for value in vars(module).values() if isinstance(value, _Regex)]
    assert len(every) > 50
    for each in every:
        assert isinstance(re.compile(each._text, each._flags), re.Pattern)
