"""Settings, keys, disk and memory."""

from __future__ import annotations

from pathlib import Path

import pytest

from landbridge.config import Config, ProviderSettings
from landbridge.manage import check_machine
from landbridge.manage.check_machine import check_keys, check_room, check_settings

pytestmark = pytest.mark.io


def test_good_settings(tmp_path: Path) -> None:
    path = tmp_path / "l.toml"
    path.write_text('default_model = "m"')
    findings, config = check_settings(path, {}, named=True)
    assert [finding.verdict for finding in findings] == ["ok"]
    assert config.default_model == "m"


def test_broken_settings_fail_and_the_defaults_help_on(tmp_path: Path) -> None:
    path = tmp_path / "l.toml"
    path.write_text("default_modell = 'm'")
    findings, config = check_settings(path, {}, named=True)
    assert [finding.verdict for finding in findings] == ["fail"]
    assert config == Config()


def test_no_file_is_fine_unless_it_was_named(tmp_path: Path) -> None:
    path = tmp_path / "none.toml"
    assert check_settings(path, {})[0][0].verdict == "ok"
    assert check_settings(path, {}, named=True)[0][0].verdict == "fail"


def test_a_literal_key_is_a_warning_and_not_shown(tmp_path: Path) -> None:
    path = tmp_path / "l.toml"
    path.write_text('[providers.work]\npreset = "openai"\napi_key = "sk-real"')
    findings, _ = check_settings(path, {}, named=True)
    assert [finding.verdict for finding in findings] == ["ok", "warn"]
    assert "sk-real" not in repr(findings)


def test_keys_that_are_not_set_are_named() -> None:
    config = Config(
        providers={
            "a": ProviderSettings(api_key="${A_KEY}"),
            "b": ProviderSettings(api_key="${B_KEY}"),
            "c": ProviderSettings(),
            "off": ProviderSettings(api_key="${OFF_KEY}", enabled=False),
        }
    )
    findings = list(check_keys(config, {"A_KEY": "secret"}))
    assert [(finding.check, finding.verdict) for finding in findings] == [("key of a", "ok"), ("key of b", "warn")]
    assert "B_KEY" in findings[1].remedy
    assert "secret" not in repr(findings)


def test_room_is_measured_where_the_models_will_be(tmp_path: Path) -> None:
    disk, memory = check_room(tmp_path / "not" / "yet")
    assert "GiB free" in disk.finding
    assert "memory" in memory.finding


@pytest.mark.parametrize(("limit", "verdict"), [("NO_DISK", "fail"), ("LITTLE_DISK", "warn")])
def test_little_disk(limit: str, verdict: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check_machine, limit, 10**18)
    disk, _ = check_room(tmp_path)
    assert disk.verdict == verdict
    assert disk.remedy


def test_little_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check_machine, "LITTLE_MEMORY", 10**18)
    _, memory = check_room(tmp_path)
    assert memory.verdict == "warn"
