"""Signatures are the provider's that made them, not of all that speak its dialect."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw
from msgspec.structs import replace

from landbridge.neutral.events import Finish, Reason
from landbridge.neutral.parts import Message, Part, Text, Thinking, ToolCall
from landbridge.neutral.request import Request
from landbridge.neutral.response import Response
from landbridge.neutral.traits import Traits
from landbridge.wire.anthropic import signatures as anthropic
from landbridge.wire.dialects import DIALECTS, dialect
from landbridge.wire.gemini import signatures as gemini
from landbridge.wire.openai_responses import signatures as responses
from landbridge.wire.openai_responses.types import Item
from landbridge.wire.origins import Origins, is_of_another

NAMES = st.sampled_from(sorted(DIALECTS))
PROVIDERS = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,8}", fullmatch=True)
"""As the settings take them."""
TOKENS = st.text("abcXYZ012+/=", min_size=1)


def signed(origin: str, signature: str = "c2ln") -> tuple[Part, ...]:
    """One of each kind that has a signature."""
    return (
        Thinking("hm", signature=signature, origin=origin),
        Text("a", signature=signature, origin=origin),
        ToolCall("c1", "t", Raw(b"{}"), signature=signature, origin=origin),
    )


def asked(*parts: Part) -> Request:
    return Request("m", (Message("user", (Text("hi"),)), Message("assistant", parts), Message("user", (Text("go"),))))


def origins_of(request: Request) -> set[str]:
    return {part.origin for part in request.messages[1].parts if isinstance(part, Text | Thinking | ToolCall)}


@given(NAMES, NAMES, PROVIDERS, PROVIDERS)
def test_p55_only_who_made_it_gets_it_back(client: str, target: str, maker: str, other: str) -> None:
    shown = Origins(client, target, maker).shown(target)
    back = asked(*signed(shown))
    assert origins_of(Origins(client, target, maker).opened(back)) == {target}
    found = origins_of(Origins(client, target, other).opened(back))
    assert (found == {target}) is (client == target or maker == other)


@given(NAMES, NAMES, PROVIDERS, PROVIDERS)
def test_p53_what_is_remembered_is_the_makers_whatever_the_client_speaks(
    client: str, target: str, maker: str, other: str
) -> None:
    kept = Origins(client, target, maker).kept(target)
    again = Origins("openai_chat", target, other).opened(asked(*signed(kept)))
    assert (origins_of(again) == {target}) is (maker == other)


@given(NAMES, NAMES, PROVIDERS)
def test_other_dialects_and_none_stay_what_they_are(client: str, target: str, provider: str) -> None:
    origins = Origins(client, target, provider)
    for origin in ("", "somebody", "somebody@else"):
        assert origins.kept(origin) == origins.shown(origin) == origin
        request = asked(*signed(origin))
        assert origins.opened(request) is request


@given(st.sampled_from(["gemini", "openai_responses"]), PROVIDERS)
def test_what_was_packed_without_a_provider_is_foreign(target: str, provider: str) -> None:
    assert target not in origins_of(Origins("anthropic", target, provider).opened(asked(*signed(target))))
    assert origins_of(Origins(target, target, provider).opened(asked(*signed(target)))) == {target}, (
        "and its own is not"
    )


@given(TOKENS, PROVIDERS)
def test_p54_every_client_carries_the_providers_name(token: str, provider: str) -> None:
    origin = Origins("", "somebody", provider).kept("somebody")
    assert anthropic.unpack(anthropic.pack(token, origin)) == (token, origin)
    assert gemini.unpack(gemini.pack(gemini.Signature(token, origin))) == gemini.Signature(token, origin)
    packed = responses.pack(token, origin, False)
    assert responses.sign(Item(encrypted_content=packed), [1]) == (token, origin, False)


@pytest.mark.parametrize("target", ["openai_responses", "gemini", "anthropic"])
@pytest.mark.parametrize("client", ["anthropic", "openai_responses", "gemini"])
def test_p55_another_providers_reasoning_is_no_part_of_the_request(client: str, target: str) -> None:
    if client == target:
        return
    origins = Origins(client, target, "here")
    shown = origins.shown(target)
    answer = Response((Thinking("secret-thought", signature="c2lnbmVk", origin=shown),), Finish(Reason.END))
    body = dialect(client).write_response(replace(answer, id="r", model="m"), 0).body
    (thought,) = dialect(client).read_response(body, lambda prefix: prefix, "client").parts
    for provider, gone in (("here", False), ("there", True)):
        request = Origins(client, target, provider).opened(asked(thought, Text("a")))
        written = dialect(target).write_request(request, "m", Traits(reasoning_back="reasoning"))
        assert (b"c2lnbmVk" not in written.body) is gone
        assert (b"lb1." not in written.body) and ("@" not in json.dumps(json.loads(written.body)))
        assert [loss.path for loss in written.losses if "messages" in loss.path] == ["messages[1].parts[0]"] * gone
    assert is_of_another(shown, target)
