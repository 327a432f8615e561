"""What the ledger says of one exchange: when what happened, what it took, and why it went where it went."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from nicegui import ui

from ...store.report import Exchange
from ..parts.cards import Stat, card
from ..parts.numbers import clock, count, seconds, share
from ..words import _, n_
from .requests_filter import Wanted
from .requests_rows import LOCAL, cost_of, prompt_of

DIALECTS = {
    "anthropic": "Messages (Anthropic)",
    "openai_chat": "Chat Completions (OpenAI)",
    "openai_responses": "Responses (OpenAI)",
    "openai_legacy": "Completions (OpenAI)",
    "gemini": "Gemini (Google)",
    "openai_embeddings": "Embeddings (OpenAI)",
    "gemini_embeddings": "Embeddings (Google)",
}


class Part(NamedTuple):
    """One stretch of its time."""

    name: str
    words: str
    seconds: float
    kind: str


def parts_of(exchange: Exchange) -> list[Part]:
    """The stretches of its time, as far as they are known."""
    whole = exchange.seconds
    if exchange.failed:
        return [Part("failed", _("Until it failed"), whole, "rq-failed")]
    first = exchange.first
    if first is None or not 0 <= first <= whole:
        return [Part("all", _("Until the whole answer"), whole, "rq-all")]
    return [
        Part("wait", _("Queue, prompt, first word"), first, "rq-wait"),
        Part("answer", _("Answer"), whole - first, "rq-answer"),
    ]


def pace_of(exchange: Exchange) -> float | None:
    """Tokens a second while it was answered."""
    if exchange.first is None or not exchange.output or exchange.output < 2:
        return None
    took = exchange.seconds - exchange.first
    return (exchange.output - 1) / took if took > 0.001 else None


def timeline_card(exchange: Exchange) -> None:
    """Its time, as a bar and in numbers."""
    parts = parts_of(exchange)
    said = ", ".join(f"{part.words}: {seconds(part.seconds)}" for part in parts)
    with card(_("Timeline")):
        with ui.element("div").classes("rq-bar").props('role="img"') as bar:
            bar.props["aria-label"] = said
            for part in parts:
                width = part.seconds / exchange.seconds if exchange.seconds else 1
                with ui.element("div").classes(f"rq-part {part.kind}").style(f"flex: {max(width, 0.001):.4f} 1 0"):
                    if width > 0.12:
                        ui.label(f"{part.words} · {seconds(part.seconds)}" if width > 0.3 else seconds(part.seconds))
        with ui.element("div").classes("rq-steps"):
            Stat(_("Asked"), clock(exchange.at - exchange.seconds))
            if exchange.first is not None:
                hint = _("waited in the queue, read the prompt")
                Stat(_("First word after"), seconds(exchange.first), hint)
            Stat(_("Over after"), seconds(exchange.seconds))
            if (pace := pace_of(exchange)) is not None:
                Stat(_("Speed"), _("{n} tokens/s", n=f"{pace:.1f}"))


def facts_of(exchange: Exchange) -> Iterator[tuple[str, str, str]]:
    """Name, value and, where there is one, a link."""
    yield _("Client"), exchange.client or "-", ""
    if exchange.key:
        yield _("Access key"), exchange.key, f"/requests?{Wanted(key=exchange.key).query()}"
    if exchange.session:
        yield _("Conversation"), exchange.session, f"/requests?{Wanted(session=exchange.session).query()}"
    if exchange.agent:
        link = Wanted(session=exchange.session, agent=exchange.agent).query()
        yield _("Subagent"), exchange.agent, f"/requests?{link}"
    yield _("Asked for"), exchange.model or "-", ""
    yield _("Answered by"), exchange.target or _("nobody"), ""
    if exchange.provider:
        yield _("Provider"), exchange.provider, ""
    streamed = f", {_('streamed')}" if exchange.stream else ""
    yield _("The client's API"), f"{DIALECTS.get(exchange.dialect, exchange.dialect)}{streamed}", ""
    paths = {"passthrough": _("passed through, byte for byte"), "converted": _("converted")}
    if exchange.path:
        yield _("Way"), paths.get(exchange.path, exchange.path), ""
    yield from _tokens(exchange)
    if cost := cost_of(exchange):
        yield _("Cost"), _("unknown") if exchange.cost is None and exchange.provider != LOCAL else cost, ""


def _tokens(exchange: Exchange) -> Iterator[tuple[str, str, str]]:
    prompt = prompt_of(exchange)
    about = f" ({_('estimated')})" if exchange.estimated else ""
    if prompt is not None:
        yield _("Prompt"), _("{n} tokens", n=f"{prompt:,}") + about, ""
    if exchange.cache_read:
        yield _("Cache hits"), f"{exchange.cache_read:,} ({share(exchange.cache_read, prompt or 0)})", ""
    if exchange.cache_write:
        yield _("Written to the cache"), f"{exchange.cache_write:,}", ""
    if exchange.output is not None:
        yield _("Answer"), _("{n} tokens", n=f"{exchange.output:,}") + about, ""
    if exchange.reasoning:
        yield _("Of these thinking"), f"{exchange.reasoning:,}", ""
    if exchange.searches or exchange.fetches:
        yield (
            _("Web"),
            _("{s} searches, {f} pages", s=count(exchange.searches or 0), f=count(exchange.fetches or 0)),
            "",
        )


def facts_card(exchange: Exchange) -> None:
    """What it was, and what it took."""
    with card(_("Facts")), ui.element("dl").classes("rq-facts"):
        for name, value, link in facts_of(exchange):
            with ui.element("div").classes("rq-fact"):
                with ui.element("dt").classes("lb-muted lb-small"):
                    ui.label(name)
                with ui.element("dd").style("margin: 0"):
                    if link:
                        ui.link(value, link)
                    else:
                        ui.label(value)


# -- why it went there -------------------------------------------------------------------------------------------------


class Step(NamedTuple):
    """One part of the explanation of a route."""

    what: str
    text: str


def route_of(route: str) -> list[Step]:
    """The explanation (`x-landbridge-route`) in its parts."""
    target, *parts = route.split("; ")
    found = [Step(_("Answered by"), target)] if target else []
    for part in parts:
        word, _space, rest = part.partition(" ")
        if word in ("failed", "skipped") and "(" in rest:
            what = _("Failed before it") if word == "failed" else _("Passed over")
            found += [Step(what, each) for each in _apart(rest)]
        else:
            found.append(Step(_("Because of"), part))
    return found


def _apart(text: str) -> Iterator[str]:
    """`a (why, and why), b (why)`: commas within brackets part nothing."""
    depth, begin = 0, 0
    for at, sign in enumerate(text):
        depth += (sign == "(") - (sign == ")")
        if depth == 0 and text[at : at + 2] == ", ":
            yield text[begin:at]
            begin = at + 2
    yield text[begin:]


def route_card(exchange: Exchange) -> None:
    """Why that target, what was tried again, what was lost and what was put right."""
    steps = route_of(exchange.route) if exchange.route else []
    if exchange.attempts > 1:
        steps.append(Step(_("Tries"), n_("{n} target was asked", "{n} times a target was asked", exchange.attempts)))
    if exchange.retries:
        words = n_(
            "once an engine ended before it answered", "{n} times an engine ended before it answered", exchange.retries
        )
        steps.append(Step(_("Retries"), words))
    lists = (
        (_("Why this model"), [f"{step.what}: {step.text}" for step in steps]),
        (_("Lost in conversion"), exchange.losses),
        (_("Repaired in tool calls"), [f"{name}: {times}" for name, times in exchange.repairs.items()]),
    )
    if not any(entries for _title, entries in lists):
        return
    with ui.element("div").classes("lb-grid").style("--smallest: 320px"):
        for title, entries in lists:
            if entries:
                with card(title), ui.element("ul").classes("rq-list-of"):
                    for entry in entries:
                        with ui.element("li"):
                            ui.label(entry)
