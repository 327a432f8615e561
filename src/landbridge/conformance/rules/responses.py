"""What clients of the Responses API (Codex) need beside what the other rules ask for, before an OpenAI chat."""

from __future__ import annotations

from typing import Any

from ..faces.responses import PROMPT, ask, said_by, tools
from ..play import says
from ..rule import Rule, need
from ..seen import Seen
from ..sources import CODEX, OPENAI
from .judging import content, good, has, roles, words

HELLO = (says("Hello."),)
FACE = ("openai_responses",)
FIELDS = ("id", "object", "created_at", "status", "model", "output", "usage", "parallel_tool_calls", "tools")
CALL = {"type": "function_call", "call_id": "call_1", "name": "Read", "arguments": '{"file_path":"/a"}', "id": "fc_1"}
RESULT = {"type": "function_call_output", "call_id": "call_1", "output": "the content"}
REASONING = {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "c2VjcmV0IHRob3VnaHRz"}
NAMESPACE = {"type": "namespace", "name": "multi_agent_v1", "description": "Agents.", "tools": tools("ListAgents")}


def instructed(seen: Seen) -> None:
    sent = seen.sent["messages"]
    need(roles(sent)[0] in ("system", "developer"), f"the roles are {roles(sent)}")
    has(content(sent[0]), "You are terse.", "the instructions")


def developer(seen: Seen) -> None:
    has(words(seen.sent["messages"]), "Answer in German.", "the developer's message")
    unknown = set(roles(seen.sent["messages"])) - {"system", "developer", "user", "assistant", "tool"}
    need(not unknown, f"the upstream gets the roles {sorted(unknown)}")


def whole_fields(seen: Seen) -> None:
    good(seen)
    body = seen.only.answer.json
    need(not [name for name in FIELDS if name not in body], f"of {', '.join(FIELDS)} there are {body.keys}")


def paired(seen: Seen) -> None:
    sent = seen.sent["messages"]
    calls = [call["id"].text for message in sent for call in message["tool_calls"]]
    results = [message["tool_call_id"].text for message in sent if message["role"].text == "tool"]
    need(calls == results == ["call_1"], f"calls {calls}, results {results}")
    has(words(sent), "the content", "the result")


def no_secrets(seen: Seen) -> None:
    need("c2VjcmV0IHRob3VnaHRz" not in repr(seen.sent), "another provider's reasoning goes to the upstream")


def only_functions(seen: Seen) -> None:
    sent = seen.sent
    kinds = {tool["type"].text for tool in sent["tools"]}
    need(kinds <= {"function"}, f"the upstream gets tools of the types {sorted(kinds)}")
    names = [tool["function"]["name"].text for tool in sent["tools"]]
    need("Read" in names, f"the upstream gets the tools {names}")


def no_foreign_fields(seen: Seen) -> None:
    found = {"input", "store", "include", "client_metadata", "reasoning", "text", "instructions"} & set(seen.sent.keys)
    need(not found, f"the upstream gets {', '.join(sorted(found))}")


CODEX_FIELDS: dict[str, Any] = {
    "include": ["reasoning.encrypted_content"],
    "client_metadata": {"x": "y"},
    "reasoning": {"summary": "auto"},
    "prompt_cache_key": "session",
    "parallel_tool_calls": False,
    "tool_choice": "auto",
    "text": {"verbosity": "low"},
    "an_unheard_of_field": 1,
}

RULES = (
    Rule(
        id="R1",
        title="instructions become the first message",
        source=OPENAI,
        judge=instructed,
        asks=(ask(instructions="You are terse."),),
        plays=HELLO,
        faces=FACE,
    ),
    Rule(
        id="R2",
        title="Messages of the developer reach the model",
        source=CODEX,
        judge=developer,
        asks=(ask(said_by("developer", "Answer in German."), said_by("user", PROMPT)),),
        plays=HELLO,
        faces=FACE,
    ),
    Rule(
        id="R3",
        title="A text alone is an input",
        source=OPENAI,
        judge=good,
        asks=(ask(input=PROMPT),),
        plays=HELLO,
        faces=FACE,
    ),
    Rule(
        id="R4",
        title="A whole response has every field of its form",
        source=OPENAI,
        judge=whole_fields,
        asks=(ask(stream=False),),
        plays=HELLO,
        faces=FACE,
    ),
    Rule(
        id="R5",
        title="A call and its output reach the upstream as a pair",
        source=OPENAI,
        judge=paired,
        asks=(ask(said_by("user", PROMPT), CALL, RESULT, tools=tools()),),
        plays=HELLO,
        faces=FACE,
    ),
    Rule(
        id="R6",
        title="Reasoning items of other providers are taken, and not passed on",
        source="P55",
        judge=no_secrets,
        asks=(ask(said_by("user", PROMPT), REASONING, CALL, RESULT, tools=tools()),),
        plays=HELLO,
        faces=FACE,
    ),
    Rule(
        id="R7",
        title="Tools that run at OpenAI, and namespaces, are no error and not passed on as they are",
        source=CODEX,
        judge=only_functions,
        asks=(ask(tools=[*tools("Read"), NAMESPACE, {"type": "web_search"}]),),
        plays=HELLO,
        faces=FACE,
    ),
    Rule(
        id="R8",
        title="Every field Codex sends is taken, and none passed on that the upstream does not know",
        source=CODEX,
        judge=no_foreign_fields,
        asks=(ask(tools=tools(), **CODEX_FIELDS),),
        plays=HELLO,
        faces=FACE,
    ),
)
