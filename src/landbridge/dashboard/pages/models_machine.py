"""What of this machine is used: processor, memory, graphics cards, and what of it the models have. Live."""

from __future__ import annotations

from ...engines.gauge import Load
from ...server.admin import Engines
from ..desk import Desk
from ..parts import numbers
from ..parts.cards import Meter, card
from ..words import _
from .models_bars import Bar


class MachineStrip:
    """Bars beside each other."""

    def __init__(self, desk: Desk) -> None:
        with card().classes("lbm-machine").props(f'aria-label="{_("This machine")}"') as self._card:
            self._cpu = Bar(_("Processor"))
            self._memory = Meter(_("Memory"))
            self._models = Meter(_("Taken by models"))
        self._cards: list[Meter] = []
        self._load: Load | None = None
        self._taken = 0
        desk.live.follow("machine", Load, self._show)
        desk.live.follow("engines", Engines, self._take)

    def _show(self, load: Load) -> None:
        self._load = load
        self._cpu.set(load.cpu / 100, _("{percent} % of {cores} cores", percent=f"{load.cpu:.0f}", cores=load.cores))
        used = load.memory - load.free
        self._memory.set(
            used / max(1, load.memory),
            _("{used} of {all}", used=numbers.size(used), all=numbers.size(load.memory)),
        )
        with self._card:
            for gpu in load.gpus[len(self._cards) :]:
                self._cards.append(Meter(gpu.name if load.used_by_engine else _("{name} (not used)", name=gpu.name)))
        for meter, gpu in zip(self._cards, load.gpus, strict=False):
            taken = gpu.memory - gpu.free
            said = _("{used} of {all}", used=numbers.size(taken), all=numbers.size(gpu.memory))
            meter.set(taken / max(1, gpu.memory), said)
        self._show_models()

    def _take(self, engines: Engines) -> None:
        self._taken = sum(engine.memory for engine in engines.engines)
        self._show_models()

    def _show_models(self) -> None:
        if self._load is None:
            return
        limit = self._load.limit or self._load.memory
        said = _("{used} of {all} they may take", used=numbers.size(self._taken), all=numbers.size(limit))
        self._models.set(self._taken / max(1, limit), said if self._load.limit else numbers.size(self._taken))
