"""Whatever a stream or a file holds, no more of it is read than is of use, and one sentence says how much that is."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.process.runner import environment, run, run_here

#: Commands that read stdin, each with what makes it come so far.
READERS = (
    "usage import phone -",
    "lines import -",
    "topup --from - --yes",
    "renew --from - --yes",
    "transactions import -",
    "simulate -",
    "providers login esim-access --key-stdin",
    "lines add sim --provider manual --carrier smart --data 1GB --days 30 --lpa-stdin",
    "topup phone --amount 1USD --yes --voucher-stdin",
    "autotopup targets --add alarm",
    "payments khqr show -",
    "profile second-factor confirm --code-stdin",
)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bounds")
    assert run_here(["buy", "demo-monthly-5gb", "--name", "phone", "--yes"], folder).returncode == 0
    keys = {"ESIMCTL_ESIM_ACCESS_ACCESS_CODE": "a" * 32, "ESIMCTL_ESIM_ACCESS_SECRET_KEY": "b" * 32}
    assert run_here(["providers", "add", "esim-access"], folder, environ=keys).returncode == 0
    return folder


@pytest.mark.parametrize("words", READERS)
def test_a_stream_without_an_end(home: Path, words: str) -> None:
    """/dev/zero, with memory for little more than the program: exit 2, and nothing of it is kept anywhere."""
    code = (
        "import resource; resource.setrlimit(resource.RLIMIT_AS, (900 << 20, 900 << 20));"
        "from esimctl.main import main; raise SystemExit(main())"
    )
    with Path("/dev/zero").open("rb") as endless:
        ended = subprocess.run(
            [sys.executable, "-c", code, *words.split()],
            stdin=endless, env=environment(home), capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
    assert ended.returncode == 2, ended.stderr
    assert "stdin holds more than " in ended.stderr
    assert len(ended.stderr.splitlines()) <= 2


@pytest.mark.parametrize("words", ["lines import {}", "simulate {}", "plans import {}", "usage import phone {}"])
def test_a_file_that_is_too_large_is_not_read(home: Path, tmp_path: Path, words: str) -> None:
    """Both figures are told: what it holds, what is allowed. The file is sparse: nobody reads its zeros."""
    large = tmp_path / "large"
    with large.open("wb") as file:
        file.truncate(5 << 30)
    ended = run(words.format(large).split(), home)
    assert ended.returncode == 2
    assert "holds 5120 MiB: at most " in ended.stderr


SMALL = {
    "keys": ".".join(["a"] * 20_000) + " = 1\n",
    "lines": "plan = " + "\n" * 16_000,
    "brackets": "a = " + "[" * 30_000,
    "braces": "a = " + "{a = " * 30_000,
    "digits": "a = " + "9" * 30_000,
}


@pytest.mark.parametrize("name", SMALL)
@pytest.mark.parametrize("words", ["plans import {}", "simulate {}"])
def test_a_small_file_costs_little(home: Path, tmp_path: Path, words: str, name: str) -> None:
    """The child has memory for little more than the program, and five seconds of processor before it is killed."""
    file = tmp_path / "small.toml"
    file.write_text(SMALL[name])
    code = (
        "import resource, time; resource.setrlimit(resource.RLIMIT_AS, (900 << 20, 900 << 20));"
        "resource.setrlimit(resource.RLIMIT_CPU, (5, 5));"
        "from esimctl.main import main; raise SystemExit(main())"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code, *words.format(file).split()],
        env=environment(home), capture_output=True, text=True, timeout=60, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert ended.returncode == 2, ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("name", SMALL)
def test_a_profile_that_is_such_a_file(home: Path, name: str) -> None:
    profile = home / "esimctl" / "profiles" / "default" / "profile.toml"
    before = profile.read_bytes()
    try:
        profile.write_text(SMALL[name])
        ended = run(["balance"], home)
    finally:
        profile.write_bytes(before)
    assert ended.returncode == 78
    assert len(ended.stderr.splitlines()) <= 2
