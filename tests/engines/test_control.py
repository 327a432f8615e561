"""Questions to an engine: to the pretend one over HTTP, and with every answer that an engine could give."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from pathlib import Path

import msgspec
import pytest

from landbridge.config import ModelSettings
from landbridge.engines.control import CONTROL_TIMEOUT, HEALTH_TIMEOUT, Control
from landbridge.engines.llamacpp import Run
from landbridge.errors import BadRequest, Cut, EngineFault, ProviderFault, TimedOut, Unreachable
from tests.engines.bench import HELLO, Bench, asking

pytestmark = [pytest.mark.io, pytest.mark.anyio]

Said = tuple[int, bytes] | ProviderFault


def control(answers: Mapping[str, Said]) -> Control:
    """Asks an engine that answers each path with the same, and 404 to all others."""

    async def ask(url: str, headers: Mapping[str, str], body: bytes | None, seconds: float) -> tuple[int, bytes]:
        said = answers.get(url.removeprefix("http://127.0.0.1:1"), (404, b"{}"))
        if isinstance(said, ProviderFault):
            raise said
        return said

    return Control(ask, "http://127.0.0.1:1", "key", "engine:m")


def run_of_nothing(context: int = 1024) -> Run:
    settings = ModelSettings()
    return Run(Path("m"), context, threads=1, batch=512, gpu_layers=0, template="", settings=settings)


def props(**more: object) -> tuple[int, bytes]:
    return 200, msgspec.json.encode({"default_generation_settings": {"n_ctx": 512}, "total_slots": 2, **more})


# -- the pretend engine ------------------------------------------------------------------------------------------------


async def test_an_engine_is_found_with_its_window_slots_and_abilities(bench: Bench) -> None:
    async with bench.start(run=bench.run(slots=2, max_output=99)) as live:
        found = live.found
    assert (found.window, found.slots) == (2048, 2)
    traits = found.traits
    assert (traits.window, traits.max_output, traits.tools) == (2048, 99, True)
    assert (traits.system_turns, traits.alternate, traits.content_with_calls) == ("keep", False, True)
    assert not traits.images
    assert not traits.fetches_images
    assert not traits.documents


async def test_a_template_without_tools_is_noticed(bench: Bench) -> None:
    bench.put("m", "--no-tools")
    async with bench.start() as live:
        assert not live.found.traits.tools


async def test_counting_takes_tools_and_every_turn(bench: Bench) -> None:
    async with bench.start() as live:
        plain = await live.control.count(msgspec.json.encode(HELLO))
        with_tools = await live.control.count(msgspec.json.encode({**HELLO, "tools": [{"name": "a b"}]}))
    assert plain == 5
    assert with_tools > plain


async def test_a_prompt_without_a_template_is_counted_too(bench: Bench) -> None:
    async with bench.start() as live:
        assert await live.control.count(b'{"prompt": "one two three", "max_tokens": 5}') == 3
        assert await live.control.count(b'{"prompt": [1, 2, 3, 4]}') == 4


async def test_an_engine_for_embeddings_is_asked_nothing_about_chatting(bench: Bench) -> None:
    async with bench.start(run=bench.run(pooling="mean")) as live:
        assert (live.found.embeds, live.found.window) == (True, 4096)
        assert not live.found.traits.tools
    async with bench.start() as live:
        assert not live.found.embeds


async def test_it_is_well_until_it_ends(bench: Bench) -> None:
    async with bench.start() as live:
        assert await live.control.healthy()
        await live.close()
        assert not await live.control.healthy()
        with pytest.raises(EngineFault, match="does not answer at /slots"):
            await live.control.busy_slots()


async def test_without_its_key_an_engine_says_nothing(bench: Bench) -> None:
    async with bench.start() as live, asking() as ask:
        stranger = Control(ask, live.control.url, "guessed", "engine:m")
        assert await stranger.healthy(), "health tells nothing"
        with pytest.raises(EngineFault, match="401 at /apply-template: Invalid API Key"):
            await stranger.count(msgspec.json.encode(HELLO))


# -- any answer --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "well"),
    [((200, b""), True), ((503, b"loading"), False), (Unreachable("no"), False), (TimedOut("no"), False)],
)
async def test_well_is_status_200_and_nothing_else(said: Said, well: bool) -> None:
    assert await control({"/health": said}).healthy() is well


@pytest.mark.parametrize("fault", [Cut("it broke off"), TimedOut("silent"), Unreachable("refused")])
async def test_no_answer_is_the_engines_fault_not_a_providers(fault: ProviderFault) -> None:
    with pytest.raises(EngineFault, match=f"does not answer at /props .{type(fault).__name__}.") as caught:
        await control({"/props": fault}).find(run_of_nothing())
    assert caught.value.origin == "engine:m"


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ((500, b'{"error": {"message": "slots are gone"}}'), "500 at /props: slots are gone"),
        ((500, b"<html>oops"), "500 at /props: <html>oops"),
        ((500, b""), "500 at /props: no reason given"),
        ((200, b"not JSON"), "200 at /props: not JSON"),
        ((200, b'{"total_slots": "two"}'), "200 at /props"),
    ],
)
async def test_an_answer_that_is_none_is_said_in_the_engines_words(said: Said, words: str) -> None:
    with pytest.raises(EngineFault, match=words):
        await control({"/props": said}).find(run_of_nothing())


async def test_what_the_template_refuses_is_the_clients_fault_in_the_engines_words() -> None:
    refused = (400, b'{"error": {"message": "After the optional system message, roles must alternate"}}')
    with pytest.raises(BadRequest, match="roles must alternate") as caught:
        await control({"/apply-template": refused}).count(b"{}")
    assert caught.value.origin == "engine:m"


async def test_an_old_engine_that_says_little_gets_careful_assumptions() -> None:
    found = await control({"/props": (200, b"{}")}).find(run_of_nothing(context=4096))
    assert (found.window, found.slots) == (4096, 1)
    assert (found.traits.system_turns, found.traits.alternate, found.traits.content_with_calls) == ("fold", True, False)


@pytest.mark.parametrize("rendered", ["probe-one probe-two probe-four", ""])
async def test_p43_a_template_that_swallows_a_system_turn_gets_none(rendered: str) -> None:
    answers = {"/props": props(), "/apply-template": (200, msgspec.json.encode({"prompt": rendered}))}
    found = await control(answers).find(run_of_nothing())
    assert found.traits.system_turns == "fold"


async def test_p62_a_template_that_wants_roles_in_turn_is_noticed() -> None:
    asked: list[bytes] = []

    async def mistral(url: str, headers: Mapping[str, str], body: bytes | None, seconds: float) -> tuple[int, bytes]:
        if url.endswith("/props"):
            return props()
        assert body is not None
        asked.append(body)
        roles = [message["role"] for message in msgspec.json.decode(body)["messages"]]
        alternate = all(one != other for one, other in itertools.pairwise(roles))
        calls = b"tool_calls" in body
        prompt = " ".join(f"probe-{number}" for number in ("one", "two", "three", "four"))
        return (200, msgspec.json.encode({"prompt": prompt})) if alternate and not calls else (400, b"{}")

    found = await Control(mistral, "http://x", "key", "engine:m").find(run_of_nothing())
    assert found.traits.alternate
    assert not found.traits.content_with_calls
    assert len(asked) == 2 + 4 + 2, "each shape once, calls in all their forms, thinking and not"


@pytest.mark.parametrize("shows_text", [True, False])
async def test_p33_p62_a_template_that_wants_short_ids_gets_them(shows_text: bool) -> None:
    async def mistral(url: str, headers: Mapping[str, str], body: bytes | None, seconds: float) -> tuple[int, bytes]:
        if url.endswith("/props"):
            return props()
        messages = msgspec.json.decode(body or b"")["messages"]
        ids = [call["id"] for message in messages for call in message.get("tool_calls", ())]
        texts = [message["content"] or "" for message in messages if shows_text or "tool_calls" not in message]
        short = all(len(id) == 9 and id.isalnum() for id in ids)
        return (200, msgspec.json.encode({"prompt": " ".join(texts)})) if short else (400, b"{}")

    traits = (await Control(mistral, "http://x", "key", "engine:m").find(run_of_nothing())).traits
    assert (traits.tool_id_pattern, traits.content_with_calls) == ("mistral9", shows_text)


async def test_p51_a_template_with_a_switch_for_thinking_is_noticed(bench: Bench) -> None:
    async with bench.start() as live:
        assert (live.found.traits.effort, live.found.traits.thinking) == ("none", "")
    bench.put("m", "--thinks")
    async with bench.start(run=bench.run(thinking="off")) as live:
        assert (live.found.traits.effort, live.found.traits.thinking) == ("chat_template_kwargs", "off")


async def test_pictures_only_where_the_engine_says_so() -> None:
    for vision in (True, False):
        answers = {"/props": props(modalities={"vision": vision})}
        assert (await control(answers).find(run_of_nothing())).traits.images is vision


async def test_busy_slots_are_counted() -> None:
    slots = [{"is_processing": True}, {"is_processing": False}, {}]
    assert await control({"/slots": (200, msgspec.json.encode(slots))}).busy_slots() == 1


async def test_each_question_has_its_time_and_all_but_health_the_key() -> None:
    seen: dict[str, tuple[float, bool]] = {}

    async def ask(url: str, headers: Mapping[str, str], body: bytes | None, seconds: float) -> tuple[int, bytes]:
        seen[url] = seconds, headers.get("authorization") == "Bearer key"
        return 200, b"[]"

    asked = Control(ask, "", "key", "engine:m")
    await asked.healthy()
    await asked.busy_slots()
    assert seen == {"/health": (HEALTH_TIMEOUT, False), "/slots": (CONTROL_TIMEOUT, True)}


async def test_a_slot_is_saved_and_restored_by_the_name_of_a_file() -> None:
    asked: list[tuple[str, object]] = []

    async def ask(url: str, headers: Mapping[str, str], body: bytes | None, seconds: float) -> tuple[int, bytes]:
        asked.append((url, msgspec.json.decode(body or b"")))
        return 200, b'{"id_slot": 1, "n_saved": 7, "n_written": 99, "n_restored": 6}'

    engine = Control(ask, "", "key", "engine:m")
    assert await engine.save_slot(1, "a.part") == (7, 99)
    assert await engine.restore_slot(0, "a.kv") == 6
    assert asked == [
        ("/slots/1?action=save", {"filename": "a.part"}),
        ("/slots/0?action=restore", {"filename": "a.kv"}),
    ]


async def test_a_file_that_it_does_not_take_is_not_the_engines_fault() -> None:
    refused = (400, b'{"error": {"message": "Unable to restore slot"}}')
    with pytest.raises(BadRequest, match="Unable to restore"):
        await control({"/slots/0?action=restore": refused}).restore_slot(0, "a.kv")
    with pytest.raises(EngineFault, match="501"):
        await control({"/slots/0?action=save": (501, b"{}")}).save_slot(0, "a.part")


async def test_p78_what_a_prompt_begins_with_is_told_in_its_own_tokens() -> None:
    async def ask(url: str, headers: Mapping[str, str], body: bytes | None, seconds: float) -> tuple[int, bytes]:
        asked = msgspec.json.decode(body or b"")
        if url == "/apply-template":
            assert asked["tools"] == ["t"], "all that the template is told stays"
            said = "".join(f"<{message['role']}>{message['content']}" for message in asked["messages"])
            return 200, msgspec.json.encode({"prompt": said})
        return 200, msgspec.json.encode({"tokens": [*map(ord, asked["content"])]})

    messages = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "x"}]
    body = msgspec.json.encode({"messages": messages, "tools": ["t"]})
    tokens = await Control(ask, "", "key", "engine:m").opening(body)
    assert "".join(map(chr, tokens)) == "<system>Be brief.<user>"
