"""Flags before environment before the usual places."""

from __future__ import annotations

from pathlib import Path

import pytest

from landbridge.cli.context import load_context, places
from landbridge.errors import ConfigFault

pytestmark = pytest.mark.io


def test_flags_win(tmp_path: Path) -> None:
    env = {"LANDBRIDGE_CONFIG": "/a.toml", "LANDBRIDGE_DATA_DIR": "/a", "HOME": str(tmp_path)}
    where = places(tmp_path / "b.toml", tmp_path / "b", env)
    assert (where.config_path, where.data_dir) == (tmp_path / "b.toml", tmp_path / "b")
    assert where.config_explicit


def test_environment_comes_next(tmp_path: Path) -> None:
    where = places(None, None, {"LANDBRIDGE_CONFIG": "/a.toml", "LANDBRIDGE_DATA_DIR": "/a", "HOME": str(tmp_path)})
    assert (where.config_path, where.data_dir) == (Path("/a.toml"), Path("/a"))
    assert where.config_explicit


def test_the_usual_places_come_last(tmp_path: Path) -> None:
    env = {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path / "c"), "XDG_DATA_HOME": str(tmp_path / "d")}
    where = places(None, None, env)
    assert where.config_path == tmp_path / "c" / "landbridge" / "landbridge.toml"
    assert where.data_dir == tmp_path / "d" / "landbridge"
    assert not where.config_explicit


def test_settings_are_read(tmp_path: Path) -> None:
    (tmp_path / "l.toml").write_text('default_model = "m"')
    context = load_context(tmp_path / "l.toml", tmp_path, {})
    assert context.config.default_model == "m"


def test_without_a_file_the_defaults_hold(tmp_path: Path) -> None:
    context = load_context(None, None, {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)})
    assert context.config.listeners.router.port == 38080


def test_a_named_file_must_exist(tmp_path: Path) -> None:
    with pytest.raises(ConfigFault, match="nowhere"):
        load_context(tmp_path / "nowhere.toml", None, {"HOME": str(tmp_path)})
