"""Two profiles in one folder of a real node_exporter, scraped over loopback: what was written is what is told."""

import re
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from tests.conftest import Runner
from tests.tools import program

OURS = re.compile(r"^(esimctl_\S+) (\S+)$", re.MULTILINE)


@pytest.fixture
def folder(run: Runner, tmp_path: Path) -> Path:
    """An order that nobody knows the end of in `home`, none in `work`; both have a line `phone`."""
    place = tmp_path / "textfiles"
    place.mkdir()
    for name in ("home", "work"):
        chosen = ("--profile", name)
        assert run("profile", "create", name).code == 0
        assert run("buy", "demo-monthly-20gb", "--name", "phone", "--yes", *chosen).code == 0
        if name == "home":
            assert run("sandbox", "fault", "slow-activation", *chosen).code == 0
            assert run("topup", "phone", "--amount", "2USD", "--no-wait", "--yes", *chosen).code == 0
        words = ("transactions", "export", "--format", "prometheus", "--to", str(place / f"esimctl-{name}.prom"))
        assert run(*words, *chosen).code == 0
    return place


@pytest.fixture
def scraped(folder: Path, tmp_path: Path) -> Iterator[str]:
    """What node_exporter answers about that folder, and nothing else."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = [
        program("prometheus-node-exporter", "prometheus-node-exporter"), f"--web.listen-address=127.0.0.1:{port}",
        "--collector.disable-defaults", "--collector.textfile", f"--collector.textfile.directory={folder}",
    ]  # fmt: skip
    with (tmp_path / "log").open("w") as log:
        exporter = subprocess.Popen(words, stdout=log, stderr=log)
    try:
        yield ask(port, exporter)
    finally:
        exporter.terminate()
        exporter.wait(10)


def ask(port: int, exporter: "subprocess.Popen[bytes]") -> str:
    """Its page of metrics, as soon as it is there."""
    limit = time.monotonic() + 20
    while True:
        try:
            with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as page:
                told: str = page.read().decode()
                return told
        except (URLError, ConnectionError):
            assert exporter.poll() is None, "it has ended"
            assert time.monotonic() < limit, "it does not answer"
            time.sleep(0.05)


def samples(text: str) -> dict[tuple[str, frozenset[str]], float]:
    """(family, labels) → value of our samples: node_exporter writes labels and numbers in its own way."""
    found = {}
    for name, value in OURS.findall(text):
        family, _, labels = name.partition("{")
        found[family, frozenset(re.findall(r'(\w+="(?:[^"\\]|\\.)*")', labels))] = float(value)
    return found


def test_every_sample_of_both_is_there(folder: Path, scraped: str) -> None:
    """No file is refused, for other words of HELP for example, and an open order is not read as 0."""
    files = [samples(path.read_text("utf-8")) for path in sorted(folder.iterdir())]
    assert "node_textfile_scrape_error 0" in scraped
    assert not files[0].keys() & files[1].keys(), "no sample of one hides one of the other"
    assert samples(scraped) == files[0] | files[1]
    still = {value for (family, labels), value in samples(scraped).items() if family == "esimctl_orders_open"}
    assert still == {0.0, 1.0}
    assert samples(scraped)["esimctl_orders_open", frozenset({'profile="home"'})] == 1
