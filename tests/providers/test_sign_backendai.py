"""Backend.AI's signed requests. Its documentation's one example does not follow from its own text (another version of
the string to sign), so the text is written down once more here and compared.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landbridge.config import Secret
from landbridge.errors import ConfigFault
from landbridge.providers.sign_backendai import VERSION, KeyPair, key_pair, sign

KEYS = KeyPair("AKIAIOSFODNN7EXAMPLE", Secret("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"))


def by_hand(method: str, host: str, target: str, kind: str, at: datetime, version: str) -> str:
    """Signing key: day, then host. String to sign: method, URI, date, host, content type, version, hash of no body."""
    secret = KEYS.secret.reveal().encode()
    key = hmac.new(secret, at.strftime("%Y%m%d").encode(), hashlib.sha256).digest()
    key = hmac.new(key, host.encode(), hashlib.sha256).digest()
    text = (
        f"{method}\n{target}\n{at.isoformat()}\nhost:{host}\ncontent-type:{kind}\n"
        f"x-backendai-version:{version}\n{hashlib.sha256(b'').hexdigest()}"
    )
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


@given(
    st.sampled_from(["GET", "POST"]),
    st.from_regex(r"/[a-z0-9/]{0,20}(\?a=[a-z0-9]{1,5})?", fullmatch=True),
    st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1)),
)
def test_requests_are_signed_as_its_client_does(method: str, target: str, naive: datetime) -> None:
    at = naive.replace(microsecond=0, tzinfo=UTC)
    headers = sign(KEYS, method, "api.example:8081", target, "application/json", at.timestamp())
    signature = by_hand(method, "api.example:8081", target, "application/json", at, VERSION)
    assert headers == {
        "date": at.isoformat(),
        "content-type": "application/json",
        "x-backendai-version": VERSION,
        "authorization": f"BackendAI signMethod=HMAC-SHA256, credential=AKIAIOSFODNN7EXAMPLE:{signature}",
    }


def test_content_type_and_version_are_part_of_it() -> None:
    at = datetime(2026, 11, 26, tzinfo=UTC)
    headers = sign(KEYS, "GET", "h", "/", "Application/JSON; charset=utf-8", at.timestamp(), "v9.20250722")
    assert headers["authorization"].endswith(
        by_hand("GET", "h", "/", "application/json; charset=utf-8", at, "v9.20250722")
    )


def test_keys_are_taken_apart_and_stay_hidden() -> None:
    assert key_pair("AKIA:sec:ret") == KeyPair("AKIA", Secret("sec:ret"))
    assert "c:ret" not in repr(key_pair("AKIA:sec:ret"))
    for wrong in ("", "AKIA", ":x", "AKIA:"):
        with pytest.raises(ConfigFault, match="ACCESS_KEY:SECRET_KEY"):
            key_pair(wrong)
