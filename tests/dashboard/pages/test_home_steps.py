"""The first steps: what counts as done."""

from __future__ import annotations

import pytest

from landbridge.dashboard.pages.home_steps import come, is_client, providers_of
from landbridge.dashboard.writing import CLIENT
from landbridge.manage.download import Download
from landbridge.server.health import PartHealth, Report
from landbridge.store.record import client_name


@pytest.mark.parametrize(
    ("agent", "counts"),
    [
        ("claude-cli/2.1 (external)", True),
        ("codex_cli_rs/0.1", True),
        ("", True),
        (CLIENT, False),
        ("landbridge-replay", False),
    ],
)
def test_what_shows_that_a_client_is_connected(agent: str, counts: bool) -> None:
    assert is_client(client_name(agent.encode())) is counts


def test_providers_are_parts_of_the_report() -> None:
    parts = {name: PartHealth("ok") for name in ("listener router", "provider lab", "model provider", "provider a b")}
    assert providers_of(Report("ok", "1", 0.0, parts)) == ["lab", "a b"]


def test_how_far_a_download_is() -> None:
    def download(done: int, total: int | None, fault: str = "") -> Download:
        return Download(
            name="m", source="m", state="fetching", done=done, total=total, speed=None, left=None, note="",
            fault=fault, begun=0.0,
        )  # fmt: skip

    assert come(download(12_000_000, 94_000_000)) == "12.0 MB of 94.0 MB have come"
    assert come(download(5, None)) == "5 B have come"
    assert come(download(5, 9, "The disk is full.")) == "The disk is full."
