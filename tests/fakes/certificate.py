"""A certificate for tests, made by the openssl command: an authority of its own, and a server that it vouches for."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from pathlib import Path

import pytest

NAMES = "DNS:localhost,DNS:lab.test,IP:127.0.0.1,IP:::1"


class Certificate:
    """`authority` is the file a client must trust; `server()` the context of a server at one of `NAMES`."""

    def __init__(self, folder: Path) -> None:
        if shutil.which("openssl") is None:
            pytest.skip("there is no openssl command")
        self.authority, self._chain, self._key = folder / "authority.pem", folder / "server.pem", folder / "server.key"
        _request(
            folder / "authority.key",
            self.authority,
            "landbridge test authority",
            "basicConstraints=critical,CA:TRUE",
            "keyUsage=critical,keyCertSign,cRLSign",
        )
        _request(
            self._key,
            self._chain,
            "landbridge test server",
            "basicConstraints=critical,CA:FALSE",
            "keyUsage=critical,digitalSignature",
            "extendedKeyUsage=serverAuth",
            f"subjectAltName={NAMES}",
            signed=("-CA", str(self.authority), "-CAkey", str(folder / "authority.key")),
        )

    def server(self) -> ssl.SSLContext:
        """What a server listens with; it would speak HTTP/2, too."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self._chain, self._key)
        context.set_alpn_protocols(["h2", "http/1.1"])
        return context


def _request(key: Path, certificate: Path, name: str, *extensions: str, signed: tuple[str, ...] = ()) -> None:
    added = [word for extension in extensions for word in ("-addext", extension)]
    made = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", str(key))
    subject = ("-subj", f"/CN={name}", "-days", "2", "-out", str(certificate))
    # Its own settings file: the system's adds extensions that are given here, too.
    settings = key.with_suffix(".cnf")
    settings.write_text("[req]\ndistinguished_name = subject\n[subject]\n")
    command = ["openssl", "req", "-x509", "-config", str(settings), *made, *subject, *added, *signed]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
