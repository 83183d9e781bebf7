"""Why nobody was reached: a certificate, a refusal, a name, a time; and `ca_file`, the one way to trust a root."""

import os
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from esimctl.providers import network
from tests.conftest import Outcome, Runner
from tests.providers.client import test_client

OPENSSL = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"


def certificate(folder: Path, name: str, *words: str) -> Path:
    """A certificate that signed itself, in one file with its key."""
    folder.mkdir(exist_ok=True)
    key, cert, both = folder / "key.pem", folder / "cert.pem", folder / "both.pem"
    command = ["openssl", *OPENSSL.split(), "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}"]
    subprocess.run([*command, *words, "-keyout", str(key), "-out", str(cert)], check=True, capture_output=True)
    both.write_text(key.read_text() + cert.read_text())
    return cert


SIGNER = """[ca]
default_ca = d
[d]
database = index
new_certs_dir = .
serial = serial
default_md = sha256
policy = p
copy_extensions = copy
[p]
commonName = supplied
"""


def ended(folder: Path) -> Path:
    """A certificate for localhost that ended in 2020."""
    certificate(folder, "localhost", "-days", "2")
    for name, text in (("signer.cnf", SIGNER), ("index", ""), ("serial", "01\n")):
        (folder / name).write_text(text)
    asked = "req -new -key key.pem -out csr.pem -subj /CN=localhost -addext subjectAltName=DNS:localhost"
    signed = (
        "ca -batch -config signer.cnf -selfsign -keyfile key.pem -in csr.pem -out cert.pem -notext "
        "-startdate 200101000000Z -enddate 200201000000Z"
    )
    for words in (asked, signed):
        subprocess.run(["openssl", *words.split()], check=True, capture_output=True, cwd=folder)
    (folder / "both.pem").write_text((folder / "key.pem").read_text() + (folder / "cert.pem").read_text())
    return folder / "cert.pem"


@contextmanager
def behind(cert: Path, *, version: ssl.TLSVersion | None = None, group: str | None = None) -> Iterator[str]:
    """A server on loopback with that certificate; what it answers does not matter."""
    server = test_client.Quiet(("127.0.0.1", 0), type("Bound", (test_client.Wrapped,), {"seen": []}))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert.with_name("both.pem"))
    if version is not None:
        context.minimum_version = version
    if group is not None:
        context.set_ecdh_curve(group)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield f"https://localhost:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def shop(run: Runner, tmp_path: Path) -> Path:
    """A profile with Airalo, whose credentials are there."""
    added = run("providers", "add", "airalo", now=None, env=KEYS)
    assert added.code == 0, added
    return tmp_path / "home" / "profiles" / "default" / "profile.toml"


KEYS = {"ESIMCTL_AIRALO_CLIENT_ID": "an-id-of-ours", "ESIMCTL_AIRALO_CLIENT_SECRET": "a-secret-of-ours"}


def asked(run: Runner, url: str, *words: str) -> Outcome:
    env = {**KEYS, "ESIMCTL_AIRALO_BASE_URL": url, "ESIMCTL_DEADLINE": "3"}
    return run("providers", "check", "airalo", *words, now=None, env=env)


def test_an_unknown_issuer_and_the_one_way_to_trust_it(run: Runner, shop: Path, tmp_path: Path) -> None:
    """No variable of the environment makes it pass; `ca_file` of the provider does."""
    cert = certificate(tmp_path / "own", "localhost", "-days", "2")
    with behind(cert) as url:
        for env in ({}, {"SSL_CERT_FILE": str(cert), "REQUESTS_CA_BUNDLE": str(cert)}):
            refused = run("providers", "check", "airalo", now=None,
                          env={**KEYS, **env, "ESIMCTL_AIRALO_BASE_URL": url})  # fmt: skip
            assert refused.code == 76
            assert "certificate is from an unknown issuer" in refused.err
            assert "ca_file" in refused.err
        shop.write_text(shop.read_text().replace("[provider.airalo]\n", f'[provider.airalo]\nca_file = "{cert}"\n'))
        trusted = asked(run, url)
        assert "certificate" not in trusted.err + trusted.out
        assert "unknown key" not in trusted.err


def test_a_certificate_that_has_ended(run: Runner, shop: Path, tmp_path: Path) -> None:
    """It names this machine's clock, for that is what is wrong more often than the certificate."""
    cert = ended(tmp_path / "old")
    shop.write_text(shop.read_text().replace("[provider.airalo]\n", f'[provider.airalo]\nca_file = "{cert}"\n'))
    with behind(cert) as url:
        told = asked(run, url)
    assert told.code == 76
    assert "its TLS certificate has expired" in told.err
    assert "the clock of this machine says 20" in told.err


