"""What the settings allow."""

from __future__ import annotations

from pathlib import Path

import pytest

from landbridge.config import Config, Secret, load
from landbridge.errors import ConfigFault
from landbridge.gateway.hosted.web import NOT_SET_UP, SWITCHED_OFF, Web, web_of

pytestmark = pytest.mark.io


def config(folder: Path, text: str) -> Config:
    path = folder / "landbridge.toml"
    path.write_text(text)
    return load(path, {})


def test_by_default_pages_are_fetched_and_nothing_is_searched(tmp_path: Path) -> None:
    web = web_of(config(tmp_path, ""), {})
    assert web.problems == {"search": NOT_SET_UP, "fetch": ""}


def test_fetching_can_be_switched_off(tmp_path: Path) -> None:
    assert web_of(config(tmp_path, "[fetch]\nenabled = false"), {}).problems["fetch"] == SWITCHED_OFF


def test_searxng_needs_an_address_and_no_key(tmp_path: Path) -> None:
    text = '[search]\nservice = "searxng"\nbase_url = "http://127.0.0.1:8888/"\nmax_results = 5'
    web = web_of(config(tmp_path, text), {})
    assert web.search is not None
    assert (web.search.base_url, web.search.key, web.search.max_results) == ("http://127.0.0.1:8888", Secret(), 5)
    assert web.problems["search"] == ""


@pytest.mark.parametrize(("reference", "variable"), [("", "BRAVE_API_KEY"), ('api_key = "${MINE}"', "MINE")])
def test_the_key_comes_from_the_environment(
    tmp_path: Path, reference: str, variable: str, caplog: pytest.LogCaptureFixture
) -> None:
    settings = config(tmp_path, f'[search]\nservice = "brave"\n{reference}')
    web = web_of(settings, {variable: " key\n"})
    assert web.search is not None
    assert web.search.key.reveal() == "key"
    assert web.search.base_url == "https://api.search.brave.com"
    without = web_of(settings, {})
    assert without.search is None
    assert variable in without.problem and "Brave" in without.problem
    assert without.problem in caplog.text, "who runs the router reads it, too"


def test_keys_do_not_show_themselves(tmp_path: Path) -> None:
    settings = config(tmp_path, '[search]\nservice = "exa"\napi_key = "sk-literal"')
    assert "sk-literal" not in repr(settings) + repr(web_of(settings, {}))
    assert isinstance(web_of(settings, {}), Web)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('service = "searxng"', "base_url is missing"),
        ('service = "brave"\nbase_url = "api.search.brave.com"', "no http:// or https:// address"),
        ('service = "brave"\napi_key = "$KEY"', "no reference to a variable"),
        ('service = "bing"', '"brave"'),
        ("max_results = 21", "from 1 to 20"),
        ("max_results = 0", "from 1 to 20"),
        ("key = 1", "api_key"),
        ("timeout = 0", "above 0"),
    ],
)
def test_settings_that_cannot_work_are_named(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigFault) as raised:
        config(tmp_path, f"[search]\n{text}")
    assert said in raised.value.text


def test_a_wrong_key_is_not_shown(tmp_path: Path) -> None:
    with pytest.raises(ConfigFault) as raised:
        config(tmp_path, "[search]\napi_key = 12345678")
    assert "12345678" not in raised.value.text
