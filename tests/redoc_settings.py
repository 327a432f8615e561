"""`docs/settings.md`: every key of the settings file, from the Structs and the texts under their fields."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from landbridge.config.keys import NAME, Key, dotted, keys, variable, words
from landbridge.config.meanings import meanings
from landbridge.providers.quirks import QUIRKS
from landbridge.providers.table import presets
from tests.redoc_table import table

EXAMPLE = """\
default_model = "smollm2"               # for Claude names nothing else matches

[listeners.router]                      # every API
host = "127.0.0.1"
port = 38080
[listeners.openai]                      # /v1 only, for OpenAI clients
enabled = true
port = 8000

[providers.work]                        # its models are work/NAME
preset = "openai"                       # dialect and address are known
api_key = "${OPENAI_API_KEY}"           # read from the environment; keys do not stand in the file

[providers.lab]                         # its models are lab/NAME
dialect = "openai_chat"                 # or "anthropic"
base_url = "http://127.0.0.1:9100/v1"
api_key = "${LAB_KEY}"
models = ["m"]                          # leave out to ask the provider

[aliases]
"claude-*haiku*" = "lab/m"              # the most specific pattern wins
"claude-*" = "smollm2"

[models.smollm2]                        # engine settings of one local model
context = "auto"
idle_unload = "15m"
"""

INTRODUCTION = """\
# Settings

One TOML file: `~/.config/landbridge/landbridge.toml` (`$XDG_CONFIG_HOME/landbridge/landbridge.toml`), or the one that
`--config` or `LANDBRIDGE_CONFIG` names. Everything has a default; an empty file, or none, works. A running router takes
changes up as soon as the file is saved. If it is broken then, the settings from before stay in force, and the log and
`landbridge doctor` say what is wrong, with the line. [Changing settings](configuration.md) has the commands that check,
change and take back, and how editors complete the file.

What counts, from strongest to weakest: the [command line](cli.md), environment variables, the file, the default. A key
that does not exist is an error that names the nearest one.

## Example
"""

VARIABLES = """\
## Environment variables

Each key has a variable, named in the tables: `LANDBRIDGE_`, then the path in capitals with `__` between its parts.

- In place of `NAME` stands the name of the provider or model, every other sign than letters and digits as `_`:
  `LANDBRIDGE_MODELS__QWEN2_5_7B__CONTEXT` for `[models."qwen2.5-7b"]`.
- Text is taken as it is. Numbers, lists (`["a", "b"]`) and sections (`{ "claude-*" = "lab/m" }`) are written as in
  the file; for true and false also 1 and 0, yes and no, on and off.
- An empty variable counts as not set.

These are no settings:
"""

OTHERS = [
    ("`LANDBRIDGE_CONFIG`", "the settings file, as `--config`"),
    ("`LANDBRIDGE_DATA_DIR`", "the folder of models and records, as `--data-dir`"),
    ("`LANDBRIDGE_KEY`", "the [key](keys.md) that commands send to a router, instead of its own"),
    ("`LANDBRIDGE_DEBUG`", "`1`: errors on the command line come with their traceback"),
]

KEYS_OF_PROVIDERS = """\
[Providers](providers.md) has what to write for each, and where keys are safe. `landbridge providers add` writes all of
it. After a change of a variable the router must be restarted; a change in the keychain it notices. A key that stands in
the file as it is works too, with a warning. Keys never show themselves in logs and errors.
"""

AFTER = {
    "providers": KEYS_OF_PROVIDERS,
    "aliases": """\
`*` stands for anything, `?` for one sign, `[ab]` for one of them; upper and lower case are alike. A pattern never
changes what a full name (`lab/m`, a local model) means; an alias that is exactly the name does. Aliases may lead to
aliases. Of a list, the next is asked where one fails: `claude-sonnet = ["anthropic/claude-sonnet-4-5", "smollm2"]`.
[Routing](routing.md) says when, and what else can be said of names that lead to several models.
""",
    "views": """\
