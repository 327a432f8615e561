"""Gemini: what its clients need beside what the other rules ask for, and what its servers take."""

from __future__ import annotations

from ..faces import messages
from ..faces.gemini import PROMPT, ask, tools, turn
from ..node import Node, read_node
from ..play import JSON, Bytes, Call, says
from ..rule import Ask, NotOffered, Request, Rule, Want, need
from ..seen import Exchange, Seen
from ..sources import GENAI, TRANSLATOR
from ..upstreams import gemini
from ..upstreams.chat import dump
from .judging import content, has, roles, short, words

HELLO = (says("Hello."),)
FACE = ("gemini",)
ONLY = ("gemini",)
CALLED = turn("model", {"functionCall": {"name": "Read", "args": {"file_path": "/a"}}})
RESULT = turn("user", {"functionResponse": {"name": "Read", "response": {"output": "the content"}}})
SIGNATURE = "c3VpdGUtdGhvdWdodC1zaWduYXR1cmU="
REFUSED = {"$schema", "propertyNames", "exclusiveMinimum", "additionalProperties", "const"}
"""Keywords that `parameters` of Gemini's servers does not take."""


def instructed(seen: Seen) -> None:
    sent = seen.sent["messages"]
    need(roles(sent)[0] == "system", f"the roles are {roles(sent)}")
    has(content(sent[0]), "You are terse.", "the system instruction")


def all_good(seen: Seen) -> None:
    for exchange in seen:
        if exchange.answer.status in (404, 405):
            raise NotOffered("one of both answers 404")
        _ = exchange.good


def paired(seen: Seen) -> None:
    sent = seen.sent["messages"]
    calls = [call["id"].text for message in sent for call in message["tool_calls"]]
    results = [message["tool_call_id"].text for message in sent if message["role"].text == "tool"]
    need(calls and calls == results, f"calls {calls}, results {results}")
    has(words(sent), "the content", "the result")


def offered(seen: Seen) -> None:
    for exchange in seen:
        _ = exchange.good
        names = [tool["function"]["name"].text for tool in exchange.sent["tools"]]
        need(names == ["Read"], f"the upstream gets the tools {names}")
        found = exchange.sent["tools"][0]["function"]["parameters"]["properties"].keys
        need("file_path" in found, f"the tool has the parameters {found}")


def limited(seen: Seen) -> None:
    for exchange in seen:
        _ = exchange.good
        sent = exchange.sent
        need(123 in (sent["max_tokens"].count, sent["max_completion_tokens"].count), f"the limit became {sent!r:.200}")


def counted(seen: Seen) -> None:
    answer = seen.only.answer
    if answer.status in (404, 405, 501):
        raise NotOffered(f"countTokens answers {answer.status}")
    need(answer.json["totalTokens"].count > 0, f"status {answer.status}: {short(repr(answer.json))}")


def listed(seen: Seen) -> None:
    if seen.only.answer.status in (404, 405, 501):
        raise NotOffered(f"GET /v1beta/models answers {seen.only.answer.status}")
    names = [each["name"].text for each in seen.only.answer.json["models"]]
    need(
        names and all(name.startswith("models/") for name in names), f"the list is {short(repr(seen.only.answer.json))}"
    )


def as_list(seen: Seen) -> None:
    """Without alt=sse a stream is a JSON list of chunks."""
    answer = seen.only.answer
    texts = [text for chunk in answer.json for text in chunk["candidates"].strings()]
    need("Hello." in "".join(texts), f"status {answer.status}: {short(answer.body.decode('utf-8', 'replace'))}")


def schemas_fit(seen: Seen) -> None:
    """Where a tool has `parameters`, they hold no keyword that Gemini's servers refuse, and every property."""
    declared = [each for tool in seen.sent["tools"] for each in tool["functionDeclarations"]]
    need(len(declared) == len(messages.tools()), f"{len(declared)} tools are declared")
    for each in declared:
        schema = each["parameters"] or each["parametersJsonSchema"]
        wanted = next(tool for tool in messages.tools() if tool["name"] == each["name"].text)["input_schema"]
        found = set(schema["properties"].keys)
        need(found == set(wanted["properties"]), f"the properties of {each['name'].text} became {sorted(found)}")
        refused = {key for node in each["parameters"].walk() for key in node.keys} & REFUSED
        need(not refused, f"the parameters of {each['name'].text} have {', '.join(sorted(refused))}")


