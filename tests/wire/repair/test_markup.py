"""Each form in which models write calls as text."""

from __future__ import annotations

import pytest

from landbridge.wire.repair.cursor import LeakedCall
from landbridge.wire.repair.markup import FORMS, LONGEST, MARKER, STARTS

from .tools import call, found

READ = call("Read", file_path="/a")
LS = call("Bash", command="ls")
OBJECT = '{"name": "Read", "arguments": {"file_path": "/a"}}'
SPELLINGS = [("｜", "▁"), ("|", "▁"), ("｜", "_"), ("|", "_"), ("|", " ")]
BARS = ["｜", "|", "‖", "｜｜", "||", " | "]


def pieces(text: str) -> list[object]:
    """What is found, the same however the text is cut."""
    whole = found([text])
    assert found(text) == whole, "character by character"
    return [*whole]


def test_markers_can_be_told_apart() -> None:
    for marker in FORMS:
        assert [other for other in FORMS if other.startswith(marker)] == [marker]
        assert MARKER.fullmatch(marker)
        assert marker[:-1] in STARTS and marker not in STARTS
        assert len(marker) <= LONGEST
        assert marker[0] in "<[", "the first look is for these two"


@pytest.mark.parametrize(
    ("text", "calls"),
    [
        (f"<tool_call>\n{OBJECT}\n</tool_call>", [READ]),
        (f"<tool_call>{OBJECT}</tool_call>", [READ]),
        (f"<tool_call>{OBJECT}</tool_call>\n<tool_call>{OBJECT}</tool_call>\n", [READ, READ]),
        ('<tool_call>{"name": "Stop", "arguments": {}}</tool_call>', [call("Stop")]),
        ("<tool_call>\n<function=Stop>\n</function>\n</tool_call>", [call("Stop")]),
        ("<function=Stop></function>", [call("Stop")]),
        (
            "<tool_call>\n<function=Bash>\n<parameter=command>\nls -la\n</parameter>\n<parameter=description>\n"
            "List\n</parameter>\n</function>\n</tool_call>",
            [call("Bash", command="ls -la", description="List")],
        ),
        ("<function=Bash>\n<parameter=command>\nls\n</parameter>\n</function>", [LS]),
        ("<function=Bash>\n<parameter=command>\nls\n</parameter>\n</function>\n</tool_call>", [LS]),
        ("<function=Bash><parameter=command>ls</parameter></function>", [LS]),
        ('<function=Read>{"file_path": "/a"}</function>', [READ]),
        ('<|python_tag|>{"name": "Read", "parameters": {"file_path": "/a"}}', [READ]),
        ('<|python_tag|>{"name": "Read", "parameters": {"file_path": "/a"}}<|eom_id|>', [READ]),
        (f"[TOOL_CALLS][{OBJECT}]", [READ]),
        (f"[TOOL_CALLS] [{OBJECT}, {OBJECT}]", [READ, READ]),
        ('[TOOL_CALLS]Read[ARGS]{"file_path": "/a"}', [READ]),
        ('[TOOL_CALLS]Read[CALL_ID]aB3dE5gH7[ARGS]{"file_path": "/a"}', [READ]),
        ('[TOOL_CALLS]Read{"file_path": "/a"}[TOOL_CALLS]Bash[ARGS]{"command": "ls"}', [READ, LS]),
        (OBJECT, [READ]),
        (f"\n{OBJECT}\n", [READ]),
        (f"```json\n{OBJECT}\n```", [READ]),
        (f"```\n{OBJECT}\n```\n\n", [READ]),
    ],
)  # fmt: skip
def test_p30_forms(text: str, calls: list[LeakedCall]) -> None:
    assert pieces(text) == calls
    assert pieces(f"\n\n{text}") == calls


def glm(name: str, between: str = "\n", **args: str) -> str:
    pairs = [f"<arg_key>{key}</arg_key>{between}<arg_value>{value}</arg_value>" for key, value in args.items()]
    return f"<tool_call>{between.join([name, *pairs])}{between}</tool_call>"