@pytest.mark.parametrize(
    ("code", "said"),
    [(9, "is not valid yet"), (10, "has expired"), (20, "unknown issuer"), (62, "for another name"), (1, "could not")],
)
def test_every_code_of_a_certificate_has_its_sentence(code: int, said: str) -> None:
    from datetime import UTC, datetime

    from esimctl.providers.protocol import Answer
    from esimctl.providers.unreached import cause_of_tls, unreached

    error = ssl.SSLCertVerificationError()
    error.verify_code = code
    answer = Answer(None, failure="tls", sent=False, cause=cause_of_tls(error))
    failure = unreached(answer, "shop", datetime(2026, 11, 20, tzinfo=UTC))
    assert said in failure.message
    assert ("clock of this machine says 2026-11-20 00:00 UTC" in (failure.hint or "")) == (code in (9, 10))


def test_another_name(run: Runner, shop: Path, tmp_path: Path) -> None:
    cert = certificate(tmp_path / "other", "elsewhere.example", "-days", "2")
    shop.write_text(shop.read_text().replace("[provider.airalo]\n", f'[provider.airalo]\nca_file = "{cert}"\n'))
    with behind(cert) as url:
        told = asked(run, url)
    assert (told.code, "its TLS certificate is for another name" in told.err) == (76, True), told


def test_refused_not_found_and_too_late_are_three_sentences(
    run: Runner, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        refused = asked(run, f"https://localhost:{taken.getsockname()[1]}")
    named = asked(run, "https://no-such-host.invalid")
    monkeypatch.setattr(network, "CONNECTING", 0.3)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        late = asked(run, f"https://localhost:{silent.getsockname()[1]}")
    for told, said in (
        (refused, "airalo refuses the connection"),
        (named, "the name of the server of airalo was not found"),
        (late, "airalo did not answer in time"),
    ):
        assert (told.code, said in told.err) == (69, True), told
        assert "Error" not in told.err


@pytest.mark.parametrize(
    ("given", "said"),
    [("/nowhere.pem", "No such file"), ("root.pem", "absolute path"), ("{here}", "no certificate in PEM form")],
)
def test_a_ca_file_that_cannot_be_used(run: Runner, shop: Path, given: str, said: str) -> None:
    """Said with its path, before anything is asked."""
    shop.write_text(
        shop.read_text().replace("[provider.airalo]\n", f'[provider.airalo]\nca_file = "{given.format(here=shop)}"\n')
    )
    told = asked(run, "https://localhost:1")
    assert (told.code, said in told.err) == (78, True), told


def beneath(**settings: str) -> str:
    """A configuration for OpenSSL that every context of a process gets."""
    rows = "\n".join(f"{name} = {value}" for name, value in settings.items())
    return f"openssl_conf = c\n[c]\nssl_conf = s\n[s]\nsystem_default = d\n[d]\n{rows}\n"


@pytest.mark.parametrize(
    "text",
    [
        beneath(MaxProtocol="TLSv1.2"),
        beneath(Ciphersuites="TLS_AES_128_CCM_SHA256"),
        beneath(Groups="secp521r1"),
        "[[[",
    ],
    ids=["protocol", "ciphers", "groups", "nonsense"],
)
def test_openssl_reads_no_settings_from_the_environment(shop: Path, tmp_path: Path, text: str) -> None:
    """It would, beneath every setting of ours, when it is loaded; a server of TLS 1.3 is spoken to all the same."""
    cert, settings, log = certificate(tmp_path / "own", "localhost", "-days", "2"), tmp_path / "o.cnf", tmp_path / "log"
    settings.write_text(text)
    shop.write_text(shop.read_text().replace("[provider.airalo]\n", f'[provider.airalo]\nca_file = "{cert}"\n'))
    words = [sys.executable, "-m", "esimctl", "providers", "check", "airalo"]
    told = []
    with behind(cert, version=ssl.TLSVersion.TLSv1_3, group="prime256v1") as url:
        for more in ({}, {"OPENSSL_CONF": str(settings), "SSLKEYLOGFILE": str(log), "SSL_CERT_FILE": "/nowhere"}):
            env = {**os.environ, **KEYS, **more, "ESIMCTL_AIRALO_BASE_URL": url, "ESIMCTL_DEADLINE": "3"}
            done = subprocess.run(words, env=env, capture_output=True, text=True, timeout=60)
            told.append((done.returncode, done.stdout, done.stderr))
    assert told[0] == told[1]
    assert "certificate" not in told[1][2]
    assert not log.exists()