def history(exchanges: list[Exchange]) -> Request:
    """The call and its result, as the client was given it."""
    said = exchanges[0].said
    blocks: list[messages.Json] = []
    for name in said.order:
        if name == "thinking" and said.signatures:
            blocks.append({"type": "thinking", "thinking": said.thinking, "signature": said.signatures[0]})
        elif name == "call":
            blocks.append(messages.call(said.calls[0].id, said.calls[0].name, file_path="/a"))
    id = said.calls[0].id if said.calls else "none"
    turns = [
        messages.user(messages.PROMPT),
        messages.assistant(*blocks, messages.text("")),
        messages.user(messages.result(id, "ok")),
    ]
    return messages.ask(*turns, tools=messages.tools())


def signature_back(seen: Seen) -> None:
    _ = seen[0].good
    _ = seen[1].good
    need(SIGNATURE in repr(seen[1].sent["contents"]), "the signature of a call does not come back to the provider")


def named_results(seen: Seen) -> None:
    sent = seen.sent["contents"]
    found = [
        part["functionResponse"]["name"].text for each in sent for part in each["parts"] if part["functionResponse"]
    ]
    need(found == ["Read"], f"the results are of the functions {found}")


SIGNED: Node = read_node(gemini.whole(says(Call("Read", '{"file_path":"/a"}')), "signed", "m"))
for _part in SIGNED["candidates"][0]["content"]["parts"]:
    if isinstance(_part.value, dict):
        _part.value["thoughtSignature"] = SIGNATURE
SNAKE: messages.Json = {"generation_config": {"max_output_tokens": 123}}
CAMEL: messages.Json = {"generationConfig": {"maxOutputTokens": 123}}
HISTORY = (
    messages.user(messages.PROMPT),
    messages.assistant(messages.call("toolu_1", file_path="/a")),
    messages.user(messages.result("toolu_1")),
)

RULES = (
    Rule(
        id="S1",
        title="systemInstruction becomes the first message",
        source=GENAI,
        judge=instructed,
        asks=(ask(systemInstruction=turn("user", "You are terse.")),),
        plays=HELLO,
        faces=FACE,
    ),
    Rule(
        id="S2",
        title="v1 and v1beta are both served",
        source=GENAI,
        judge=all_good,
        asks=(ask(version="v1"), ask(version="v1beta"), ask(version="v1", stream=False)),
        plays=HELLO,
        faces=FACE,
    ),
    Rule(
        id="S3",
        title="A call and its response reach the upstream as a pair, though they have no id",
        source=GENAI,
        judge=paired,
        asks=(ask(turn("user", PROMPT), CALLED, RESULT, tools=tools()),),
        plays=HELLO,
        faces=FACE,
    ),
    Rule(
        id="S4",
        title="Schemas are read from parametersJsonSchema, parameters_json_schema and parameters",
        source=GENAI,
        judge=offered,
        asks=tuple(
            ask(tools=tools("Read", field=field))
            for field in ("parametersJsonSchema", "parameters_json_schema", "parameters")
        ),
        plays=HELLO,
        faces=FACE,
    ),
    Rule(
        id="S5",
        title="Fields are read in camel and in snake case",
        source=GENAI,
        judge=limited,
        asks=(ask(**CAMEL), ask(**SNAKE)),
        plays=HELLO,
        faces=FACE,
    ),
    Rule(
        id="S6",
        title="countTokens counts",
        source="P74",
        judge=counted,
        asks=(Ask(path="/v1beta/models/$MODEL:countTokens", body={"contents": [turn("user", "How many?")]}),),
        faces=FACE,
    ),
    Rule(
        id="S7",
        title="The list of models has the form Google's SDKs read",
        source=GENAI,
        judge=listed,
        asks=(Ask(method="GET", path="/v1beta/models"),),
        faces=FACE,
    ),
    Rule(
        id="S8",
        title="A stream without alt=sse is a JSON list",
        source=GENAI,
        judge=as_list,
        asks=(ask(sse=False),),
        plays=HELLO,
        faces=FACE,
        optional=True,
    ),
    Rule(
        id="S9",
        title="Tools reach a Gemini upstream with every property and without the keywords it refuses",
        source="P35",
        judge=schemas_fit,
        asks=(Want(tools=True),),
        plays=HELLO,
        upstreams=ONLY,
    ),
    Rule(
        id="S10",
        title="The thought signature of a call comes back to a Gemini upstream",
        source="P53",
        judge=signature_back,
        asks=(Want(tools=True, stream=False), history),
        plays=(Bytes(200, JSON, dump(SIGNED.value)), says("done")),
        upstreams=ONLY,
    ),
    Rule(
        id="S11",
        title="Results name their function to a Gemini upstream",
        source=TRANSLATOR,
        judge=named_results,
        asks=(messages.ask(*HISTORY, tools=messages.tools()),),
        plays=HELLO,
        upstreams=ONLY,
    ),
)