@pytest.mark.parametrize("between", ["", "\n", " ", "\n\n"])
def test_p30_glm(between: str) -> None:
    read = glm("Read", between, file_path="/a", limit="5", offset="null")
    assert pieces(read) == [call("Read", file_path="/a", limit=5, offset=None)]
    assert pieces(glm("Bash", between, command="ls") + "\n" + glm("Stop", between)) == [LS, call("Stop")]
    assert pieces(f"Well. {glm('Bash', between, command='ls')}") == ["Well. ", LS]
    lines = glm("Edit", between, file_path="/a", old_string="\n a\n", new_string="\n")
    assert pieces(lines) == [call("Edit", file_path="/a", old_string="\n a\n", new_string="\n")], "its values are exact"


def kimi(*calls: str, section: bool = True) -> str:
    told = "".join(f"<|tool_call_begin|>{call}<|tool_call_end|>" for call in calls)
    return f"<|tool_calls_section_begin|>{told}<|tool_calls_section_end|>" if section else told


@pytest.mark.parametrize("name", ["functions.{}:0", "functions.{}:12", "{}:0", "{}"])
@pytest.mark.parametrize("section", [True, False])
def test_p30_kimi(name: str, section: bool) -> None:
    read = f'{name.format("Read")}<|tool_call_argument_begin|>{{"file_path": "/a"}}'
    bash = (
        f'{name.format("Bash")} <|tool_call_argument_begin|> {{"command": "ls"}}'
        if name == "{}"
        else (f'{name.format("Bash")}<|tool_call_argument_begin|>{{"command": "ls"}}')
    )
    assert pieces(kimi(read, bash, section=section)) == [READ, LS]
    assert pieces(f"Well.\n{kimi(read, section=section)}") == ["Well.\n", READ]


@pytest.mark.parametrize("bar", BARS)
@pytest.mark.parametrize("word", ["function_calls", "tool_calls"])
def test_p30_dsml(bar: str, word: str) -> None:
    dsml = f"{bar}DSML{bar}"
    one = (
        f'<{dsml}invoke name="Read">\n<{dsml}parameter name="file_path" string="true">/a\n/b </{dsml}parameter>\n'
        f'<{dsml}parameter name="limit" string="false">5</{dsml}parameter>\n</{dsml}invoke>'
    )
    other = f'<{dsml}invoke name="Bash">{{"command": "ls"}}</{dsml}invoke>'
    read = call("Read", file_path="/a\n/b ", limit=5)
    assert pieces(f"<{dsml}{word}>\n{one}\n{other}\n</{dsml}{word}>") == [read, LS]
    assert pieces(one) == [read]
    assert pieces(f"Well.\n\n{one}\n{other}") == ["Well.\n\n", read, LS]
    assert pieces(f"<{dsml}{word}>\n</{dsml}{word}>") == [f"<{dsml}{word}>\n</{dsml}{word}>"]


@pytest.mark.parametrize(("bar", "gap"), SPELLINGS)
def test_p30_begin_and_end_tokens(bar: str, gap: str) -> None:
    def token(words: str) -> str:
        return f"<{bar}{words.replace(' ', gap)}{bar}>"

    newer = f'{token("tool call begin")}Read{token("tool sep")}{{"file_path": "/a"}}{token("tool call end")}'
    older = (
        f"{token('tool call begin')}function{token('tool sep')}Bash\n```json\n"
        f'{{"command": "ls"}}\n```{token("tool call end")}'
    )
    begin, end = token("tool calls begin"), token("tool calls end")
    assert pieces(f"{begin}{newer}\n{older}{end}") == [READ, LS]
    assert pieces(f"{begin}{older}\n{end}\n") == [LS]
    assert pieces(newer) == [READ]
    assert pieces(f"{newer}{end}") == [READ]


@pytest.mark.parametrize(
    ("key", "value", "read"),
    [
        ("limit", "5", 5),
        ("limit", "\n5\n", 5),
        ("limit", "five", "five"),
        ("offset", "null", None),
        ("offset", "None", None),
        ("file_path", "5", "5"),
        ("file_path", "null", "null"),
        ("file_path", "\n\n a \n\n", "\n a \n"),
        ("file_path", '"a" \\ <b> & &amp;', '"a" \\ <b> & &amp;'),
        ("unknown", "5", "5"),
    ],
)
def test_p30_values_are_typed_by_the_schema(key: str, value: str, read: object) -> None:
    text = f"<function=Read><parameter={key}>{value}</parameter></function>"
    assert [(each.name, each.args) for each in pieces(text) if isinstance(each, LeakedCall)] == [
        ("Read", call("Read", **{key: read}).args)
    ]


