"""How models, engines and downloads are told of: states, verdicts and figures in words."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import quote

from ...engines.info import EngineInfo
from ...engines.speed import Headway
from ...engines.states import State
from ...manage.download import Download
from ...manage.fits import Verdict
from ...manage.model_list import Row
from ..parts import numbers
from ..parts.cards import Kind
from ..words import _, n_


class Said(NamedTuple):
    """A word, and of which kind it is."""

    text: str
    kind: Kind


def address(name: str) -> str:
    """Where the page of a model is."""
    return f"/models/{quote(name, safe='')}"


def state_of(engine: EngineInfo) -> Said:
    """How an engine stands."""
    match engine.state:
        case State.STOPPED:
            failed = engine.failing
            return Said(_("Did not load"), "bad") if failed else Said(_("Not loaded"), "calm")
        case State.STARTING:
            return Said(_("Waits for memory") if engine.waits_for_memory else _("Loading"), "warn")
        case State.READY:
            return Said(_("Working"), "good") if engine.busy else Said(_("Ready"), "good")
        case State.DRAINING:
            return Said(_("Finishing its requests"), "warn")
        case State.STOPPING:
            return Said(_("Unloading"), "warn")
        case State.RESTING:
            return Said(_("Crashed"), "bad")
        case State.FAILED:
            return Said(_("Failed"), "bad")


def shown(engine: EngineInfo) -> bool:
    """Whether it is among those that run: also what should and failed."""
    return engine.state is not State.STOPPED or engine.failing


def waits(engine: EngineInfo) -> str:
    """What is being worked on, in words."""
    if not engine.slots:
        return n_("{n} request waits", "{n} requests wait", engine.waiting) if engine.waiting else ""
    said = _("{busy} of {slots} slots busy", busy=min(engine.busy, engine.slots), slots=engine.slots)
    if engine.waiting:
        said = f"{said}, {n_('{n} request waits', '{n} requests wait', engine.waiting)}"
    return said


def reading(headway: Headway) -> str:
    """How far a prompt is read."""
    if headway.seconds is None:
        return f"{headway.percent} %"
    return _("{percent} %, {time} left", percent=headway.percent, time=numbers.seconds(headway.seconds))


def hits(engine: EngineInfo) -> str:
    """What the prompt cache has saved."""
    if not engine.prompts:
        return _("no prompts yet")
    share = numbers.share(engine.reused, engine.prompts)
    return _(
        "{reused} of {sent} prompt tokens reused ({share})",
        reused=numbers.count(engine.reused),
        sent=numbers.count(engine.prompts),
        share=share,
    )


def stays(engine: EngineInfo) -> str:
    """How long it stays in memory."""
    if engine.pinned:
        return _("Pinned: stays in memory")
    if engine.state is State.READY and engine.unload_at is not None:
        return _("Unloads at {time} unless it is used", time=numbers.clock(engine.unload_at))
    return ""


def verdict(fit: Verdict) -> Said:
    """Whether a model fits, in a word."""
    match fit.fits:
        case "yes":
            return Said(_("Fits"), "good")
        case "not now":
            return Said(_("Not now"), "warn")
        case "no":
            return Said(_("Too large"), "bad")
        case "":
            return Said("-", "calm")
    return Said(_("Short context"), "warn")


def how(fit: Verdict) -> str:
    """How it would be run, or what is in the way."""
    if not fit.planned_context:
        return fit.why
    tokens, memory = f"{fit.planned_context:,}", numbers.size(fit.planned_memory)
    if fit.planned_slots > 1:
        return _("{slots} × {tokens} tokens, {memory}", slots=fit.planned_slots, tokens=tokens, memory=memory)
    return _("{tokens} tokens, {memory}", tokens=tokens, memory=memory)


def traits(row: Row) -> list[str]:
    """What else is to be said of a model, each in a word."""
    found = []
    if row.embeds:
        found.append(_("embeddings"))
    if row.sees:
        found.append(_("sees pictures"))
    if row.in_place:
        found.append(_("used where it is"))
    return found


def download_state(download: Download) -> Said:
    """How a download stands."""
    match download.state:
        case "fetching":
            return Said(_("Fetching"), "good")
        case "checking":
            return Said(_("Checking"), "good")
        case "waiting":
            return Said(_("Broke off; trying again"), "warn")
        case "stopping":
            return Said(_("Stopping"), "calm")
        case "paused":
            return Said(_("Paused"), "calm")
        case "failed":
            return Said(_("Failed"), "bad")
        case "done":
            return Said(_("Done"), "good")


def come(download: Download) -> str:
    """How much of a download has come, how fast, and how long it will take yet."""
    parts = []
    if download.total:
        parts.append(_("{done} of {total}", done=numbers.size(download.done), total=numbers.size(download.total)))
    elif download.done:
        parts.append(_("{done} so far", done=numbers.size(download.done)))
    if download.speed is not None:
        parts.append(_("{speed}/s", speed=numbers.size(download.speed)))
    if download.left is not None:
        parts.append(_("{time} left", time=numbers.seconds(max(1.0, round(download.left)))))
    return " · ".join(parts)
