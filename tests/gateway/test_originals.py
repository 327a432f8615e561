"""The model's own arguments come back into the history."""

from msgspec import Raw

from landbridge.gateway.originals import Originals
from landbridge.neutral.parts import Message, Text, ToolCall
from landbridge.neutral.request import Request


def request(args: str, id: str = "t1", name: str = "Edit") -> Request:
    call = ToolCall(id, name, Raw(args.encode()))
    return Request("m", (Message("user", (Text("go"),)), Message("assistant", (Text("ok"), call))))


def args_of(request: Request) -> bytes:
    part = request.messages[1].parts[1]
    assert isinstance(part, ToolCall)
    return bytes(part.args)


def test_changed_arguments_are_put_back() -> None:
    originals = Originals()
    originals.keep("t1", "Edit", '{"file": "a", "new": "b"}')
    restored = originals.restore(request('{"replace_all":false,"file":"a","new":"b"}'))
    assert args_of(restored) == b'{"file": "a", "new": "b"}'
    assert restored.messages[0] == request("{}").messages[0]


def test_p53_a_signature_comes_back_unless_the_client_has_one() -> None:
    originals = Originals()
    originals.keep("t1", "Edit", '{"a":1}', "c2lnbmVk", "gemini")
    call = originals.restore(request('{"a": 1}')).messages[1].parts[1]
    assert call == ToolCall("t1", "Edit", Raw(b'{"a":1}'), signature="c2lnbmVk", origin="gemini")
    own = ToolCall("t1", "Edit", Raw(b"{}"), signature="other", origin="gemini")
    kept = originals.restore(Request("m", (Message("assistant", (own,)),))).messages[0].parts[0]
    assert isinstance(kept, ToolCall) and kept.signature == "other"


def test_a_call_of_another_tool_or_id_stays() -> None:
    originals = Originals()
    originals.keep("t1", "Write", '{"a":1}')
    originals.keep("t2", "Edit", '{"a":1}')
    asked = request('{"b":2}')
    assert originals.restore(asked) == asked


def test_broken_json_is_not_kept() -> None:
    originals = Originals()
    originals.keep("t1", "Edit", '{"file": ')
    assert len(originals) == 0


def test_nothing_known_gives_the_very_request() -> None:
    asked = request("{}")
    assert Originals().restore(asked) is asked


def test_the_memory_is_bounded_by_count_and_bytes() -> None:
    by_count = Originals(max_calls=2)
    for number in range(5):
        by_count.keep(f"t{number}", "Edit", "{}")
    assert len(by_count) == 2
    by_bytes = Originals(max_bytes=100)
    for number in range(5):
        by_bytes.keep(f"t{number}", "Edit", '"' + "x" * 38 + '"')
    assert len(by_bytes) == 2


def test_what_is_used_stays_longest() -> None:
    originals = Originals(max_calls=2)
    originals.keep("old", "Edit", '{"kept":1}')
    originals.keep("mid", "Edit", "{}")
    originals.restore(request("{}", id="old"))
    originals.keep("new", "Edit", "{}")
    assert args_of(originals.restore(request("{}", id="old"))) == b'{"kept":1}'


def test_keeping_twice_replaces() -> None:
    originals = Originals()
    originals.keep("t1", "Edit", '{"a":1}')
    originals.keep("t1", "Edit", '{"a":2}')
    assert len(originals) == 1
    assert args_of(originals.restore(request("{}"))) == b'{"a":2}'
