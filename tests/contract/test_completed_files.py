"""File names with blanks complete in bash as one word each."""

import subprocess
from pathlib import Path

import pytest

from esimctl.cli.completion import script


@pytest.mark.parametrize("typed", ["my", '"my', "'my b", "my\\ b"])
def test_a_name_with_blanks_is_one_answer(tmp_path: Path, typed: str) -> None:
    (tmp_path / "my bank.csv").touch()
    (tmp_path / "other.csv").touch()
    (tmp_path / "complete.sh").write_text(script("bash"))
    asked = 'source ./complete.sh; COMP_WORDS=(esimctl transactions import "$1"); COMP_CWORD=3; _esimctl; '
    shown = asked + "printf '<%s>' \"${COMPREPLY[@]}\""
    done = subprocess.run(["bash", "-c", shown, "x", typed], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout == "<my bank.csv>", done.stderr
