"""Settings: one TOML file, the environment and flags, read into typed Structs.

Precedence: command line, environment (`LANDBRIDGE_LISTENERS__ROUTER__PORT`), file, default. Unknown keys are errors
with a suggestion. A secret in the file is a reference: `${ENV_NAME}` (a literal key is accepted with a warning).
The texts under the fields are also the manual: `docs/settings.md` is made from them. Local models and their engine are
in `schema_models.py`.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct, field
from msgspec.structs import asdict

from .limits import MOST as MOST
from .limits import YEAR as YEAR
from .limits import Chain as Chain
from .limits import (
    Count,
    CountOrNone,
    Dollars,
    Port,
    Seconds,
    SecondsOrNone,
    Share,
    Thinking,
)
from .schema_models import EngineSettings as EngineSettings
from .schema_models import ModelSettings as ModelSettings
from .secret import masked, showable


class Listener(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One address the program listens on."""

    enabled: bool = True
    """Whether it listens (for `router`: the TCP Server toggle)."""
    host: str = "127.0.0.1"
    """Address to bind. Anything but loopback opens it to the network."""
    port: Port = 0
    """TCP port; 0 takes a free one."""


class Listeners(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The three listeners."""

    router: Listener = Listener(port=38080)
    """Every API."""
    openai: Listener = Listener(port=8000)
    """`/v1` only, for OpenAI clients."""
    dashboard: Listener = Listener(port=38090)
    """The dashboard (loopback)."""


class DashboardSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the dashboard looks."""

    theme: Literal["auto", "light", "dark"] = "auto"
    """Light or dark; `auto`: as the system."""
    language: Literal["auto", "en", "ko"] = "auto"
    """`en` (English) or `ko` (Korean); `auto`: as the browser."""


class ProviderSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One cloud (or other remote) provider; its models are called `NAME/model`."""

    enabled: bool = True
    """Whether it is used. Off: nothing is sent to it, and its models are in no list; its settings and key stay."""
    preset: str = ""
    """Name of a preset that fills in dialect and base URL (`openai`, `anthropic`); see the list below."""
    dialect: Literal["", "openai_chat", "openai_responses", "anthropic", "gemini"] = ""
    """Wire format it speaks."""
    base_url: str = ""
    """URL below which its endpoints are."""
    api_key: str = ""
    """The key: `keyring:NAME` from the system's keychain (`landbridge providers key NAME` puts it there), `file:PATH`,
    or `${ENV_NAME}`; with a preset its usual variable when left out."""
    auth: Literal["", "bearer", "x-api-key", "x-goog-api-key", "api-key", "aws", "google", "backendai", "none"] = ""
    """How the key is sent; by default as the dialect's maker does. `aws`, `google` and `backendai` sign each request
    ([how](providers.md))."""
    place: dict[str, str] = field(default_factory=dict)
    """What the preset's address leaves open: `region`, `project`, `resource`; values may be `${ENV_NAME}`."""
    query: dict[str, str] = field(default_factory=dict)
    """Added to each URL (`{ api-version = "2024-10-21" }`)."""
    headers: dict[str, str] = field(default_factory=dict)
    """Headers added to each request; values may be `${ENV_NAME}`."""
    models: list[str] | None = None
    """Its models; leave out to ask the provider."""
    quirks: list[str] = field(default_factory=list)
    """Names of exceptions from the dialect; see the list below."""
    model_quirks: dict[str, list[str]] = field(default_factory=dict)
    """Patterns of its models (`"qwen3*"`) to exceptions of these alone; they win over `quirks` and what is known."""
    thinking: Thinking = ""
    """How much its models think, whatever the client wishes; empty: as it wishes. Turns `passthrough` off."""
    passthrough: bool = True
    """Forward same-dialect requests untouched. Off: always convert (for diagnosis)."""
    repair: bool = True
    """Put right what its models get wrong in tool calls. Off: answers as they come (for diagnosis)."""
    connect_timeout: Seconds = 10.0
    """Seconds to wait for a connection."""
    first_byte_timeout: Seconds | None = None
    """Seconds it may take until its answer begins, with headers; left out: `idle_timeout`. Where others can answer
    ([how](routing.md)), they are asked then. A whole answer (no stream) mostly begins when all of it is there."""
    idle_timeout: Seconds = 600.0
    """Seconds it may be silent while it answers."""

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        """The fields, without the text of literal keys."""
        shown = asdict(self)
        shown["api_key"] = masked(self.api_key)
        shown["headers"] = {header: masked(text) for header, text in self.headers.items()}
        return list(shown.items())

    def __repr__(self) -> str:
        return f"ProviderSettings({', '.join(f'{name}={value!r}' for name, value in self.__rich_repr__())})"


class PriceSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a model costs, in US dollars for a million tokens."""

    input: Dollars | None = None
    """Of the prompt; must be given."""
    output: Dollars | None = None
    """Of the answer, thinking included; must be given."""
    cache_read: Dollars | None = None
    """Of the prompt, where the provider has it in its cache; left out: as `input`."""
    cache_write: Dollars | None = None
    """Of the prompt, where the provider writes it to its cache; left out: as `input`."""
    cache_write_1h: Dollars | None = None
    """The same for an hour; left out: as `cache_write`."""


class RouteTarget(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One of a route's models."""

    model: str
    """Its name, or an alias."""
    weight: Share = 1.0
    """With `policy = "weight"`: its share of the conversations, beside the weights of the others."""


class RouteSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A name of your own (or a pattern, as under `aliases`) that leads to several models (see routing.md)."""

    targets: list[str | RouteTarget] = field(default_factory=list)
    """The models, as names or as `{ model = "...", weight = 3 }`."""
    policy: Literal["order", "weight", "least_latency"] = "order"
    """Which is asked first: the first of the list, one by `weight`, or the one that began to answer soonest lately.
    The others follow where it fails."""
    sticky: bool = False
    """Whether a conversation stays with the model that has answered in it, while that works: prompt caches stay warm.
    """
    spill: Literal["cloud", "local", "both", "never"] = "never"
    """`cloud`: where a local model has a queue, requests go on to one of a provider. `local`: where a provider limits
    the rate (429), they go to a local one before all others. `both`, or `never`."""
    spill_queue: CountOrNone = 0
    """With `spill`: requests that may wait for the local model before others go on."""
    spill_wait: SecondsOrNone | None = None
    """With `spill`: seconds one may have to wait for it, as far as can be told; left out: any."""
    too_long: Literal["refuse", "next"] = "refuse"
    """What does not fit the window of a model: refused, so that the client makes it shorter, or asked of the next one
    that can hold it."""


class TierSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Models for Claude's tiers, whatever their version (`claude-opus-4-5`, `us.anthropic.claude-opus...`, `opus`)."""

    opus: Chain = ""
    """For the largest: one model, or a list of which the next is asked where one fails."""
    sonnet: Chain = ""
    """For the middle one."""
    haiku: Chain = ""
    """For the smallest, which Claude Code uses in the background."""


class RetrySettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When the same model is asked again, where no other can answer (see routing.md)."""

    max: Annotated[int, Meta(ge=0, le=10)] = 1
    """How often, at most; 0: never. Only before the first byte to the client, and only after what passes: no
    connection, 502, 503, 529, and 429 with a short `retry-after`."""
    first_pause: Seconds = 0.25
    """Most seconds of the first pause; a random part of it is waited, and each later one may be twice as long."""
    longest_pause: Seconds = 5.0
    """Most seconds of any pause. Who asks for more (`retry-after`) is not waited for."""
    patience: SecondsOrNone = 1.0
    """Seconds that a provider may ask for (`retry-after`) and still be waited for although others could answer; its
    prompt cache is warm."""


class BreakerSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When a model that fails is left alone for a while, where others can answer (see routing.md)."""

    failures: Count = 3
    """Failures at which it is left alone; each success makes up for one."""
    window: Seconds = 60.0
    """Seconds after which a failure is forgotten."""
    rest: Seconds = 5.0
    """Seconds it is left alone at first, then one request tries it; twice as long each time that fails."""
    longest: Seconds = 300.0
    """Most seconds it is left alone."""
    check: bool = True
    """Whether a provider that cannot be reached, or is silent, is asked for its list of models first, so that no
    request has to wait for it in vain."""


class ServerSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How requests are served."""

    max_body: Count = 64 * 1024 * 1024
    """Largest request body in bytes."""
    drain_seconds: SecondsOrNone = 10.0
    """Time running requests get to finish when the program stops."""
    early_after: SecondsOrNone = 1.0
    """Seconds after which a stream's headers are sent although the upstream has said nothing yet."""
    ping_every: Seconds = 10.0
    """Seconds of silence after which a stream sends a sign of life."""
    nudge_every: Seconds = 120.0
    """Seconds of silence after which a client that does not count pings gets an empty event."""
    show_progress: bool = False
    """Whether clients see, as thinking, how far a local model has read a long prompt."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """How much is logged."""
    log_format: Literal["text", "json"] = "text"
    """What a log line is: `text` for people, `json` (one object a line) for programs."""


class MetricsSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Figures for Prometheus at `/metrics` (see observability.md)."""

    enabled: bool = True
    """Whether `/metrics` answers, and exchanges are counted for it."""
    remote: bool = False
    """Whether other machines may ask, too. As it is, only programs of this machine may."""
    max_models: Annotated[int, Meta(ge=0, le=10_000)] = 100
    """Models that have figures of their own; those of all further ones are added up as `other`."""


class TelemetrySettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Traces for OpenTelemetry, with the extra `otel` (see observability.md)."""

    otlp_endpoint: str = ""
    """Where spans are sent, by OTLP over HTTP (`http://127.0.0.1:4318`); empty: none are made."""
    headers: dict[str, str] = field(default_factory=dict)
    """Headers sent with them, for services that want a key; values may be `${ENV_NAME}`."""
    service_name: str = "landbridge"
    """The name that this program has there."""

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        """The fields, without the text of literal keys."""
        shown = {header: masked(text) for header, text in self.headers.items()}
        return list({**asdict(self), "headers": shown}.items())

    def __repr__(self) -> str:
        return f"TelemetrySettings({', '.join(f'{name}={value!r}' for name, value in self.__rich_repr__())})"


class AccessSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who may ask (see keys.md). The keys themselves are made with `landbridge keys create`."""

    required: Literal["auto", "always", "never"] = "auto"
    """When a key is needed: `auto`, as soon as there is one, and on every listener that others can reach; `always`;
    `never`."""
    hosts: list[str] = field(default_factory=list)
    """Names (`llm.example.com`, `*.lan`) that the listeners are asked by, beside this machine's own and any address.
    Other names in the Host header are refused: a web page may have made them up (DNS rebinding)."""
    origins: list[str] = field(default_factory=list)
    """Web pages (`https://chat.example.com`) whose scripts may ask, and read the answers (CORS)."""
    limits_url: str = ""
    """Where several routers count the requests of a minute together: `redis://HOST:6379/0` or `valkey://...`, with the
    extra `valkey`; `${ENV_NAME}` may stand in it. Empty: each counts in its own memory."""

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        """The fields, without a password in the URL."""
        return list({**asdict(self), "limits_url": showable(("access", "limits_url"), self.limits_url)}.items())

    def __repr__(self) -> str:
        return f"AccessSettings({', '.join(f'{name}={value!r}' for name, value in self.__rich_repr__())})"


class MediaSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Pictures and PDFs for models that cannot take them."""

    captions: str = ""
    """Model that sees and describes pictures for models that do not (`openrouter/qwen-vl`); empty: a note says so."""
    caption_seconds: Seconds = 60.0
    """Seconds one description may take."""
    pdf_pages: Count = 1000
    """Most pages of a PDF whose text is read for a model that takes no PDFs; a cut is said in the text."""
    pdf_characters: Count = 2_000_000
    """Most characters of that text; the page that exceeds them is the last one."""
    pdf_pictures: CountOrNone = 20
    """Most pages without text (scans) of one PDF that are given as pictures, to models that see or to `captions`."""
    pdf_seconds: Seconds = 30.0
    """Seconds reading one PDF may take."""


class SearchSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Web search, for models whose provider does not search by itself (see web-search.md)."""

    service: Literal["", "brave", "exa", "searxng", "serper", "tavily"] = ""
    """Service that is asked; empty: no searches, and models say so."""
    base_url: str = ""
    """Where the service is. `searxng` needs it; the others have an address of their own."""
    api_key: str = ""
    """The service's key, as `${ENV_NAME}`; its usual variable when left out. `searxng` needs none."""
    max_results: Annotated[int, Meta(ge=1, le=20)] = 8
    """Pages that one search shows the model."""
    timeout: Seconds = 15.0
    """Seconds the service has to answer."""

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        """The fields, without the text of a literal key."""
        return list({**asdict(self), "api_key": masked(self.api_key)}.items())

    def __repr__(self) -> str:
        return f"SearchSettings({', '.join(f'{name}={value!r}' for name, value in self.__rich_repr__())})"


class FetchSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Fetching of web pages, for models whose provider does not fetch by itself (see web-search.md)."""

    enabled: bool = True
    """Whether pages are fetched for models. Only clients that ask for it (`web_fetch`, `urlContext`) have it."""
    any_url: bool = False
    """Also addresses that nobody has named before. A page could then make a model send away what it knows."""
    private_hosts: list[str] = field(default_factory=list)
    """Hosts (`wiki.example`, `10.0.0.7:8080`) that may be fetched although their address is not public."""
    max_bytes: Count = 10 * 1024 * 1024
    """Largest page in bytes."""
    max_characters: Count = 50_000
    """Characters of a page that the model gets; a cut is said. Less, where the model's window is small."""
    timeout: Seconds = 30.0
    """Seconds a page may take."""


class ResponsesSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Responses (`/v1/responses`) that are kept, so that clients can go on from one by its id."""

    store: Literal["disk", "memory", "off"] = "disk"
    """Where they are kept: on the disk (prompts and answers, readable by you alone), in memory until the program ends,
    or nowhere. What a client asks with `store: false` is never kept."""
    days: Count = 30
    """Days after its last use that a response is deleted from the disk."""
    max_bytes: Count = 512 * 1024 * 1024
    """Bytes that all of them may take on the disk; those used longest ago go first."""


class StoreSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The ledger: what was asked, of whom and how it went ([what exactly](ledger.md))."""

    enabled: bool = True
    """Whether a row is kept of each exchange."""
    url: str = ""
    """Database: `sqlite:///FILE` or `postgresql://USER:${PASSWORD}@HOST/NAME`; empty: `landbridge.db` in the data
    folder. A change needs a restart of the router."""
    keep_days: CountOrNone = 400
    """Days that rows are kept; 0 keeps them for ever."""
    keep_rows: CountOrNone = 0
    """Most rows that are kept, the latest; 0: as many as there are."""
    bodies: bool = False
    """Whether requests and answers are kept too, readable by you alone: what the client sent and got, and what its
    target got and sent. They hold your conversations."""
    keep_bodies: Count = 7
    """Days that they are kept."""
    bodies_max_bytes: Count = 1024 * 1024 * 1024
    """Bytes that all of them may take, compressed; the oldest go first."""
    body_max_bytes: Count = 8 * 1024 * 1024
    """Bytes of one exchange that are kept; a cut is said."""

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        """The fields, without a password in the URL."""
        return list({**asdict(self), "url": showable(("store", "url"), self.url)}.items())

    def __repr__(self) -> str:
        return f"StoreSettings({', '.join(f'{name}={value!r}' for name, value in self.__rich_repr__())})"


class Config(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All settings."""

    default_model: str = "smollm2"
    """Model for Claude names nothing else matches (`claude-...`), and for clients that name none."""
    listeners: Listeners = Listeners()
    """Where the program listens. Changes take effect at once."""
    dashboard: DashboardSettings = DashboardSettings()
    """How the dashboard looks."""
    providers: dict[str, ProviderSettings] = field(default_factory=dict)
    """Cloud and other remote providers, each in a section of its own."""
    aliases: dict[str, Chain] = field(default_factory=dict)
    """Patterns (`claude-*haiku*`) to models; the most specific pattern wins. Of a list, the next is asked where one
    fails."""
    routes: dict[str, RouteSettings] = field(default_factory=dict)
    """Names that lead to several models, with more to say than a list under `aliases` can ([how](routing.md))."""
    tiers: TierSettings = TierSettings()
    """Models for Claude's tiers ([how](routing.md))."""
    views: dict[str, dict[str, Chain]] = field(default_factory=dict)
    """Aliases of one client (`[views.codex]`, by its short name) or of one access key (`[views."key:NAME"]`)."""
    retries: RetrySettings = RetrySettings()
    """When the same model is asked again ([how](routing.md))."""
    breaker: BreakerSettings = BreakerSettings()
    """When a model that fails is left alone for a while ([how](routing.md))."""
    models: dict[str, ModelSettings] = field(default_factory=dict)
    """Settings of local models, each in a section of its own."""
    model_defaults: ModelSettings = ModelSettings()
    """The same for all local models; what stands in a model's own section wins."""
    prices: dict[str, PriceSettings] = field(default_factory=dict)
    """Prices by `provider/model` or a pattern of it; they win over those that landbridge knows ([which](usage.md))."""
    engine: EngineSettings = EngineSettings()
    """The local engine."""
    server: ServerSettings = ServerSettings()
    """How requests are served."""
    access: AccessSettings = AccessSettings()
    """Keys, and what may be asked from where ([how](keys.md))."""
    media: MediaSettings = MediaSettings()
    """Pictures and PDFs for models that cannot take them."""
    responses: ResponsesSettings = ResponsesSettings()
    """Responses (`/v1/responses`) that are kept, so that clients can go on from one by its id ([how](api.md))."""
    store: StoreSettings = StoreSettings()
    """The ledger: what was asked, of whom and how it went ([what exactly](ledger.md))."""
    search: SearchSettings = SearchSettings()
    """Web search, for models whose provider does not search by itself ([how to](web-search.md))."""
    fetch: FetchSettings = FetchSettings()
    """Fetching of web pages, for models whose provider does not fetch by itself ([how to](web-search.md))."""
    metrics: MetricsSettings = MetricsSettings()
    """Figures for Prometheus at `/metrics` ([which](observability.md))."""
    telemetry: TelemetrySettings = TelemetrySettings()
    """Traces for OpenTelemetry, with the extra `otel` ([how to](observability.md))."""

    def model(self, name: str) -> ModelSettings:
        """The settings of one local model."""
        return self.models.get(name, self.model_defaults)
