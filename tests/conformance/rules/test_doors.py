"""Every rule about doors finds what it is for."""

from __future__ import annotations

import gzip
from dataclasses import replace

import pytest

from landbridge.conformance.rules import doors
from tests.fakes.bad_gateway import Fault, Passing, Stage, breaks, broken
from tests.fakes.spoils import headers, refuse, swap

pytestmark = pytest.mark.io


def anything(passing: Passing) -> Passing:
    return replace(passing, status=200) if passing.status == 404 else passing


def same_count(passing: Passing) -> Passing:
    return replace(passing, body=b'{"input_tokens":5}') if b"input_tokens" in passing.body[:20] else passing


def compressed(passing: Passing) -> Passing:
    return replace(passing, headers={**passing.headers, "content-encoding": "gzip"}, body=gzip.compress(passing.body))


FAULTS = [
    Fault("probes fail", ("A1",), ask=refuse(lambda ask: ask.method == "HEAD", 500)),
    Fault("lists are empty", ("A2", "A3", "A4"), answer=swap((r'"data":\[.*\]', '"data":[]'))),
    Fault("names are hidden", ("A3",), answer=swap(("claude|anthropic", "x"))),
    Fault("lists have ids only", ("A4",), answer=swap(("display_name", "d"))),
    Fault("there is every model", ("A5",), answer=anything),
    Fault("counts are 0", ("A6",), answer=swap((r'\{"input_tokens":\d+\}', '{"input_tokens":0}'))),
    Fault("counts are all alike", ("A7",), answer=same_count),
    Fault("queries are not understood", ("A8",), ask=refuse(lambda ask: "beta=true" in ask.path, 404)),
    Fault("x-api-key is not read", ("A9", "A10"), ask=refuse(lambda ask: "authorization" not in ask.headers, 401)),
    Fault(
        "one token is taken", ("A10",), ask=refuse(lambda ask: "another" in ask.headers.get("authorization", ""), 401)
    ),
    Fault(
        "one version is taken", ("A11",), ask=refuse(lambda ask: ask.headers.get("anthropic-version") != "2023-06-01")
    ),
    Fault("betas are known", ("A12",), ask=refuse(lambda ask: "2031" in ask.headers.get("anthropic-beta", ""))),
    Fault("all is plain text", ("A13",), answer=headers(content_type="text/plain")),
    Fault("proxies are told nothing", ("A14",), answer=headers(cache_control=None, x_accel_buffering=None)),
    Fault("streams are compressed", ("A15",), answer=compressed),
    Fault("all answers have one request-id", ("A16",), answer=headers(request_id="req_1")),
    Fault("there is no request-id", ("A16",), answer=headers(request_id=None)),
    Fault("bodies are small", ("A17",), ask=refuse(lambda ask: len(ask.body) > 1_000_000, 500)),
    Fault("bodies say their length", ("A18",), ask=refuse(lambda ask: "chunked" in str(ask.headers), 411)),
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_faults_are_found(stage: Stage, fault: Fault) -> None:
    breaks(stage, fault)


def test_every_rule_finds_a_fault() -> None:
    assert {rule.id for rule in doors.RULES} <= broken(FAULTS)
