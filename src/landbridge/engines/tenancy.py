"""How an engine stands, seen from outside: towards others who need its memory, and for people who ask."""

from __future__ import annotations

import asyncio
import time

from .engine import Engine
from .eviction import Standing, Tenant
from .info import EngineInfo
from .room import resident_memory
from .states import State


def tenant_of(engine: Engine, memory: int, *, pinned: bool) -> Tenant:
    """An engine that has `memory`, for those who need some."""
    served = engine.life.served if engine.desk.background else asyncio.get_running_loop().time()
    return Tenant(engine.name, memory, _standing(engine), engine.life.used, served, pinned)


def _standing(engine: Engine) -> Standing:
    match engine.state:
        case State.READY:
            return "idle" if engine.idle else "working"
        case State.DRAINING | State.STOPPING:
            return "leaving"
        case _:
            return "loading"


def info_of(engine: Engine, planned: int, *, pinned: bool, waits_for_memory: bool) -> EngineInfo:
    """What is told of an engine."""
    live, life, desk = engine.live, engine.life, engine.desk
    alarm = engine.next_alarm() if engine.state is State.READY else None
    calendar = time.time() - asyncio.get_running_loop().time()
    return EngineInfo(
        name=engine.name,
        state=engine.state,
        pid=live.process.pid if live is not None else None,
        window=live.found.window if live is not None else None,
        slots=live.found.slots if live is not None else 0,
        busy=desk.busy,
        waiting=desk.waiting,
        progress=tuple(live.headway.values()) if live is not None else (),
        prompts=live.slots.sent if live is not None else 0,
        reused=live.slots.reused if live is not None else 0,
        memory=resident_memory(live.process.pid) if live is not None else 0,
        planned=planned,
        since=life.since,
        used=life.used + calendar,
        pinned=pinned,
        unload_at=alarm + calendar if alarm is not None else None,
        last_fault=life.fault.message if life.fault is not None else "",
        failing=life.failing,
        waits_for_memory=waits_for_memory,
    )
