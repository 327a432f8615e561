"""Settings: one TOML file, the environment and flags, read into typed Structs.

- `schema.py`: every setting with its meaning and default; `keys.py`: the same as a list.
- `load.py`: file, `LANDBRIDGE_...` variables (`environment.py`) and flags to a `Config`.
- `check.py`: what is wrong is named with its place (`places.py`) and the way out.
- `secret.py`: keys, which never show themselves.
- `edit.py`: changes to the file that keep its comments.

Precedence: command line, environment, file, default. Unknown keys are errors with a suggestion.
"""

from .durations import parse_duration
from .edit import set_value, write_default
from .load import default_config_path, default_data_dir, load, warnings
from .schema import (
    AccessSettings,
    Config,
    EngineSettings,
    FetchSettings,
    Listener,
    Listeners,
    MediaSettings,
    MetricsSettings,
    ModelSettings,
    PriceSettings,
    ProviderSettings,
    ResponsesSettings,
    SearchSettings,
    ServerSettings,
    StoreSettings,
    TelemetrySettings,
)
from .secret import Secret, expand

__all__ = [
    "AccessSettings",
    "Config",
    "EngineSettings",
    "FetchSettings",
    "Listener",
    "Listeners",
    "MediaSettings",
    "MetricsSettings",
    "ModelSettings",
    "PriceSettings",
    "ProviderSettings",
    "ResponsesSettings",
    "SearchSettings",
    "Secret",
    "ServerSettings",
    "StoreSettings",
    "TelemetrySettings",
    "default_config_path",
    "default_data_dir",
    "expand",
    "load",
    "parse_duration",
    "set_value",
    "warnings",
    "write_default",
]
