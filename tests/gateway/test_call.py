"""Headers of a call, decoded when asked for."""

import pytest

from landbridge.gateway.call import Call


def call(**headers: str) -> Call:
    return Call(
        "anthropic", b"", [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    )


def test_names_are_lower_case_and_repeats_are_joined() -> None:
    headers = Call("anthropic", b"", [(b"Anthropic-Beta", b"a"), (b"anthropic-beta", b"b")]).headers
    assert headers == {"anthropic-beta": "a, b"}


@pytest.mark.parametrize(
    ("agent", "counts"),
    [
        ("claude-cli/2.1.330 (external, sdk-cli)", True),
        ("claude-cli/2.1.197 (external, cli)", False),
        ("claude-cli/3.0.0", True),
        ("claude-cli/weird", False),
        ("anthropic-python/2.12.0", True),
        ("", True),
    ],
)
def test_p82_which_clients_count_pings(agent: str, counts: bool) -> None:
    assert call(user_agent=agent).counts_pings is counts


def test_identity() -> None:
    named = call(x_claude_code_session_id="s", x_claude_code_agent_id="a")
    assert (named.session, named.agent) == ("s", "a")
    assert (call().session, call().agent) == ("", "")
    assert call(user_agent="codex_cli_rs/0.5").user_agent == b"codex_cli_rs/0.5"
    assert call().user_agent == b""


def test_the_trace_that_a_request_belongs_to() -> None:
    parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    assert Call("anthropic", b"", [(b"host", b"x"), (b"traceparent", parent.encode())]).traceparent == parent
    assert Call("anthropic", b"", [(b"tracestate", b"a=b")]).traceparent == ""
