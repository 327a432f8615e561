"""Requests: every field of a Messages request reaches an OpenAI-compatible upstream in its own words, or not at all."""

from __future__ import annotations

from ..faces import messages
from ..faces.messages import PROMPT, ask, system, text, tools, user
from ..play import says
from ..rule import Rule, need
from ..seen import Seen
from ..sources import PROTOCOL, TRANSLATOR
from .judging import content, good, has, lacks, roles, words

HELLO = (says("Hello."),)
FOREIGN = (
    "system", "metadata", "context_management", "safeguards", "output_config", "stop_sequences", "container",
    "mcp_servers", "anthropic_beta", "betas",
)  # fmt: skip
"""Fields of the Messages API that mean nothing to an OpenAI-compatible upstream, many of which refuse what they do not
know."""
KEY = {"cache_control": {"type": "ephemeral"}}


def no_foreign_fields(seen: Seen) -> None:
    found = set(seen.sent.keys) & set(FOREIGN)
    need(not found, f"the upstream gets {', '.join(sorted(found))}")


def first_is_system(seen: Seen) -> None:
    sent = seen.sent["messages"]
    need(roles(sent)[:1] == ["system"] or roles(sent)[:1] == ["developer"], f"the roles are {roles(sent)}")
    has(content(sent[0]), "You are terse.", "the system prompt")
    has(content(sent[0]), "Answer in German.", "the second block of the system prompt")


def system_inside(seen: Seen) -> None:
    has(words(seen.sent["messages"]), "SEVEN tokens left", "the system turn among the messages")


def in_place(seen: Seen) -> None:
    """A system turn among the messages stands behind what came before it."""
    text = [content(message) for message in seen.sent["messages"]]
    where = [number for number, each in enumerate(text) if "SEVEN tokens left" in each]
    before = [number for number, each in enumerate(text) if "the first question" in each]
    need(where and before, "a turn got lost")
    need(before[0] <= where[0] and where[0] > 0, f"it was moved to turn {where[0]}, before turn {before[0]}")


def no_thinking_field(seen: Seen) -> None:
    found = seen.sent["thinking"]["type"].text
    need(found not in ("adaptive",), "the upstream gets thinking: {type: adaptive}")


def limits_answer(seen: Seen) -> None:
    sent = seen.sent
    found = {name: sent[name].count for name in ("max_tokens", "max_completion_tokens") if name in sent}
    need(found and set(found.values()) == {123}, f"max_tokens 123 became {found}")


def stops(seen: Seen) -> None:
    need(seen.sent["stop"].value == ["END", "STOP"], f"stop_sequences became {seen.sent['stop']!r}")


def samples(seen: Seen) -> None:
    sent = seen.sent
    need(sent["temperature"].value == 0.5, f"temperature became {sent['temperature']!r}")
    need(sent["top_p"].value == 0.9, f"top_p became {sent['top_p']!r}")


def formats(seen: Seen) -> None:
    form = seen.sent["response_format"]
    schema = form["json_schema"]["schema"]
    need(form["type"].text == "json_schema" and "title" in schema["properties"], f"it became {form!r:.160}")


def asks_for_usage(seen: Seen) -> None:
    need(seen.sent["stream_options"]["include_usage"].value is True, "the upstream is not asked for usage")


def picture_kept(seen: Seen) -> None:
    """The picture, or a note where it stood."""
    sent = repr(seen.sent["messages"])
    need("iVBORw0KGgo" in sent or "image" in sent.lower(), "a picture vanished without a word")


def model_named(seen: Seen) -> None:
    need(seen.sent["model"].text, "the upstream gets no model")
    need(roles(seen.sent["messages"])[-1] == "user", f"the roles are {roles(seen.sent['messages'])}")


def no_client_token(seen: Seen) -> None:
    good(seen)
    secrets = (seen.token, "cookie-word", "10.9.8.7")
    sent = [name for name, value in seen.only.received.headers.items() if any(secret in value for secret in secrets)]
    need(not sent, f"the client's own {', '.join(sent)} goes to the provider")


LOGO = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "iVBORw0KGgoAAAANSUhEUg=="}}
TITLE = {"type": "object", "properties": {"title": {"type": "string"}}, "required": ["title"]}
MANAGED = {"edits": [{"type": "clear_thinking_20251015", "keep": "all"}]}
NOTE = system("SEVEN tokens left")
TWO_SYSTEM = [text("You are terse.", **KEY), text("Answer in German.", **KEY)]
UNKNOWN_BLOCK = {"type": "hologram_2031", "data": {"x": 1}}
SPOKEN = (user("the first question"), messages.assistant("the first answer"), NOTE, user(PROMPT))

