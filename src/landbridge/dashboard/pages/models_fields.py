"""Engine settings of one model as the page has them: in groups, with names for people and what the planner takes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import Struct

from ...config.origin import Setting
from ...engines.plan import Plan
from ...manage.meanings import Meaning
from ..parts import numbers
from ..words import N_, _
from .settings_catalogue import Catalogue, shown_value
from .settings_kinds import Form, Wrong, form_of, meant, shown

GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        N_("Context and memory"),
        ("context", "slots", "cache_type_k", "cache_type_v", "flash_attention", "swa_full", "cache_ram"),
    ),
    (N_("Speed"), ("gpu_layers", "threads", "batch", "ubatch", "draft")),
    (N_("Staying in memory"), ("idle_unload", "pin", "background")),
    (N_("Answers"), ("thinking", "max_output", "show_progress", "repair", "template", "embeddings")),
    (N_("Additions"), ("lora", "projector")),
    (N_("Longer than it was trained for"), ("rope_scaling", "rope_factor", "rope_original_context")),
    (N_("Advanced"), ("source", "extra")),
    (N_("A server of its own"), ("command", "port", "health", "serves", "memory")),
)
"""The settings, those that are changed most first."""
LABELS: Mapping[str, str] = {
    "context": N_("Context"),
    "slots": N_("Parallel slots"),
    "cache_type_k": N_("KV cache type: keys"),
    "cache_type_v": N_("KV cache type: values"),
    "flash_attention": N_("Flash attention"),
    "swa_full": N_("Full sliding windows"),
    "cache_ram": N_("Prompt cache in memory"),
    "gpu_layers": N_("GPU layers"),
    "threads": N_("CPU threads"),
    "batch": N_("Batch"),
    "ubatch": N_("Micro-batch"),
    "draft": N_("Draft model"),
    "idle_unload": N_("Unload when idle"),
    "pin": N_("Pin in memory"),
    "background": N_("In the background only"),
    "thinking": N_("Thinking"),
    "max_output": N_("Longest answer"),
    "show_progress": N_("Show progress as thinking"),
    "repair": N_("Repair tool calls"),
    "template": N_("Chat template"),
    "embeddings": N_("Embeddings"),
    "lora": N_("LoRA adapters"),
    "projector": N_("Projector (mmproj)"),
    "rope_scaling": N_("RoPE scaling"),
    "rope_factor": N_("RoPE factor"),
    "rope_original_context": N_("Original context"),
    "source": N_("Source"),
    "extra": N_("Engine parameters"),
    "command": N_("Command"),
    "port": N_("Port"),
    "health": N_("Health path"),
    "serves": N_("Its name for the model"),
    "memory": N_("Memory"),
}
EXAMPLES: Mapping[str, str] = {
    "lora": "/path/adapter.gguf = 1.0", "extra": "mlock = true", "draft": "qwen2.5-0.5b", "idle_unload": "15m",
    "projector": "/path/mmproj.gguf", "template": "/path/template.jinja", "source": "hf:org/repo:Q4_K_M",
}  # fmt: skip


class Engine(Struct, frozen=True):
    """One setting of one model."""

    name: str
    """Of the field: `context`."""
    key: str
    """Dotted, with the model's name."""
    label: str
    meaning: Meaning
    form: Form
    value: Any
    """In force."""
    default: Any
    """Of all models: what holds where this one says nothing."""
    own: bool
    """Whether the file says it of this model, so that it can be reset."""
    locked: str = ""
    """The variable or flag that says it, which wins over the file."""


def settings_of(catalogue: Catalogue, model: str) -> dict[str, Engine]:
    """All of them by their names."""
    section = catalogue.section("models")
    found: dict[str, Engine] = {}
    for meaning in section.settings if section is not None else ():
        name = meaning.key.rpartition(".")[2]
        item, general = catalogue.item(("models", model, name), meaning), ("model_defaults", name)
        form = form_of(meaning)
        usual = catalogue.item(general, meaning).value
        value = usual if item.setting is None else item.value
        own = item.own
        if form.editor == "entries":
            own = bool(inside := catalogue.entries(item.path))
            usual = _values(catalogue.entries(general)) or {}
            value = _values(inside) or usual
        locked = item.place if item.origin in ("environment", "flag") else ""
        label = _(LABELS.get(name, name))
        found[name] = Engine(name, item.key, label, meaning, form, value, usual, own, locked)
    return found


def _values(entries: Mapping[str, Setting]) -> dict[str, Any]:
    return {name: each.value for name, each in entries.items()}


def groups(found: Mapping[str, Engine]) -> list[tuple[str, list[Engine]]]:
    """In groups with titles; settings that are in none come with the advanced ones."""
    named = {name for _title, names in GROUPS for name in names}
    rest = [each for name, each in found.items() if name not in named]
    made = []
    for title, names in GROUPS:
        more: Iterable[Engine] = rest if title == "Advanced" else ()
        made.append((_(title), [*(found[name] for name in names if name in found), *more]))
    return [(title, inside) for title, inside in made if inside]


def text_of(value: Any, form: Form) -> str:
    """A value as its field shows it."""
    if form.editor != "entries":
        return shown(value, form)
    return "\n".join(f"{name} = {json.dumps(each, ensure_ascii=False)}" for name, each in (value or {}).items())


def value_of(text: str, form: Form) -> Any:
    """What stands in a field means; None: nothing is said. Raises `Wrong`."""
    if form.editor != "entries":
        return meant(text, form)
    found: dict[str, Any] = {}
    for line in filter(None, map(str.strip, text.split("\n"))):
        name, equals, said = (part.strip() for part in line.rpartition("=")) if "=" in line else (line, "", "")
        if not name or (not equals and form.member is not None and not form.member.number):
            raise Wrong(_("Each line is like {example}.", example="name = value"))
        member = form.member or Form("text", loose=True)
        found[name] = meant(said.strip('"'), member) if equals else 1.0
    return found or None


def planned(name: str, plan: Plan) -> str:
    """What the planner makes of a setting, in words; empty where it has no say."""
    match name:
        case "context":
            return _("{tokens} tokens", tokens=f"{plan.context:,}")
        case "slots" | "threads" | "batch" | "ubatch" | "gpu_layers":
            return f"{getattr(plan, name):,}"
        case "cache_type_k":
            return plan.cache_k
        case "cache_type_v":
            return plan.cache_v
        case "flash_attention":
            return plan.flash
        case "swa_full":
            return _("on") if plan.swa_full else _("off")
        case "cache_ram":
            return numbers.size(plan.cache_ram) if plan.cache_ram else _("none")
    return ""


def default_words(setting: Engine) -> str:
    """The default, in a word."""
    return shown_value(setting.default)
