"""Requests: turns, calls, results and documents of the history reach the upstream in an order it accepts."""

from __future__ import annotations

from ..faces.messages import PROMPT, ask, assistant, call, result, system, text, tools, user
from ..node import same_json
from ..play import says
from ..rule import Ask, Rule, need
from ..seen import Seen
from ..sources import TRANSLATOR
from .judging import content, has, roles, short, words

HELLO = (says("Hello."),)
LOGO = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "iVBORw0KGgoAAAANSUhEUg=="}}
PDF = {
    "type": "document",
    "title": "quarterly-report",
    "source": {
        "type": "base64",
        "media_type": "application/pdf",
        "data": "JVBERi0xLjQKJcOkw7zDtsOfCjIgMCBvYmoKPDwvTGVuZ3RoCg==",
    },
}
NOTES = {
    "type": "document",
    "title": "notes",
    "source": {"type": "text", "media_type": "text/plain", "data": "The answer is 42."},
}
EXACT = '{"b": 1.50, "a": 42, "deep": {"z": [], "y": null}}'


def paired(seen: Seen) -> None:
    """There are calls; each has exactly one result, right behind its turn; and no result is without its call."""
    need(any(len(message["tool_calls"]) for message in seen.sent["messages"]), "the call itself is gone")
    matched(seen)


def matched(seen: Seen) -> None:
    """What calls and results there are belong together."""
    waiting: list[str] = []
    for message in seen.sent["messages"]:
        role = message["role"].text
        if role == "tool":
            id = message["tool_call_id"].text
            need(id in waiting, f"a result for '{id}', which was not called just before, or has one already")
            waiting.remove(id)
            continue
        need(not waiting, f"'{role}' stands between the calls {waiting} and their results")
        waiting = [each["id"].text for each in message["tool_calls"]]
    need(not waiting, f"the calls {waiting} have no result")


def error_said(seen: Seen) -> None:
    paired(seen)
    results = [content(message) for message in seen.sent["messages"] if message["role"].text == "tool"]
    need(any(each != "no such file" for each in results), "nothing tells the model that the tool failed (is_error)")
    has(results[0], "no such file", "the tool's words")


def order_kept(seen: Seen) -> None:
    """Turns neither vanish nor change places."""
    sent = seen.sent["messages"]
    spoken = [role for role in roles(sent) if role in ("user", "assistant")]
    need(spoken == ["user", "assistant", "user"], f"the roles became {roles(sent)}")


def no_empty_text(seen: Seen) -> None:
    for message in seen.sent["messages"]:
        parts = message["content"]
        empty = parts.value == "" or any(part["type"].text == "text" and not part["text"].text for part in parts)
        need(not (empty and not message["tool_calls"]), f"the upstream gets an empty text: {short(repr(message))}")


def by_place(seen: Seen) -> None:
    """A result without an id belongs to the call in its place."""
    paired(seen)
    last = seen.sent["messages"]
    has(words(last), "the content", "the result")


def no_foreign_thinking(seen: Seen) -> None:
    """Neither thinking blocks nor signatures."""
    sent = seen.sent["messages"]
    kinds = {node["type"].text for node in sent.walk()}
    need("thinking" not in kinds, "the upstream gets a block of type 'thinking'")
    need("c2lnbmF0dXJlLW9mLWFub3RoZXI" not in repr(sent), "the upstream gets another provider's signature")
    need("assistant" in roles(sent), "the assistant's turn is gone")


def exact_args(seen: Seen) -> None:
    paired(seen)
    args = [each["function"]["arguments"].text for message in seen.sent["messages"] for each in message["tool_calls"]]
    need(args and same_json(args[0], EXACT), f"the arguments became {short(args[0] if args else '')}")


def picture_of_tool(seen: Seen) -> None:
    paired(seen)
    sent = repr(seen.sent["messages"])
    need("iVBORw0KGgo" in sent or "image" in sent.lower(), "the picture a tool returned vanished without a word")


def document_said(seen: Seen) -> None:
    sent = repr(seen.sent["messages"])
    need("JVBERi0xLjQK" in sent or "quarterly-report" in sent, "a PDF vanished without a word")


def document_text(seen: Seen) -> None:
    has(words(seen.sent["messages"]), "The answer is 42.", "the text of a document")


def reference_said(seen: Seen) -> None:
    paired(seen)
    sent = seen.sent
    results = [content(message) for message in sent["messages"] if message["role"].text == "tool"]
    need(any("Bash" in each for each in results), f"the tool that was found is not named to the model: {results}")
    names = [tool["function"]["name"].text for tool in sent["tools"]]
    need("Bash" in names, f"the tool that was found is not offered: {names}")


def placeholder_dropped(seen: Seen) -> None:
    names = [tool["function"]["name"].text for tool in seen.sent["tools"]]
    need("Later" not in names, f"a deferred tool nobody asked for is offered: {names}")
    need("Read" in names, f"the other tools are gone: {names}")


def merged(seen: Seen) -> None:
    text = words(seen.sent["messages"])
    has(text, "part one", "a turn that follows one of the same role")
    has(text, "part two", "a turn that follows one of the same role")


def in_order(seen: Seen) -> None:
    paired(seen)
    results = [message for message in seen.sent["messages"] if message["role"].text == "tool"]
    need(
        [content(each) for each in results] == ["first", "second"],
        f"the results became {[content(e) for e in results]}",
    )


