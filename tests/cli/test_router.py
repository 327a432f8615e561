"""Which router a command asks: the one of a URL, else that of the settings."""

from __future__ import annotations

import pytest

from landbridge.cli.router import router_url
from landbridge.errors import ConfigFault

from .conftest import Home

pytestmark = pytest.mark.io


@pytest.mark.parametrize("url", ["http://box:1", "http://box:1/", "http://box:1/anthropic", "http://box:1/v1/"])
def test_a_url_is_a_router_s_whatever_its_path(url: str) -> None:
    assert router_url(None, None, url) == "http://box:1"


def test_the_settings_say_it(home: Home) -> None:
    home.settings(38099)
    assert router_url(None, None, "") == "http://127.0.0.1:38099"


def test_one_that_is_switched_off_is_no_address(home: Home) -> None:
    home.config.write_text("[listeners.router]\nenabled = false")
    with pytest.raises(ConfigFault, match="switched off") as caught:
        router_url(home.config, home.data, "")
    assert str(home.config) in caught.value.remedy
