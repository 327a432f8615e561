"""How a key is sent: as a header, or by a signature of each request."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from msgspec import Struct

from . import sign_aws, sign_backendai
from .sign_aws import AwsKeys
from .sign_backendai import KeyPair
from .table import Provider

ANTHROPIC_VERSION = "2023-06-01"
AWS_SERVICES = {"bedrock-runtime": "bedrock", "bedrock-runtime-fips": "bedrock", "bedrock-mantle": "bedrock-mantle"}
"""Hosts of AWS -> the service that signatures for them name."""


class Asked(Struct, frozen=True):
    """A request as it is about to leave."""

    method: str
    authority: str
    """Its Host header."""
    target: str
    """Path and query, as the request line has them."""
    headers: Mapping[str, str]
    """By lower-case name."""
    body: bytes


Signer = Callable[[Asked, float], dict[str, str]]
"""`(request, now)`: the headers that prove who sends it; `now` in Unix seconds. Pure."""


def headers(provider: Provider) -> dict[str, str]:
    """Headers of every request to `provider`, its credential among them. They win over what a client sent."""
    return {**credential(provider), **{name: value.reveal() for name, value in provider.headers.items()}}


def defaults(provider: Provider) -> dict[str, str]:
    """Headers the dialect wants, where a client that passes through sent none."""
    return {"anthropic-version": ANTHROPIC_VERSION} if provider.dialect == "anthropic" else {}


def credential(provider: Provider) -> dict[str, str]:
    """The header that carries the key."""
    match provider.auth:
        case "bearer":
            return {"authorization": f"Bearer {provider.key.reveal()}"}
        case "x-api-key" | "x-goog-api-key" | "api-key" as header:
            return {header: provider.key.reveal()}
        case _:
            return {}


def signer(provider: Provider) -> Signer | None:
    """What signs the requests to `provider`; None where none are signed, or not without asking somebody."""
    match provider.keys:
        case AwsKeys() as keys:
            labels = (urlsplit(provider.base_url).hostname or "").split(".")
            service = AWS_SERVICES.get(labels[0], provider.service or "bedrock")
            return _aws(keys, _region(provider, labels), service)
        case KeyPair() as pair:
            return _backendai(pair)
        case _:
            return None


def _aws(keys: AwsKeys, region: str, service: str) -> Signer:
    def sign(asked: Asked, now: float) -> dict[str, str]:
        return sign_aws.sign(keys, region, service, asked.method, asked.authority, asked.target, asked.body, now)

    return sign


def _region(provider: Provider, labels: list[str]) -> str:
    """As the settings say it, else as AWS writes its hosts: `bedrock-runtime.eu-west-1.amazonaws.com`."""
    return provider.place.get("region") or (labels[1] if labels[0] in AWS_SERVICES and labels[1:] else "us-east-1")


def _backendai(pair: KeyPair) -> Signer:
    def sign(asked: Asked, now: float) -> dict[str, str]:
        kind = asked.headers.get("content-type", "application/json")
        version = asked.headers.get("x-backendai-version", sign_backendai.VERSION)
        return sign_backendai.sign(pair, asked.method, asked.authority, asked.target, kind, now, version)

    return sign
