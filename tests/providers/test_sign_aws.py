"""AWS Signature Version 4, by the vectors of AWS's own test suite (docs.aws.amazon.com, signature-v4-test-suite)."""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landbridge.config import Secret
from landbridge.errors import ConfigFault
from landbridge.providers.sign_aws import AwsKeys, aws_keys, sign

SUITE = AwsKeys("AKIDEXAMPLE", Secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"))
AT = datetime(2015, 8, 30, 12, 36, tzinfo=UTC).timestamp()


def suite(method: str, target: str, body: bytes = b"", keys: AwsKeys = SUITE) -> dict[str, str]:
    return sign(keys, "us-east-1", "service", method, "example.amazonaws.com", target, body, AT)


@pytest.mark.parametrize(
    ("method", "target", "signature"),
    [
        ("GET", "/", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),  # get-vanilla
        (  # get-vanilla-query-order-key-case
            "GET",
            "/?Param2=value2&Param1=value1",
            "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
        ),
        ("POST", "/", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),  # post-vanilla
    ],
)
def test_the_vectors_of_aws(method: str, target: str, signature: str) -> None:
    headers = suite(method, target)
    assert headers["x-amz-date"] == "20150830T123600Z"
    assert headers["authorization"] == (
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
        f"SignedHeaders=host;x-amz-date, Signature={signature}"
    )


def test_a_sessions_token_is_sent_and_signed() -> None:
    headers = suite("GET", "/", keys=AwsKeys(SUITE.id, SUITE.secret, Secret("session")))
    assert headers["x-amz-security-token"] == "session"
    assert "SignedHeaders=host;x-amz-date;x-amz-security-token," in headers["authorization"]


def by_hand(method: str, target: str, body: bytes) -> str:
    """The same, written down once more from the text of the specification."""
    path, _, query = target.partition("?")
    names = "host;x-amz-date"
    lines = "host:example.amazonaws.com\nx-amz-date:20150830T123600Z\n"
    canonical = "\n".join([method, path, query, lines, names, hashlib.sha256(body).hexdigest()])
    scope = "20150830/us-east-1/service/aws4_request"
    text = "\n".join(["AWS4-HMAC-SHA256", "20150830T123600Z", scope, hashlib.sha256(canonical.encode()).hexdigest()])
    key = b"AWS4" + SUITE.secret.reveal().encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.digest(key, text.encode(), "sha256").hex()


@given(st.from_regex(r"(/[a-z0-9.-]{1,8}){1,3}", fullmatch=True), st.binary(max_size=40))
def test_body_and_path_are_signed(path: str, body: bytes) -> None:
    assert suite("POST", path, body)["authorization"].endswith(by_hand("POST", path, body))


def test_what_the_line_has_encoded_is_encoded_again() -> None:
    plain, twice = suite("GET", "/model/a%3A0/invoke"), by_hand("GET", "/model/a%253A0/invoke", b"")
    assert plain["authorization"].endswith(twice)


def test_keys_are_taken_apart_and_stay_hidden() -> None:
    assert aws_keys("AKIA:s/ecret") == AwsKeys("AKIA", Secret("s/ecret"))
    found = aws_keys("AKIA:s/ecret:to==ken")
    assert found.token.reveal() == "to==ken"
    assert "s/ecret" not in repr(found) and "to==ken" not in repr(found)


@pytest.mark.parametrize("text", ["", "AKIA", "AKIA:", ":secret", "a:b:c:d"])
def test_what_is_no_pair_of_keys(text: str) -> None:
    with pytest.raises(ConfigFault) as caught:
        aws_keys(text)
    assert "ACCESS_KEY_ID:SECRET_ACCESS_KEY" in caught.value.message
    assert not text or text not in caught.value.message or text in ("AKIA", "AKIA:")
