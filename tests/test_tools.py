"""Foreign judges that are missing: each is a skip that says so, and on CI more than two are a failure."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests import tools

ROOT = Path(__file__).parent.parent


def test_a_missing_program_is_a_skip_with_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tools, "MISSING", {})
    with pytest.raises(pytest.skip.Exception, match=r"no-such-tool \(apt-get install nothing\)") as skipped:
        tools.program("no-such-tool", "nothing")
    tools.heard(str(skipped.value))
    with pytest.raises(pytest.skip.Exception, match=r"no_such_module \(pip install nothing\)") as skipped:
        tools.library("no_such_module", "nothing")
    tools.heard(str(skipped.value))
    tools.heard("fish is not installed")
    assert set(tools.MISSING) == {"no-such-tool", "no_such_module"}
    assert tools.needs("sh", "dash").args == (False,)
    tools.heard(tools.needs("no-such-tool", "nothing").kwargs["reason"])
    assert set(tools.MISSING) == {"no-such-tool", "no_such_module"}
    assert tools.complaint(ci=True) is None
    tools.MISSING["third"] = "apt-get install third"
    assert "at most 2 may be" in str(tools.complaint(ci=True))
    assert tools.complaint(ci=False) is None


@pytest.mark.parametrize("processes", ["0", "2"])
@pytest.mark.parametrize(("ci", "missing", "code"), [("true", 3, 1), ("", 3, 0)])
def test_a_session_on_ci_fails_without_its_judges(
    tmp_path: Path, ci: str, missing: int, code: int, processes: str
) -> None:
    """A real session whose tests want so many tools that nobody has."""
    body = "".join(f"def test_{n}():\n    program('no-such-{n}', 'x')\n\n\n" for n in range(missing))
    (tmp_path / "test_it.py").write_text(f"from tests.tools import program\n\n\n{body}def test_good():\n    pass\n")
    words = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", str(ROOT / "pyproject.toml"),
             "-n", processes, "-p", "tests.conftest", "--rootdir", str(tmp_path), str(tmp_path)]  # fmt: skip
    done = subprocess.run(words, cwd=ROOT, env={"PATH": "/usr/bin:/bin", "CI": ci}, capture_output=True, check=False)
    assert done.returncode == code, done.stdout.decode() + done.stderr.decode()
    assert (b"foreign tools are missing" in done.stdout) == (code == 1)
