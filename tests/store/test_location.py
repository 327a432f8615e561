"""A URL names a database; what people see of it has no password."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landbridge.config import StoreSettings
from landbridge.errors import ConfigFault
from landbridge.store.location import locate

DATA = Path("/data")


def test_without_a_url_it_is_a_file_in_the_data_folder() -> None:
    found = locate("", DATA, {})
    assert (found.path, found.kind, found.shown) == (DATA / "landbridge.db", "SQLite", "/data/landbridge.db")
    assert found.url.reveal() == "sqlite+aiosqlite:////data/landbridge.db"


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("sqlite:///other.db", "/data/other.db"),
        ("sqlite:////elsewhere/my%20ledger.db", "/elsewhere/my ledger.db"),
        ("SQLite+aiosqlite:////x.db", "/x.db"),
    ],
)
def test_a_file_may_be_named(url: str, path: str) -> None:
    assert locate(url, DATA, {}).path == Path(path)


@pytest.mark.parametrize(
    ("url", "opened", "shown"),
    [
        ("postgresql://h/d", "postgresql+asyncpg://h/d", "postgresql://h/d"),
        ("postgres://u:p@h:1/d", "postgresql+asyncpg://u:p@h:1/d", "postgresql://u:***@h:1/d"),
        ("postgresql://u:p@@h/d?sslmode=require", "postgresql+asyncpg://u:p@@h/d?ssl=require", None),
        ("postgresql://u@/d?host=/run/pg", "postgresql+asyncpg://u@/d?host=%2Frun%2Fpg", None),
        ("postgresql+asyncpg://[::1]:5/d", "postgresql+asyncpg://[::1]:5/d", "postgresql://[::1]:5/d"),
    ],
)
def test_a_server_may_be_named(url: str, opened: str, shown: str | None) -> None:
    found = locate(url, DATA, {})
    assert (found.url.reveal(), found.path, found.kind) == (opened, None, "PostgreSQL")
    assert shown is None or found.shown == shown


def test_all_of_it_or_a_part_may_come_from_the_environment() -> None:
    env = {"URL": "postgresql://u:hush@h/d", "PASSWORD": "hush"}
    for url in ("${URL}", "postgresql://u:${PASSWORD}@h/d"):
        found = locate(url, DATA, env)
        assert found.url.reveal() == "postgresql+asyncpg://u:hush@h/d"
        assert "hush" not in repr(found)
    with pytest.raises(ConfigFault, match="NO_SUCH is not set"):
        locate("postgresql://u:${NO_SUCH}@h/d", DATA, {})


@pytest.mark.parametrize(
    "url",
    [
        "mysql://u:hush@h/d",
        "/a/path",
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite:///x.db?mode=ro",
        "postgresql://u:hush@h",
        "postgresql://u:hush@h:port/d",
        "postgresql://u@h/d?password=hush",
        "postgresql://u:hush@[h/d",
    ],
)
def test_anything_else_is_refused_without_showing_it(url: str) -> None:
    with pytest.raises(ConfigFault) as caught:
        locate(url, DATA, {})
    assert "hush" not in caught.value.text
    assert caught.value.remedy


@given(st.text(st.characters(exclude_characters="/?#[]${}\\\t\r\n", codec="ascii", min_codepoint=33), min_size=5))
def test_no_password_is_ever_shown(password: str) -> None:
    try:
        shown = repr(locate(f"postgresql://someone:{password}Q@host/db", DATA, {}))
    except ConfigFault as fault:
        shown = fault.text
    assert f"{password}Q" not in shown


def test_settings_show_no_password() -> None:
    assert "hush" not in repr(StoreSettings(url="postgresql://u:hush@h/d"))
    assert "u:***@h/d" in repr(StoreSettings(url="postgresql://u:hush@h/d"))
