"""A broker over TLS: the password is not sent to whoever answers."""

import ipaddress
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from app.broker.connection import Broker
from app.errors import SetupError
from tests.brokers import PASSWORD


def write_certificate(folder: Path) -> tuple[Path, Path]:
    """Write a certificate of this host, signed by itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    host = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([host]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem, secret = folder / "certificate.pem", folder / "key.pem"
    pem.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return pem, secret


@pytest.fixture
def certified(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """The URL of a Redis over TLS, and its certificate."""
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("No Redis for the tests: install redis-server.")
    pem, key = write_certificate(tmp_path)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    words = f"--port 0 --tls-port {port} --tls-auth-clients no --bind 127.0.0.1".split()
    files = ["--tls-cert-file", str(pem), "--tls-key-file", str(key)]
    server = subprocess.Popen(
        [program, *words, *files, "--save", "", "--requirepass", PASSWORD],
        stdout=subprocess.DEVNULL,
    )
    try:
        for _ in range(400):
            with suppress(OSError), closing(socket.create_connection(("127.0.0.1", port))):
                break
            time.sleep(0.02)
        yield f"rediss://:{PASSWORD}@127.0.0.1:{port}/0", pem
    finally:
        server.kill()
        server.wait()


def test_a_certificate_that_nobody_vouches_for_is_refused(certified: tuple[str, Path]) -> None:
    broker = Broker(certified[0])
    with pytest.raises(SetupError, match="certificate verify failed") as caught:
        broker.waiting("cpu")
    assert PASSWORD not in str(caught.value)
    broker.close()


def test_an_authority_of_ones_own_is_named_in_the_url(certified: tuple[str, Path]) -> None:
    url, pem = certified
    broker = Broker(f"{url}?ssl_ca_certs={pem}")
    broker.ring("cpu", ["job_1"])
    assert broker.waiting("cpu") == 1
    broker.close()
