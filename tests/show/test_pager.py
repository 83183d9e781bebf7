"""What is longer than the screen goes through the person's pager; nothing else does."""

from pathlib import Path

import pytest

from esimctl.show.pager import command_of, paged, wants_pager
from esimctl.show.terminal import Terminal
from tests.show.fakes import Tty, shown, terminal


@pytest.fixture
def gathering(tmp_path: Path) -> tuple[Terminal, Path]:
    """A terminal of ten rows whose pager puts what it gets into a file."""
    kept, script = tmp_path / "seen", tmp_path / "pager"
    script.write_text(f'#!/bin/sh\necho "$LESS" > {kept}.less\nexec cat > {kept}\n')
    script.chmod(0o700)
    one = terminal(80, LINES="10", PAGER=str(script))
    one.pages = True
    return one, kept


@pytest.mark.parametrize(("rows", "through"), [(9, False), (10, True), (40, True)])
def test_only_what_is_longer_than_the_screen(gathering: tuple[Terminal, Path], rows: int, through: bool) -> None:
    one, kept = gathering
    with paged(one):
        for at in range(rows):
            one.tell(f"row {at}\n")
    told = "".join(f"row {at}\n" for at in range(rows))
    assert shown(one) == ("" if through else told)
    assert not through or kept.read_text() == told
    assert not through or kept.with_suffix(".less").read_text().strip()


def test_a_pager_that_is_not_there_shows_all(gathering: tuple[Terminal, Path]) -> None:
    one, kept = gathering
    Path(one.environ["PAGER"]).unlink()
    with paged(one):
        one.tell("row\n" * 40)
    assert shown(one) == "row\n" * 40
    assert not kept.exists()


def test_leaving_it_early_is_no_error(gathering: tuple[Terminal, Path]) -> None:
    one, _ = gathering
    Path(one.environ["PAGER"]).write_text("#!/bin/sh\nexit 3\n")
    with paged(one):
        one.tell("a row that is longer than what a pipe holds\n" * 9000)
    assert shown(one) == ""


def test_an_error_shows_what_there_was(gathering: tuple[Terminal, Path]) -> None:
    one, _ = gathering

    def failing() -> None:
        with paged(one):
            one.tell("before\n")
            raise KeyError

    with pytest.raises(KeyError):
        failing()
    assert shown(one) == "before\n"


@pytest.mark.parametrize("environ", [{"TERM": "dumb"}, {"ESIMCTL_NO_INPUT": "1"}, {"PAGER": ""}, {"PAGER": "cat"},
                                     {"PAGER": "'open"}])  # fmt: skip
def test_who_gets_no_pager(environ: dict[str, str]) -> None:
    one = terminal(80, LINES="3", **environ)
    one.pages = True
    assert not (wants_pager(one) and command_of(one.environ))


def test_all_three_streams_are_terminals_and_nobody_forbade_it() -> None:
    one = terminal(80)
    assert not wants_pager(one)
    one.pages = True
    assert wants_pager(one)
    for streams in ((None, Tty(), Tty()), (Tty(), None, Tty()), (Tty(), Tty(), None)):
        from io import StringIO

        other = Terminal(*(stream or StringIO() for stream in streams), {"TERM": "xterm"})
        other.pages = True
        assert not wants_pager(other)