USED = assistant("I look.", call("toolu_1", file_path="/a"))
TWO = assistant(call("toolu_1", file_path="/a"), call("toolu_2", file_path="/b"))
FOREIGN = {"type": "thinking", "thinking": "secret thoughts", "signature": "c2lnbmF0dXJlLW9mLWFub3RoZXI="}
DEFERRED = [{**each, "defer_loading": True} for each in tools("Bash")]
LATER = {"name": "Later", "description": "Not yet.", "input_schema": {"type": "object"}, "defer_loading": True}
FOUND = result("toolu_1", [{"type": "tool_reference", "tool_name": "Bash"}])
RAW_BODY = (
    b'{"model":"$MODEL","max_tokens":64,"stream":true,"messages":[{"role":"user","content":"Say hello. [$MARK]"},'
    b'{"role":"assistant","content":[{"type":"tool_use","id":"toolu_1","name":"Read","input":' + EXACT.encode()
    + b'}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_1","content":"ok"}]}]}'
)  # fmt: skip

RULES = (
    Rule(
        id="K1",
        title="Every call has its result right behind it",
        source="P32",
        judge=in_order,
        asks=(ask(user(PROMPT), TWO, user(result("toolu_1", "first"), result("toolu_2", "second")), tools=tools()),),
        plays=HELLO,
    ),
    Rule(
        id="K2",
        title="A call without a result gets one that says so",
        source="P32",
        judge=paired,
        asks=(ask(user(PROMPT), TWO, user(result("toolu_1"), "go on"), tools=tools()),),
        plays=HELLO,
    ),
    Rule(
        id="K3",
        title="A result without its call is no error and is not sent as one",
        source="P32",
        judge=matched,
        asks=(ask(user(PROMPT), assistant("yes"), user(result("toolu_9"), "go on"), tools=tools()),),
        plays=HELLO,
    ),
    Rule(
        id="K4",
        title="A result without an id belongs to the call in its place",
        source="P31",
        judge=by_place,
        asks=(ask(user(PROMPT), USED, user({"type": "tool_result", "content": "the content"}), tools=tools()),),
        plays=HELLO,
        optional=True,
    ),
    Rule(
        id="K5",
        title="Of two results for one call only one is sent",
        source=TRANSLATOR,
        judge=paired,
        asks=(ask(user(PROMPT), USED, user(result("toolu_1", "a"), result("toolu_1", "b")), tools=tools()),),
        plays=HELLO,
    ),
    Rule(
        id="K6",
        title="System turns do not come between calls and their results",
        source="P43",
        judge=paired,
        asks=(ask(user(PROMPT), USED, system("SEVEN tokens left"), user(result("toolu_1")), tools=tools()),),
        plays=HELLO,
    ),
    Rule(
        id="K7",
        title="The model is told that a tool failed",
        source="P59",
        judge=error_said,
        asks=(ask(user(PROMPT), USED, user(result("toolu_1", "no such file", is_error=True)), tools=tools()),),
        plays=HELLO,
    ),
    Rule(
        id="K8",
        title="The arguments of earlier calls keep their values",
        source="P54",
        judge=exact_args,
        asks=(Ask(body=RAW_BODY),),
        plays=HELLO,
    ),
    Rule(
        id="K9",
        title="A picture that a tool returned arrives, or a note says so",
        source="P57",
        judge=picture_of_tool,
        asks=(ask(user(PROMPT), USED, user(result("toolu_1", [text("here"), LOGO])), tools=tools()),),
        plays=HELLO,
    ),
    Rule(
        id="K10",
        title="A PDF arrives, or a note says that it stood there",
        source="P58",
        judge=document_said,
        asks=(ask(user(PROMPT, PDF)),),
        plays=HELLO,
    ),
    Rule(
        id="K11",
        title="The text of a text document arrives",
        source="P58",
        judge=document_text,
        asks=(ask(user(PROMPT, NOTES)),),
        plays=HELLO,
    ),
    Rule(
        id="K12",
        title="Thinking and signatures of earlier turns are no parts of messages",
        source="P50, P55",
        judge=no_foreign_thinking,
        asks=(ask(user(PROMPT), assistant(FOREIGN, text("yes")), user("go on")),),
        plays=HELLO,
    ),
    Rule(
        id="K13",
        title="A turn of which only thinking was left is not taken away",
        source="P44",
        judge=order_kept,
        asks=(ask(user(PROMPT), assistant(FOREIGN), user("go on")),),
        plays=HELLO,
    ),
    Rule(
        id="K14",
        title="Empty texts are not sent",
        source="P61",
        judge=no_empty_text,
        asks=(ask(user(text(""), text(PROMPT)), assistant(text(""), text("yes")), user(text("go on"), text(""))),),
        plays=HELLO,
    ),
    Rule(
        id="K15",
        title="Two turns of one role are no error",
        source="P62",
        judge=merged,
        asks=(ask(user(PROMPT), user("part one"), user("part two")),),
        plays=HELLO,
    ),
    Rule(
        id="K16",
        title="A tool that the client's search found is named to the model, and offered",
        source="P40",
        judge=reference_said,
        asks=(
            ask(
                user(PROMPT),
                assistant(call("toolu_1", "ToolSearch", query="bash")),
                user(FOUND),
                tools=[*tools("Read"), *DEFERRED],
            ),
        ),
        plays=HELLO,
    ),
    Rule(
        id="K17",
        title="Deferred tools nobody has asked for are not offered",
        source="P40",
        judge=placeholder_dropped,
        asks=(ask(user(PROMPT), tools=[*tools("Read"), LATER]),),
        plays=HELLO,
        optional=True,
    ),
)
