"""Estimates count everything that costs tokens, and learn."""

import base64
import struct

from msgspec import Raw

from landbridge.gateway.count import TOKENS_PER_IMAGE, Calibration, estimate, synthesize
from landbridge.neutral.parts import Audio, Document, Image, Message, Part, Text, Thinking, ToolCall, ToolResult
from landbridge.neutral.request import HostedTool, Request, Tool


def of(*parts: Part, **kwargs: object) -> int:
    return estimate(Request("m", (Message("user", parts),), **kwargs))  # type: ignore[arg-type]  # test shorthand


def test_p75_system_and_tools_are_counted() -> None:
    plain = of(Text("hi"))
    assert of(Text("hi"), system=(Text("s" * 3600),)) > plain + 900
    assert of(Text("hi"), tools=(Tool("Read", "d" * 3600, Raw(b"{}")),)) > plain + 900
    assert of(Text("hi"), tools=(HostedTool("anthropic", "web_search", "w", Raw(b"x" * 360)),)) > plain + 90


def test_deferred_tools_cost_nothing() -> None:
    assert of(Text("hi"), tools=(Tool("Read", "d" * 3600, deferred=True),)) == of(Text("hi"))


def test_every_part_has_a_weight() -> None:
    nothing = of()
    result = ToolResult("t", (Text("x" * 360), Image(data="AAAA")))
    for part, least in (
        (Text("x" * 360), 100),
        (Thinking("x" * 360), 100),
        (ToolCall("t", "Read", Raw(b'"' + b"x" * 360 + b'"')), 100),
        (result, 100 + TOKENS_PER_IMAGE),
        (Image(url="http://example.test/a.png"), TOKENS_PER_IMAGE),
        (Image(data="no base64"), TOKENS_PER_IMAGE),
        (Image(data="보기"), TOKENS_PER_IMAGE),
        (Document(text="x" * 360), 100),
        (Document(data="A" * 102400), 1000),
        (Document(parts=(Text("x" * 360),)), 100),
        (Audio("A" * 2048, "wav"), 2),
    ):
        assert of(part) >= nothing + least, part


def test_p75_an_image_costs_by_its_size() -> None:
    head = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + struct.pack(">II", 300, 100) + b"\x08\x06\x00\x00\x00" + b"\0" * 8
    small = Image(data=base64.b64encode(head).decode(), media_type="image/png")
    assert of(small) - of() == 300 * 100 // 750
    assert of(Image(data="****")) - of() == TOKENS_PER_IMAGE


def test_calibration_moves_towards_what_the_target_reports() -> None:
    calibration = Calibration()
    assert calibration.apply("lab/m", 100) == 100
    calibration.learn("lab/m", 100, 200)
    assert calibration.apply("lab/m", 100) == 200
    calibration.learn("lab/m", 100, 100)
    assert 100 < calibration.apply("lab/m", 100) < 200
    assert calibration.apply("other", 100) == 100


def test_calibration_ignores_tiny_prompts_and_nonsense() -> None:
    calibration = Calibration()
    calibration.learn("m", 10, 40)
    calibration.learn("m", 1000, 0)
    assert calibration.apply("m", 100) == 100
    calibration.learn("m", 100, 10_000_000)
    assert calibration.apply("m", 100) == 400


def test_every_target_is_learnt_from_at_first_and_then_now_and_then() -> None:
    calibration = Calibration()
    due = [number for number in range(1, 100) if calibration.due("lab/m")]
    assert due[: Calibration.FIRST] == list(range(1, Calibration.FIRST + 1))
    assert due[Calibration.FIRST :] == [16, 32, 48, 64, 80, 96]
    assert calibration.due("other")


def test_p76_missing_usage_is_estimated_never_zero() -> None:
    usage = synthesize(12, 0)
    assert (usage.input, usage.output, usage.estimated) == (12, 1, True)
    assert synthesize(12, 360).output == 100
