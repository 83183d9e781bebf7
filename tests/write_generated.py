"""`python -m tests.write_generated` writes what is generated: the catalogue as it is loaded, completions, the manual,
the README's reference."""

from pathlib import Path

from esimctl import __version__
from esimctl.cli import application
from esimctl.cli.completion import SHELLS, script
from esimctl.cli.pages import pages
from esimctl.show.completions import FILENAMES
from esimctl.show.manpage import manpage
from tests import compiled
from tests.reference import README, generated

FOLDER = Path(__file__).parent.parent / "completions"


def manual() -> str:
    """The manual page."""
    return manpage(pages(application()), __version__)


def main() -> None:
    """Write every generated file."""
    compiled.write()
    for shell in SHELLS:
        (FOLDER / FILENAMES[shell]).write_text(script(shell), "utf-8")
    (FOLDER / "esimctl.1").write_text(manual(), "utf-8")
    README.write_text(generated(README.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
