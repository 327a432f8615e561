"""URLs taken apart, and requests' heads as bytes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landbridge.errors import ConfigFault
from landbridge.upstream.place import MAX_HEADS, Endpoint, Heads, merged, place, write_head

PLACES = {
    "http://127.0.0.1:8080/v1": ("127.0.0.1", 8080, False, "/v1", "127.0.0.1:8080", "127.0.0.1:8080"),
    "https://api.example.com": ("api.example.com", 443, True, "/", "api.example.com", "api.example.com:443"),
    "HTTPS://Api.Example.com:443/A?b=c": (
        "api.example.com",
        443,
        True,
        "/A?b=c",
        "api.example.com:443",
        "api.example.com:443",
    ),
    "http://[::1]:9/x": ("::1", 9, False, "/x", "[::1]:9", "[::1]:9"),
    "http://[fd00::1]/x": ("fd00::1", 80, False, "/x", "[fd00::1]", "[fd00::1]:80"),
    "http://münchen.example/": ("xn--mnchen-3ya.example", 80, False, "/", "xn--mnchen-3ya.example", None),
    "http://user:pass@host.example/": ("host.example", 80, False, "/", "host.example", "host.example:80"),
    "http://h/a b/ü?q=ü x&k=%20#part": ("h", 80, False, "/a%20b/%C3%BC?q=%C3%BC%20x&k=%20", "h", "h:80"),
}


@pytest.mark.parametrize("url", PLACES)
def test_the_parts_of_a_url(url: str) -> None:
    host, port, tls, target, authority, label = PLACES[url]
    found = place(url)
    assert (found.host, found.port, found.tls, found.target, found.authority) == (host, port, tls, target, authority)
    assert found.key == (host, port, tls)
    assert label is None or found.label == label


@pytest.mark.parametrize(
    "url",
    [
        "",
        "ftp://x/",
        "http://",
        "http:///v1",
        "localhost:8080",
        "http://a..b/",
        "http://x:99999/",
        "http://[::1",
        "//x/",
    ],
)
def test_what_is_no_address_of_a_provider(url: str) -> None:
    with pytest.raises(ConfigFault, match="is no address of a provider"):
        place(url)


def test_a_url_that_is_none_does_not_give_its_secrets_away() -> None:
    with pytest.raises(ConfigFault) as caught:
        place("ftp://user:secret@host/secret?key=secret")
    assert "secret" not in caught.value.text


@given(st.text(max_size=60))
def test_any_text_is_a_place_or_our_error(text: str) -> None:
    try:
        found = place("http://h.example/" + text)
    except ConfigFault:
        return
    assert found.target.isascii()
    assert not set(found.target) & set(" \r\n\t\0")


def test_the_endpoint_wins_over_the_client_and_the_client_over_defaults() -> None:
    to = Endpoint("http://h/", {"Authorization": "Bearer ours"}, defaults={"X-Version": "1", "x-other": "2"})
    chosen = merged(to, {"authorization": "Bearer client", "x-version": "9", "user-agent": "cli"})
    assert chosen["authorization"] == "Bearer ours"
    assert (chosen["x-version"], chosen["x-other"], chosen["user-agent"]) == ("9", "2", "cli")
    assert chosen["accept-encoding"] == "identity"


@pytest.mark.parametrize(
    "name", ["Content-Length", "transfer-encoding", "Connection", "Expect", "TE", "Upgrade", "Keep-Alive", "Trailer"]
)
def test_nobody_else_says_how_a_request_is_framed(name: str) -> None:
    to = Endpoint("http://h/", {name: "5"})
    assert name.lower() not in merged(to, {name: "5"})


def test_a_head() -> None:
    assert write_head("POST", place("http://h:1/v1?x=y"), {"a": "b", "c": "é"}, 7) == (
        b"POST /v1?x=y HTTP/1.1\r\nhost: h:1\r\na: b\r\nc: \xe9\r\ncontent-length: 7\r\n\r\n"
    )
    assert write_head("GET", place("http://h/"), {}, None) == b"GET / HTTP/1.1\r\nhost: h\r\n\r\n"


def test_a_host_of_the_users_own_choice_replaces_ours() -> None:
    head = write_head("GET", place("http://10.0.0.1/"), {"host": "lab.example"}, None)
    assert head == b"GET / HTTP/1.1\r\nhost: lab.example\r\n\r\n"


@given(st.dictionaries(st.sampled_from(["a", "b-c", "x"]), st.text(max_size=20), max_size=3))
def test_a_header_cannot_begin_a_line_of_its_own(headers: dict[str, str]) -> None:
    try:
        head = write_head("GET", place("http://h/"), headers, 0)
    except ConfigFault as fault:
        assert not any(len(value) > 3 and value in fault.text for value in headers.values())
        return
    assert head.endswith(b"\r\n\r\n")
    assert head.count(b"\n") == head.count(b"\r\n") == len(headers) + 4
    assert head.count(b"\r\n\r\n") == 1


@pytest.mark.parametrize("value", ["Bearer abc\n", "Bearer a\rb", "Bearer a\r\nx: y", "Bearer a\0", "Bearer ключ"])
def test_a_key_that_no_header_can_hold_is_refused_and_not_shown(value: str) -> None:
    with pytest.raises(ConfigFault, match="line break or a letter") as caught:
        write_head("POST", place("http://h/secret"), {"authorization": value}, 0)
    assert value.removeprefix("Bearer ").strip() not in caught.value.text


@given(
    st.dictionaries(st.sampled_from(["A", "x-b", "Authorization", "host", "Content-Length"]), st.sampled_from("12é")),
    st.dictionaries(st.sampled_from(["a", "user-agent"]), st.sampled_from("34")),
    st.integers(0, 10**9),
)
def test_a_remembered_head_is_the_head(headers: dict[str, str], defaults: dict[str, str], size: int) -> None:
    to, heads = Endpoint("http://h:1/v1?x", headers, defaults=defaults), Heads()
    plain = write_head("POST", place(to.url), merged(to, {}), size)
    assert [heads.post(to, place(to.url), size) for _ in range(2)] == [plain, plain]


def test_endpoints_do_not_get_each_other_s_heads_however_many_there_are() -> None:
    heads = Heads()
    for number in range(2 * MAX_HEADS + 3):
        to = Endpoint("http://h/", {"authorization": f"Bearer {number}"})
        assert f"Bearer {number}\r\n".encode() in heads.post(to, place(to.url), 1)
    with pytest.raises(ConfigFault):
        heads.post(Endpoint("http://h/", {"a": "b\n"}), place("http://h/"), 1)