def test_p30_typed_objects_and_booleans() -> None:
    text = (
        "<function=Bash><parameter=command>ls</parameter><parameter=run_in_background>True</parameter>"
        '<parameter=env>{"A": "b"}</parameter></function>'
    )
    assert pieces(text) == [call("Bash", command="ls", run_in_background=True, env={"A": "b"})]


def test_p29_arguments_in_markup_are_mended_too() -> None:
    text = '<tool_call>{"name": "Bash", "arguments": {"command": "a\nb",}}</tool_call>'
    assert pieces(text) == [LeakedCall("Bash", '{"command": "a\\nb"}', ("control_character", "trailing_comma"))]
    assert pieces('<function=Bash>{"run_in_background": True}</function>') == [
        LeakedCall("Bash", '{"run_in_background": true}', ("python_word",))
    ]


@pytest.mark.parametrize(
    "text",
    [
        "<tool_call>{}</tool_call>",
        '<tool_call>{"name": "Write", "arguments": {}}</tool_call>',
        '<tool_call>{"name": "Read", "arguments": {}} and more</tool_call>',
        '<tool_call>{"name": "Read", "arguments": {}}',
        '<tool_call>{"name": "Read", "arguments": {}}</tool',
        '<tool_call>{"name": "Read", "arguments": {"file_path": "/a',
        "<tool_call>Read</tool_call>",
        "<tool_call> is a tag",
        "<tool_call>Read the file</tool_call>",
        "<tool_call>Write<arg_key>a</arg_key><arg_value>b</arg_value></tool_call>",
        "<tool_call>Read<arg_key>file_path</arg_key></tool_call>",
        "<tool_call>Read<arg_key>file_path</arg_key><arg_value>/a</tool_call>",
        "<tool_call>Read<arg_key>file_path</arg_key><arg_value>/a</arg_value>",
        "<tool_call>Read<arg_key>a b</arg_key><arg_value>/a</arg_value></tool_call>",
        "<tool_call>Bash<arg_key>command</arg_key><arg_value>echo '<arg_key>'</arg_value></tool_call>",
        '<|tool_calls_section_begin|><|tool_call_begin|>functions.Read:0<|tool_call_argument_begin|>{"a": "/a"}',
        "<|tool_calls_section_begin|><|tool_calls_section_end|>",
        '<|tool_call_begin|>functions.Write:0<|tool_call_argument_begin|>{"a": 1}<|tool_call_end|>',
        "<|tool_call_begin|>functions.Read:0 {}<|tool_call_end|>",
        "<|tool_call_begin|>functions.Read",
        "<function=Read>",
        "<function=Read>/a</function>",
        "<function=Read><parameter=file_path>/a</function>",
        "<function=Read><parameter=file_path\n/a</parameter></function>",
        "<function=Write></function>",
        '<function=Read>{"file_path" "/a"}</function>',
        "<function=read_file(path)>",
        "[TOOL_CALLS]",
        "[TOOL_CALLS] is a token",
        "[TOOL_CALLS]Read the file",
        f"[TOOL_CALLS][{OBJECT}",
        f'[TOOL_CALLS][{OBJECT}, {{"name": "Write", "arguments": {{}}}}]',
        "<|python_tag|>print(1)",
        "<|python_tag|>Read.call(file_path='/a')",
        f"```json\n{OBJECT}\n``` That reads the file.",
        f"```json\n{OBJECT}",
        f"```python\n{OBJECT}\n```",
        f"```json {OBJECT}```",
        f"Like this:\n```json\n{OBJECT}\n```",
        f"{OBJECT} That reads the file.",
        f"{OBJECT} {OBJECT}",
        '{"name": "Read"}',
        '{"name": "Read", "age": 5}',
        '{"name": "Write", "arguments": {}}',
        '["Read"]',
        "``",
        "",
        " \n",
    ],
)
def test_p30_what_is_no_call_is_text(text: str) -> None:
    assert pieces(text) == [text] * bool(text)