`[views.codex]` holds aliases for the client that calls itself so, `[views."key:alice"]` those for one access key, by
its name or id. They win over `[aliases]` and `[routes]`; what they do not say is as for everybody.
""",
    "models": """\
`[model_defaults]` has the same keys, for all local models (`LANDBRIDGE_MODEL_DEFAULTS__SLOTS`): what stands in a
model's own section wins. `source`, `command`, `draft`, `lora` and `projector` are of one model each. What `auto`
comes to on this machine, why, and what another value would cost says `landbridge models show NAME`.
""",
    "prices": """\
For example `[prices."lab/*"]` with `input = 0.5` and `output = 2`. Patterns are as under [aliases](#aliases).
""",
}
HEADINGS = {
    "default_model": "Models",
    "listeners": "Listeners",
    "tiers": "Tiers",
    "retries": "Retries",
    "breaker": "Breaker",
    "engine": "Engine",
    "server": "Server",
    "access": "Keys and access",
    "media": "Media",
    "responses": "Responses",
    "store": "Ledger",
    "search": "Web search",
    "fetch": "Web fetch",
    "metrics": "Metrics",
    "telemetry": "Telemetry",
}
ORDER = (
    "default_model",
    "listeners",
    "dashboard",
    "providers",
    "aliases",
    "routes",
    "tiers",
    "views",
    "retries",
    "breaker",
    "models",
    "prices",
    "engine",
    "server",
    "access",
    "media",
    "responses",
    "store",
    "search",
    "fetch",
    "metrics",
    "telemetry",
)


def settings_page() -> str:
    """The document."""
    parts = [INTRODUCTION, f"```toml\n{EXAMPLE}```\n"]
    parts += [_section(name) for name in ORDER]
    parts += [VARIABLES, table(("variable", "what"), OTHERS)]
    parts += ["## Presets\n\nWhat `preset` fills in. `key` is the variable `api_key` stands for when it is left out.\n"]
    parts += [table(("preset", "dialect", "base_url", "key", "quirks"), _presets())]
    parts += ["## Quirks\n\nWhat a provider takes otherwise than the maker of its dialect; presets bring their own.\n"]
    parts += [table(("quirk", "the provider"), ((f"`{name}`", said) for name, (said, _) in QUIRKS.items()))]
    return "\n".join(parts)


def _section(name: str) -> str:
    mine = [key for key in keys() if key.path[0] == name]
    title = HEADINGS.get(name) or (f"[{name}.{NAME}]" if len(mine) > 1 else f"[{name}]")
    heading = f"## {title}\n\n"
    if len(mine) > 1:
        heading += f"{meanings()['Config', name]}\n\n"
    if name == "listeners":
        said = {field: text for (struct, field), text in meanings().items() if struct == "Listeners"}
        heading += "".join(f"- `{field}`: {text}\n" for field, text in said.items()) + "\n"
    rows = [_row(key) for key in mine]
    text = heading + table(("key", "takes", "default", "meaning", "variable"), rows)
    return text + (f"\n{AFTER[name]}" if name in AFTER else "")


def _row(key: Key) -> tuple[str, str, str, str, str]:
    meaning = meanings()[key.section.__name__, key.path[-1]]
    named = len(key.path) == 3 and key.path[1] == NAME
    shown = key.path[-1] if named else dotted(key.path)
    return f"`{shown}`", words(key.kind), _default(key.default), meaning, f"`{variable(key.path)}`"


def _default(value: Any) -> str:
    if value is None or value in ("", [], {}):
        return "-"
    if isinstance(value, int) and value >= 1 << 20 and value % (1 << 20) == 0:
        return f"`{value}` ({value >> 20} MiB)"
    return f"`{msgspec.json.encode(value).decode()}`"


def _presets() -> Iterator[tuple[str, ...]]:
    for name, row in presets().items():
        quirks = ", ".join(f"`{quirk}`" for quirk in row.quirks) or "-"
        key = " ".join(f"`{each}`" for each in row.key.split(":")) if row.key else "none needed"
        key = "a file of Google's" if row.auth == "google" else key
        yield f"`{name}`", f"`{row.dialect}`", row.base_url or "your own", key, quirks
