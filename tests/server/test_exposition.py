"""The text of `/metrics` is what Prometheus' own parser reads; the dashboard asks for what is there, all of it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.core import Metric
from prometheus_client.openmetrics.parser import text_string_to_metric_families as read_open
from prometheus_client.parser import text_string_to_metric_families as read_text

from landbridge import __version__
from landbridge.engines.info import EngineInfo
from landbridge.engines.states import State
from landbridge.gateway.journal import Record
from landbridge.neutral.events import Usage
from landbridge.server.exposition import STANDING, write
from landbridge.server.health import PartHealth
from landbridge.server.metrics import Look
from landbridge.server.tallies import Tallies

OPEN = "application/openmetrics-text; version=1.0.0"
DASHBOARD = Path(__file__).parents[2] / "docs" / "grafana" / "landbridge.json"
ODD = 'a"b\\c\nd{}=é안'
USAGE = Usage(input=100, output=21, cache_read=900, cache_write=10, searches=1)


def look() -> Look:
    tallies = Tallies()
    known: dict[str, Any] = {"seconds": 3.0, "first": 1.0, "usage": USAGE, "stream": True}
    lab = Record("1", "anthropic", "x", target=f"lab/{ODD}", provider="lab", cost=2_500_000, **known)
    work = Record("2", "openai_chat", "x", target="work/gpt", provider="work", repairs={"json": 1}, **known)
    cut = Record("3", "gemini", "x", target="work/gpt", provider="work", outcome="cut", seconds=70.0, losses=("a",))
    odd = Record("4", "gemini", "x", target="work/gpt", provider="work", retries=1, attempts=2)
    tallies.add([lab, work, cut, odd], 100)
    engine = EngineInfo(name="smollm2", state=State.READY, since=1, used=1, slots=4, busy=2, waiting=1, memory=10**9)
    parts = {"settings": PartHealth("ok"), "provider lab": PartHealth("failed", "no key")}
    return Look(tallies, {"work": "openai", "lab": ""}, [engine], parts, dict.fromkeys(STANDING, 7.0))


def families(accept: str = "") -> dict[str, Metric]:
    text, content_type = write(look(), accept)
    assert content_type.startswith("application/openmetrics-text" if accept else "text/plain")
    read = read_open if accept else read_text
    return {family.name: family for family in read(text.decode())}


def values(family: Metric, ending: str = "", **labels: str) -> list[float]:
    return [
        sample.value
        for sample in family.samples
        if sample.name == family.name + ending and labels.items() <= sample.labels.items()
    ]


@pytest.mark.parametrize("accept", ["", OPEN])
def test_prometheus_reads_it(accept: str) -> None:
    found = families(accept)
    assert values(found["landbridge_requests"], "_total", provider="lab", model=ODD, dialect="anthropic") == [1]
    assert values(found["landbridge_requests"], "_total", outcome="cut") == [1]
    assert values(found["landbridge_tokens"], "_total", provider="work", type="cache_read") == [900]
    assert values(found["landbridge_cost_dollars"], "_total") == [2.5]
    assert values(found["landbridge_unpriced_requests"], "_total", provider="work") == [1]
    assert values(found["landbridge_repairs"], "_total", repair="json") == [1]
    assert values(found["landbridge_losses"], "_total") == values(found["landbridge_fallbacks"], "_total") == [1]
    assert values(found["landbridge_retries"], "_total") == values(found["landbridge_web"], "_total")[:1] == [1]
    assert values(found["landbridge_info"], version=__version__) == [1]
    assert values(found["landbridge_part_failed"], part="provider lab") == [1]
    assert values(found["landbridge_part_failed"], part="settings") == [0]


def test_engines() -> None:
    found = families()
    assert {s.labels["state"]: s.value for s in found["landbridge_engine_state"].samples} == {
        state.value: float(state is State.READY) for state in State
    }
    figures = ("memory_bytes", "slots", "busy", "waiting")
    assert [values(found[f"landbridge_engine_{name}"]) for name in figures] == [[10**9], [4], [2], [1]]


def test_histograms_are_cumulative_and_have_the_conventions_labels() -> None:
    found = families()["gen_ai_server_request_duration_seconds"]
    mine = {"gen_ai_provider_name": "openai", "gen_ai_operation_name": "chat", "error_type": ""}
    assert values(found, "_bucket", le="2.5", **mine) == [0]
    assert values(found, "_bucket", le="5", **mine) == values(found, "_bucket", le="+Inf", **mine) == [1]
    assert (values(found, "_count", **mine), values(found, "_sum", **mine)) == ([1], [3.0])
    assert values(found, "_sum", error_type="cut", gen_ai_operation_name="generate_content") == [70.0]
    assert values(families()["gen_ai_server_time_to_first_token_seconds"], "_sum", provider="work") == [1.0]
    assert values(families()["gen_ai_server_time_per_output_token_seconds"], "_sum", provider="work") == [0.1]
    sizes = families()["gen_ai_client_token_usage"]
    assert values(sizes, "_sum", provider="work", gen_ai_token_type="input") == [1010]
    assert values(sizes, "_sum", provider="work", gen_ai_token_type="output") == [21]


def test_figures_without_labels() -> None:
    found = families()
    assert values(found["process_resident_memory_bytes"]) == [7]
    assert values(found["process_cpu_seconds"], "_total") == [7]
    assert set(STANDING) <= found.keys()


def expressions(node: Any) -> list[str]:
    """Every query in a dashboard."""
    if isinstance(node, list):
        return [each for item in node for each in expressions(item)]
    if not isinstance(node, dict):
        return []
    own = [node[key] for key in ("expr", "definition") if isinstance(node.get(key), str)]
    return own + [each for item in node.values() for each in expressions(item)]


def test_every_metric_and_label_that_the_dashboard_asks_for_exists() -> None:
    dashboard = json.loads(DASHBOARD.read_text())
    samples: dict[str, set[str]] = {}
    for family in families().values():
        for sample in family.samples:
            samples.setdefault(sample.name, set()).update(sample.labels)
    asked: set[str] = set()
    for expression in expressions(dashboard):
        bare = re.sub(r"\{[^}]*\}|by \([^)]*\)", "", expression)
        names = set(re.findall(r"\b(?:landbridge|gen_ai|process)_[a-z0-9_]+\b", bare))
        assert names, expression
        assert names <= samples.keys(), expression
        asked |= names
        labels = set(re.findall(r"(\w+)(?:=~|!=|=|!~)\"", expression))
        for group in re.findall(r"by \(([^)]*)\)", expression):
            labels |= set(re.split(r",\s*", group))
        assert labels <= set().union(*(samples[name] for name in names)) | {"job", "instance", "le"}, expression
    families_asked = {re.sub(r"_(total|bucket|sum|count)$", "", name) for name in asked}
    forgotten = {re.sub(r"_(total|bucket|sum|count)$", "", name) for name in samples} - families_asked
    assert forgotten <= {"process_start_time_seconds", "process_open_fds"}, "figures nobody sees"


def test_panels_have_ids_titles_and_places_of_their_own() -> None:
    panels = json.loads(DASHBOARD.read_text())["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    assert all(panel["title"] for panel in panels)
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        at = panel["gridPos"]
        cells = {(at["x"] + x, at["y"] + y) for x in range(at["w"]) for y in range(at["h"])}
        assert not cells & taken, panel["title"]
        assert max(x for x, _ in cells) < 24
        taken |= cells


def test_the_manual_names_every_metric() -> None:
    text = (DASHBOARD.parents[1] / "observability.md").read_text()
    for family in families().values():
        name = family.name + ("_total" if family.type == "counter" else "")
        assert f"`{name}`" in text, name