RULES = (
    Rule(
        id="J1",
        title="The upstream gets a model and the user's turn",
        source=PROTOCOL,
        judge=model_named,
        asks=(ask(),),
        plays=HELLO,
    ),
    Rule(
        id="J2",
        title="The system prompt, as text or blocks, becomes the first message",
        source=PROTOCOL,
        judge=first_is_system,
        asks=(ask(system=TWO_SYSTEM),),
        plays=HELLO,
    ),
    Rule(
        id="J3",
        title="System turns among the messages are taken, and reach the model",
        source="P42",
        judge=system_inside,
        asks=(ask(user(PROMPT), NOTE),),
        plays=HELLO,
    ),
    Rule(
        id="J4",
        title="They stay where they are, so that the prompt's prefix stays the same",
        source="P43",
        judge=in_place,
        asks=(ask(*SPOKEN, system="You are terse."),),
        plays=HELLO,
    ),
    Rule(
        id="J5",
        title="Fields nobody knows are no error, wherever they stand",
        source="P45",
        judge=good,
        asks=(
            ask(
                {**user(PROMPT), "output_config": {"x": 1}},
                novelty={"a": [1]},
                thinking={"type": "adaptive", "block_binding": "x"},
            ),
        ),
        plays=HELLO,
    ),
    Rule(
        id="J6",
        title="Blocks nobody knows are no error",
        source="P45",
        judge=good,
        asks=(ask(user(PROMPT, UNKNOWN_BLOCK)),),
        plays=HELLO,
    ),
    Rule(
        id="J7",
        title="context_management is taken, and not passed on",
        source="P46",
        judge=lacks("context_management"),
        asks=(ask(context_management=MANAGED),),
        plays=HELLO,
    ),
    Rule(
        id="J8",
        title="cache_control is passed on nowhere",
        source="P49",
        judge=lacks("cache_control"),
        asks=(ask(user(text(PROMPT, **KEY)), system=TWO_SYSTEM, tools=[{**tools("Read")[0], **KEY}]),),
        plays=HELLO,
    ),
    Rule(
        id="J9",
        title="No field that only Anthropic knows is passed on",
        source="P64",
        judge=no_foreign_fields,
        asks=(
            ask(
                metadata={"user_id": "{}"},
                safeguards=[{"type": "dangerous_tool_use"}],
                output_config={"effort": "high"},
                stop_sequences=["END"],
                system="x",
            ),
        ),
        plays=HELLO,
    ),
    Rule(
        id="J10",
        title="Adaptive thinking is taken, and not passed on as such",
        source="P51",
        judge=no_thinking_field,
        asks=(ask(thinking={"type": "adaptive", "display": "omitted"}),),
        plays=HELLO,
    ),
    Rule(
        id="J15",
        title="max_tokens limits the answer",
        source="P63",
        judge=limits_answer,
        asks=(ask(max_tokens=123),),
        plays=HELLO,
    ),
    Rule(
        id="J16",
        title="stop_sequences become a list of stop",
        source="P64",
        judge=stops,
        asks=(ask(stop_sequences=["END", "STOP"]),),
        plays=HELLO,
    ),
    Rule(
        id="J17",
        title="temperature and top_p arrive",
        source=PROTOCOL,
        judge=samples,
        asks=(ask(temperature=0.5, top_p=0.9),),
        plays=HELLO,
    ),
    Rule(
        id="J20",
        title="A JSON schema for the answer becomes response_format",
        source=PROTOCOL,
        judge=formats,
        asks=(ask(output_config={"format": {"type": "json_schema", "schema": TITLE}}),),
        plays=HELLO,
    ),
    Rule(
        id="J21",
        title="The upstream is asked for usage in the stream",
        source="P76",
        judge=asks_for_usage,
        asks=(ask(),),
        plays=HELLO,
    ),
    Rule(
        id="J22",
        title="A picture arrives, or a note says that it stood there",
        source="P57",
        judge=picture_kept,
        asks=(ask(user(PROMPT, LOGO)),),
        plays=HELLO,
    ),
    Rule(
        id="J23",
        title="The client's token does not go to the provider, nor do its cookies",
        source="P99",
        judge=no_client_token,
        asks=(ask(headers={"cookie": "a=cookie-word", "x-forwarded-for": "10.9.8.7"}),),
        plays=HELLO,
    ),
    Rule(
        id="J25",
        title="Only a system prompt and no words of the user are a request, too",
        source=TRANSLATOR,
        judge=lambda seen: need("user" in roles(seen.sent["messages"]), "the upstream gets no user turn"),
        asks=(ask(user(""), system=PROMPT),),
        plays=HELLO,
        optional=True,
    ),
)
