"""What was counted and seen, as families of Prometheus metrics. Imported with the first question to `/metrics`.

Names of what GenAI conventions have words for are theirs (`gen_ai_*`, in Prometheus' spelling); all else is
`landbridge_*`, and the process is called as Prometheus' own clients call it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import accumulate

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from .. import __version__
from ..engines.info import EngineInfo
from ..engines.states import State
from .genai import provider_name
from .health import PartHealth
from .metrics import Look
from .tallies import Key, Spread, Tallies

_WHERE = ("provider", "model")
_GENAI = ("gen_ai_operation_name", "gen_ai_provider_name", "gen_ai_request_model", "provider")

STANDING: Mapping[str, tuple[type[CounterMetricFamily] | type[GaugeMetricFamily], str]] = {
    "landbridge_records_lost": (CounterMetricFamily, "Records of exchanges that came faster than they were written."),
    "landbridge_ledger_waiting": (GaugeMetricFamily, "Rows that wait to be written to the ledger."),
    "landbridge_ledger_lost": (CounterMetricFamily, "Rows that never reached the ledger."),
    "landbridge_client_connections": (GaugeMetricFamily, "Open connections of clients."),
    "landbridge_requests_running": (GaugeMetricFamily, "Requests that are being answered now."),
    "process_cpu_seconds": (CounterMetricFamily, "Processor time of the router, without its engines."),
    "process_resident_memory_bytes": (GaugeMetricFamily, "Memory of the router, without its engines."),
    "process_start_time_seconds": (GaugeMetricFamily, "When the router was started, in Unix seconds."),
    "process_open_fds": (GaugeMetricFamily, "Open files and sockets of the router."),
}
"""Figures without labels: their kind, and what they tell."""


def write(look: Look, accept: str) -> tuple[bytes, str]:
    """The text, in a form that the asker takes, and its content type."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Once(look))
    encode, content_type = choose_encoder(accept)
    return encode(registry), content_type


class _Once(Collector):
    """Gives what was seen."""

    def __init__(self, look: Look) -> None:
        self._look = look

    def describe(self) -> Iterable[Metric]:
        """Nothing: no other collector could clash with it."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """Every family."""
        look = self._look
        info = GaugeMetricFamily("landbridge_info", "The program that runs: always 1.", labels=("version",))
        info.add_metric((__version__,), 1)
        yield info
        yield from _exchanges(look.tallies)
        yield from _spreads(look.tallies, look.presets)
        yield from _engines(look.engines)
        yield from _parts(look.parts)
        for name, value in look.standing.items():
            kind, about = STANDING[name]
            yield kind(name, about, value=value)


def _exchanges(tallies: Tallies) -> Iterator[Metric]:
    yield _counter(
        "landbridge_requests",
        "Exchanges that have ended.",
        ("dialect", *_WHERE, "outcome"),
        tallies.requests,
    )
    yield _counter(
        "landbridge_tokens", "Tokens as providers and engines count them.", (*_WHERE, "type"), tallies.tokens
    )
    dollars = {where: cost / 1_000_000 for where, cost in tallies.cost.items()}
    yield _counter("landbridge_cost_dollars", "What exchanges have cost, where the price is known.", _WHERE, dollars)
    yield _counter("landbridge_unpriced_requests", "Exchanges whose price is not known.", _WHERE, tallies.unpriced)
    yield _counter("landbridge_losses", "Things in requests that the target cannot take.", _WHERE, tallies.losses)
    yield _counter("landbridge_repairs", "Tool calls that were put right.", (*_WHERE, "repair"), tallies.repairs)
    yield _counter("landbridge_retries", "Requests sent again, as an engine ended.", _WHERE, tallies.retries)
    yield _counter("landbridge_fallbacks", "Targets that failed before the last one.", _WHERE, tallies.fallbacks)
    yield _counter("landbridge_web", "Web searches and fetches for models.", (*_WHERE, "kind"), tallies.web)


def _spreads(tallies: Tallies, presets: Mapping[str, str]) -> Iterator[Metric]:
    def labels(key: Sequence[str]) -> tuple[str, ...]:
        doing, provider, model, *rest = key
        return doing, provider_name(provider, presets.get(provider, "")), model, provider, *rest

    server = "gen_ai_server_"
    yield _histogram(
        f"{server}request_duration_seconds", "Seconds of exchanges.", (*_GENAI, "error_type"), tallies.seconds, labels
    )
    yield _histogram(
        f"{server}time_to_first_token_seconds", "Seconds to the first content.", _GENAI, tallies.first, labels
    )
    yield _histogram(
        f"{server}time_per_output_token_seconds", "Seconds a token, after the first.", _GENAI, tallies.per_token, labels
    )
    yield _histogram(
        "gen_ai_client_token_usage", "Tokens of one exchange.", (*_GENAI, "gen_ai_token_type"), tallies.sizes, labels
    )


def _engines(engines: Sequence[EngineInfo]) -> Iterator[Metric]:
    state = GaugeMetricFamily("landbridge_engine_state", "Where an engine stands.", labels=("model", "state"))
    for engine in engines:
        for each in State:
            state.add_metric((engine.name, each.value), engine.state is each)
    yield state
    for name, about, values in (
        ("memory_bytes", "Memory that an engine has now.", [engine.memory for engine in engines]),
        ("planned_bytes", "Memory that an engine was promised.", [engine.planned for engine in engines]),
        ("slots", "Requests that an engine serves at once.", [engine.slots for engine in engines]),
        ("busy", "Requests that hold an engine.", [engine.busy for engine in engines]),
        ("waiting", "Requests that wait for an engine.", [engine.waiting for engine in engines]),
    ):
        yield _counted(GaugeMetricFamily(f"landbridge_engine_{name}", about, labels=("model",)), engines, values)
    read = CounterMetricFamily(
        "landbridge_engine_prompt_tokens", "Prompt tokens since it was loaded.", labels=("model",)
    )
    yield _counted(read, engines, [engine.prompts for engine in engines])
    known = CounterMetricFamily("landbridge_engine_reused_tokens", "Those of them that it knew.", labels=("model",))
    yield _counted(known, engines, [engine.reused for engine in engines])


def _parts(parts: Mapping[str, PartHealth]) -> Iterator[Metric]:
    family = GaugeMetricFamily("landbridge_part_failed", "Whether a part of `/health` has failed.", labels=("part",))
    for name, part in parts.items():
        family.add_metric((name,), part.status == "failed")
    yield family


def _counted(
    family: GaugeMetricFamily | CounterMetricFamily, engines: Sequence[EngineInfo], values: Sequence[float]
) -> Metric:
    for engine, value in zip(engines, values, strict=True):
        family.add_metric((engine.name,), value)
    return family


def _counter(name: str, about: str, labels: Sequence[str], values: Mapping[Key, float]) -> Metric:
    family = CounterMetricFamily(name, about, labels=labels)
    for key, value in values.items():
        family.add_metric(key, value)
    return family


def _histogram(
    name: str,
    about: str,
    labels: Sequence[str],
    spreads: Mapping[Key, Spread],
    labelled: Callable[[Sequence[str]], Sequence[str]],
) -> Metric:
    family = HistogramMetricFamily(name, about, labels=labels)
    for key, spread in spreads.items():
        bounds = [f"{bound:g}" for bound in spread.bounds] + ["+Inf"]
        family.add_metric(labelled(key), list(zip(bounds, accumulate(spread.counts), strict=True)), spread.total)
    return family
