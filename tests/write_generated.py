"""`python -m tests.write_generated` writes the files that are generated from the code: completions and the manual."""

from pathlib import Path

from esimctl.cli.completion import SHELLS, script
from esimctl.show.completions import FILENAMES

FOLDER = Path(__file__).parent.parent / "completions"


def main() -> None:
    """Write every generated file."""
    for shell in SHELLS:
        (FOLDER / FILENAMES[shell]).write_text(script(shell), "utf-8")


if __name__ == "__main__":
    main()
