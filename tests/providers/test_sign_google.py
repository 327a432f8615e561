"""Google's credentials: which there are, what asks for a token, what comes back; RS256 by RFC 7515's vector (A.2)."""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import parse_qs

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from landbridge.config import Secret
from landbridge.errors import ConfigFault
from landbridge.providers.sign_google import (
    LIFETIME,
    SCOPE,
    GoogleKeys,
    Token,
    assertion,
    google_keys,
    question,
    read_token,
    rs256,
)

N = (
    "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgN"
    "MsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmt"
    "dVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"
)
D = (
    "Eq5xpGnNCivDflJsRQBXHx1hdR1k6Ulwe2JZD50LpXyWPEAeP88vLNO97IjlA7_GQ5sLKMgvfTeXZx9SE-7YwVol2NXOoAJe46sui395IW_GO-pWJ1O"
    "0BkTGoVEn2bKVRUCgu-GjBVaYLU6f3l9kJfFNS3E0QbVdxzubSu3Mkqzjkn439X0M_V51gfpRLI9JYanrC4D4qAdGcopV_0ZHHzQlBjudU2QvXt4ehNY"
    "TCBr6XCLQUShb1juUO1ZdiYoFaFQT5Tw8bGUl_x_jTj3ccPDVZFD9pIuhLhBOneufuBiB4cS98l2SR_RQyGWSeWjnczT0QU91p1DhOVRuOopznQ"
)
P = (
    "4BzEEOtIpmVdVEZNCqS7baC4crd0pqnRH_5IB3jw3bcxGn6QLvnEtfdUdiYrqBdss1l58BQ3KhooKeQTa9AB0Hw_Py5PJdTJNPY8cQn7ouZ2KKDcmnP"
    "GBY5t7yLc1QlQ5xHdwW1VhvKn-nXqhJTBgIPgtldC-KDV5z-y2XDwGUc"
)
INPUT = (
    "eyJhbGciOiJSUzI1NiJ9."
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
)
SIGNATURE = (
    "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dn"
    "ZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-"
    "eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw"
)


def decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def _rfc_key() -> rsa.RSAPrivateKey:
    n, d, p = (int.from_bytes(decoded(text)) for text in (N, D, P))
    q = n // p
    numbers = rsa.RSAPrivateNumbers(
        p, q, d, rsa.rsa_crt_dmp1(d, p), rsa.rsa_crt_dmq1(d, q), rsa.rsa_crt_iqmp(p, q), rsa.RSAPublicNumbers(65537, n)
    )
    return numbers.private_key()


PEM = _pem(_rfc_key())
SERVICE = {
    "type": "service_account",
    "client_email": "robot@p.iam.example",
    "private_key": PEM,
    "private_key_id": "k1",
    "token_uri": "http://127.0.0.1:1/token",
}
USER = {"type": "authorized_user", "client_id": "c", "client_secret": "cs", "refresh_token": "rt"}


def keys(file: dict[str, Any]) -> GoogleKeys:
    return google_keys(json.dumps(file))


def test_rs256_by_the_vector_of_its_rfc() -> None:
    assert rs256(PEM, INPUT) == SIGNATURE


def test_a_service_account_asks_with_a_signed_assertion() -> None:
    asked = parse_qs(question(keys(SERVICE), 1_000_000).decode())
    assert asked["grant_type"] == ["urn:ietf:params:oauth:grant-type:jwt-bearer"]
    header, claims, signature = asked["assertion"][0].split(".")
    assert json.loads(decoded(header)) == {"alg": "RS256", "typ": "JWT", "kid": "k1"}
    assert json.loads(decoded(claims)) == {
        "iss": "robot@p.iam.example",
        "scope": SCOPE,
        "aud": "http://127.0.0.1:1/token",
        "iat": 1_000_000,
        "exp": 1_000_000 + LIFETIME,
    }
    public = _rfc_key().public_key()
    public.verify(decoded(signature), f"{header}.{claims}".encode(), padding.PKCS1v15(), SHA256())
    assert assertion(keys(SERVICE), 1_000_000) == asked["assertion"][0]


def test_who_logged_in_asks_with_the_refresh_token() -> None:
    found = keys({**USER, "quota_project_id": "pays"})
    assert (found.kind, found.quota_project, found.token_uri) == ("user", "pays", "https://oauth2.googleapis.com/token")
    assert parse_qs(question(found, 0).decode()) == {
        "grant_type": ["refresh_token"],
        "client_id": ["c"],
        "client_secret": ["cs"],
        "refresh_token": ["rt"],
    }


def test_without_a_file_the_machine_has_credentials_or_nobody() -> None:
    found = google_keys("", "127.0.0.1:1")
    assert found.kind == "machine"
    assert found.token_uri == "http://127.0.0.1:1/computeMetadata/v1/instance/service-accounts/default/token"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("sk-no-json", "no Google credentials file"),
        ("[]", "no Google credentials file"),
        ("{}", "type ''"),
        (json.dumps({**SERVICE, "private_key": ""}), "type 'service_account'"),
        (json.dumps({**USER, "type": "external_account"}), "type 'external_account'"),
        (json.dumps({**SERVICE, "token_uri": "file:///etc/passwd"}), "no address"),
    ],
)
def test_what_are_no_credentials(text: str, said: str) -> None:
    with pytest.raises(ConfigFault) as caught:
        google_keys(text)
    assert said in caught.value.message
    assert "gcloud auth application-default login" in caught.value.remedy
    assert "BEGIN" not in caught.value.text and "sk-no-json" not in caught.value.text


@pytest.mark.parametrize(
    ("pem", "said"), [("no key", "is none"), (_pem(ec.generate_private_key(ec.SECP256R1())), "not of the kind RSA")]
)
def test_private_keys_that_cannot_sign(pem: str, said: str) -> None:
    with pytest.raises(ConfigFault, match=said):
        rs256(pem, "text")


@pytest.mark.parametrize(
    ("body", "read"),
    [
        (b'{"access_token":"ya29.a","expires_in":3599}', Token(Secret("ya29.a"), 3599)),
        (b'{"access_token":"ya29.a"}', Token(Secret("ya29.a"), LIFETIME)),
        (b'{"error":"invalid_grant","error_description":"Bad"}', "invalid_grant: Bad"),
        (b'{"error":"invalid_client"}', "invalid_client"),
        (b'{"access_token":"a\\nb"}', ""),
        (b"<html>", ""),
        (b"\xff", ""),
    ],
)
def test_answers(body: bytes, read: Token | str) -> None:
    assert read_token(body) == read


def test_credentials_stay_hidden() -> None:
    for file in (SERVICE, USER):
        shown = repr(keys(file))
        assert "PRIVATE KEY" not in shown and "'rt'" not in shown and "'cs'" not in shown
    assert "ya29" not in repr(read_token(b'{"access_token":"ya29.a"}'))
