"""What a person at a terminal sees of a failure: one sentence, one way out, and that as a command."""

import pytest

from esimctl.errors import EsimctlError, OwnRules, UsageError
from esimctl.show.failure import sentence, way_out
from esimctl.show.styles import ACT, COMMAND, styled, unstyled
from esimctl.values.sentence import Raw, commas

ERROR = UsageError("nothing was changed")

#: hint, what was typed → the way out
WAYS = [
    (UsageError("x", hint="esimctl doctor"), "balance", "esimctl doctor"),
    (UsageError("x", hint="--yes"), "buy demo-monthly-20gb", "esimctl buy demo-monthly-20gb --yes"),
    (UsageError("x", hint="--pay METHOD"), "buy p --pay gone", "esimctl buy p --pay METHOD"),
    (UsageError("x", hint="--yes, or another name: --profile NAME"), "buy p", "esimctl buy p --yes"),
    (UsageError("x", hint="esimctl reconcile, which asks the seller, then again"), "buy p", "esimctl reconcile"),
    (UsageError("x", hint="esimctl lines list --columns line,tags"), "x", "esimctl lines list --columns line,tags"),
    (UsageError("x", hint="unset ESIMCTL_NOW, or use another profile"), "x", "unset ESIMCTL_NOW"),
    (UsageError("x", hint="chmod u+w {path}", path=Raw("/a b")), "x", "chmod u+w /a b"),
    (UsageError("there is no plan {id!r}", hint="did you mean {near}? All plans: esimctl plans list", id="smrt-7d",
                near=commas(["smart-7d"])), "plans show smrt-7d", "esimctl plans show smart-7d"),
    (UsageError("there is no option {option} here; did you mean {near}?", hint="esimctl plans list --help",
                option=Raw("--countri"), near=commas(["--columns", "--country"])), "plans list --countri KH",
     "esimctl plans list --country KH"),
    (UsageError("there is no command {name!r}; did you mean {near}?", hint="esimctl --help", name=Raw("balence"),
                near=commas(["balance"])), "balence sim", "esimctl balance sim"),
]  # fmt: skip


@pytest.mark.parametrize(("error", "typed", "wanted"), WAYS)
def test_a_way_out_is_a_command_that_can_be_typed(error: EsimctlError, typed: str, wanted: str) -> None:
    """Whole, in the colour of commands, with nothing beside it."""
    way = way_out(error, typed.split())
    assert way == styled(wanted, COMMAND)


def test_several_names_that_may_have_been_meant_are_told_once() -> None:
    """And no page of help beside them."""
    near = commas(["lost-a", "lost-b"])
    in_sentence = UsageError(
        "no {name!r}; did you mean {near}?", hint="esimctl plans --help", name=Raw("lost"), near=near
    )
    assert way_out(in_sentence, ["plans", "lost"]) is None
    assert unstyled(sentence(in_sentence)) == "esimctl: no 'lost'; did you mean lost-a or lost-b?"
    in_hint = UsageError("no {name!r}", hint="did you mean {near}?", name=Raw("lost"), near=near)
    assert unstyled(way_out(in_hint, ["plans", "lost"]) or "") == "did you mean lost-a or lost-b?"


def test_a_command_within_a_hint_stands_out() -> None:
    """The words around it do not."""
    way = way_out(OwnRules("x", hint="set the clock, then: esimctl doctor --clock"), ["buy"])
    assert way is not None
    assert styled("esimctl doctor --clock", COMMAND) in way
    assert unstyled(way) == "set the clock, then: esimctl doctor --clock"


def test_the_name_of_the_program_is_red_and_no_hint_is_none() -> None:
    """The word says what the colour says."""
    assert sentence(ERROR).startswith(styled("esimctl:", ACT) + " nothing")
    assert way_out(ERROR, []) is None
