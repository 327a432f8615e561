"""Sessions and setups are values: what is left out has one meaning."""

from __future__ import annotations

import pytest

from landbridge.agents.facts import ModelFacts
from landbridge.agents.session import Session, Setup


def test_what_is_left_out_is_empty() -> None:
    session = Session(facts=ModelFacts(name="m"), router="http://127.0.0.1:1")
    assert (dict(session.env), session.args) == ({}, ())
    setup = Setup(variables={}, arguments=())
    assert (setup.notes, setup.files, setup.links, setup.records) == ((), {}, {}, ())


def test_they_do_not_change() -> None:
    with pytest.raises(AttributeError):
        Session(facts=ModelFacts(name="m"), router="").router = "x"  # type: ignore[misc]
