"""Findings are kept whole or not at all, and change what a model's traits are."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from landbridge.neutral.traits import Traits
from landbridge.providers.models import Limits
from landbridge.providers.probe import Finding, Verdict
from landbridge.providers.probed import FILE, Probe, Probes, keep, load

pytestmark = pytest.mark.io

UNKNOWN = Limits()


def probe(
    model: str = "m", url: str = "http://x/v1", field: str = "", window: int | None = None, **found: Verdict
) -> Probe:
    findings = {"answers": Finding("yes")} | {name: Finding(verdict, "why") for name, verdict in found.items()}
    return Probe("lab", url, model, "2026-11-26T15:00:00Z", findings, window=window, field=field)


def test_what_was_found_is_kept(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    assert load(folder).find("lab", "http://x/v1", "m") is None
    keep(folder, [probe(images="yes"), probe("other")])
    keep(folder, [probe(images="no", window=4096)])
    found = load(folder)
    assert found.find("lab", "http://x/v1", "m") == probe(images="no", window=4096)
    assert found.find("lab", "http://x/v1", "other") == probe("other")
    assert found.find("lab", "http://elsewhere/v1", "m") is None
    assert len(list(found)) == 2


def test_nobody_else_may_read_it_and_nothing_is_left_behind(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        keep(tmp_path, [probe()])
    finally:
        os.umask(before)
    (file,) = tmp_path.iterdir()
    assert file.name == FILE and file.stat().st_mode & 0o777 == 0o600


def test_a_write_that_fails_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(tmp_path, [probe()])

    def full(_: int) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="no space"):
        keep(tmp_path, [probe(window=1)])
    assert [file.name for file in tmp_path.iterdir()] == [FILE]
    assert load(tmp_path).find("lab", "http://x/v1", "m") == probe()


@pytest.mark.parametrize("content", [b"", b"[]", b'{"probes": [{}]}', b"\xff", b"[" * 5000, b'{"version": 99}'])
def test_a_file_that_is_none_is_left_aside(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE).write_bytes(content)
    assert list(load(tmp_path)) == []
    keep(tmp_path, [probe()])
    assert list(load(tmp_path)) == [probe()]


def test_a_place_that_cannot_be_read_is_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / FILE).mkdir()
    assert list(load(tmp_path)) == []
    assert "cannot be read" in caplog.text


def test_it_is_json_for_people_too(tmp_path: Path) -> None:
    keep(tmp_path, [probe(images="no")])
    assert json.loads((tmp_path / FILE).read_bytes())["probes"][0]["findings"]["images"] == {
        "verdict": "no",
        "why": "why",
    }


def test_findings_change_traits() -> None:
    found = probe(images="no", documents="yes", tools="no", schema="no", thinking="no", window=4096)
    traits = found.apply(Traits(documents=False, documents_known=False), UNKNOWN)
    assert (traits.images, traits.documents, traits.documents_known, traits.tools) == (False, True, True, False)
    assert (traits.output_schema, traits.thinks, traits.window) == ("none", "never", 4096)
    assert found.apply(Traits(), Limits(thinks="can")).thinks == "can", "the table knows more than one question shows"
    assert probe(images="yes").apply(Traits(images=False), Limits(thinks="can")).images


def test_what_is_unsure_changes_nothing() -> None:
    unsure = probe(images="unsure", documents="unsure", tools="unsure", schema="unsure", thinking="unsure", new="no")
    assert unsure.apply(Traits(), UNKNOWN) == Traits()


def test_the_field_that_made_it_think_is_used_from_then_on() -> None:
    thinks = probe(thinking="yes", field="reasoning_effort").apply(Traits(), UNKNOWN)
    assert (thinks.thinks, thinks.effort) == ("can", "reasoning_effort")
    assert probe(thinking="yes").apply(Traits(), UNKNOWN).effort == "none"


def test_a_model_that_did_not_answer_has_shown_nothing() -> None:
    silent = Probe("lab", "u", "m", "", {"answers": Finding("unsure", "x"), "images": Finding("no")})
    assert silent.apply(Traits(), UNKNOWN) == Traits()


def test_probes_are_found_by_name_address_and_model() -> None:
    probes = Probes([probe(), probe("b")])
    assert probes.find("lab", "http://x/v1", "b") == probe("b")
    assert probes.find("other", "http://x/v1", "b") is None
