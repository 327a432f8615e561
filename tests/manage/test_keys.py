"""Access keys, whoever gives them: what may be changed of them, and the way from the first to the last."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import msgspec
import pytest

from landbridge.access.grant import Grant
from landbridge.access.keys import Used
from landbridge.access.secret import id_of
from landbridge.errors import ConfigFault
from landbridge.manage import keys
from landbridge.manage.keys import Terms
from landbridge.store.location import Location, locate

ANN = Grant(id="a", name="ann", models=("m",), rpm=5, tpm=50, budget=7, per="day", expires=2e9)
NOW = 1.8e9


def read(**said: Any) -> Terms:
    """As they come over HTTP."""
    return msgspec.json.decode(msgspec.json.encode(said), type=Terms)


def test_what_is_not_said_stays() -> None:
    assert read().applied(ANN, NOW) == ANN


def test_null_takes_a_limit_away() -> None:
    freed = read(models=[], rpm=None, tpm=None, budget=None, expires=None).applied(ANN, NOW)
    assert freed == Grant(id="a", name="ann", per="day")


def test_a_star_is_every_model() -> None:
    assert read(models=["a", "*"]).applied(ANN, NOW).models == ()
    assert read(models=["a", "b", "a"]).applied(ANN, NOW).models == ("a", "b")


@pytest.mark.parametrize(("budget", "micro"), [(5, 5_000_000), (0.1, 100_000), ("$2.50", 2_500_000), ("none", None)])
def test_dollars(budget: float | str, micro: int | None) -> None:
    assert read(budget=budget).applied(ANN, NOW).budget == micro


@pytest.mark.parametrize(("expires", "at"), [("1d", NOW + 86_400), (NOW + 5, NOW + 5), ("never", None)])
def test_when_it_ends(expires: float | str, at: float | None) -> None:
    assert read(expires=expires).applied(ANN, NOW).expires == at


@pytest.mark.parametrize("said", [{"expires": 5.0}, {"models": [" "]}, {"budget": -1}, {"budget": None, "per": "day"}])
def test_what_cannot_be_meant(said: dict[str, Any]) -> None:
    with pytest.raises(ConfigFault):
        read(**said).applied(ANN, NOW)


@pytest.mark.parametrize("said", [{"rpm": 0}, {"tpm": 1.5}, {"per": "week"}, {"model": ["m"]}])
def test_what_cannot_be_read(said: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        read(**said)


def test_a_key_is_told_in_dollars() -> None:
    info = keys.told(ANN, NOW, Used(requests=3, spent=2_500_000, unpriced=1), 5.0)
    assert (info.state, info.budget, info.spent, info.requests, info.unpriced) == ("active", 7e-6, 2.5, 3, 1)
    assert (info.used, keys.told(ANN, 3e9).state, keys.told(ANN, NOW).used) == (5.0, "expired", None)


@pytest.fixture
def place(tmp_path: Path) -> Location:
    return locate("", tmp_path, {})


@pytest.mark.io
def test_where_there_are_none_nothing_is_made(place: Location) -> None:
    assert keys.listed(place) == []
    for ask in (keys.shown, keys.revoke, keys.rotate, keys.remove):
        with pytest.raises(ConfigFault, match="There are no keys yet"):
            ask(place, "ann")
    assert place.path is not None and not place.path.exists()


@pytest.mark.io
def test_a_life(place: Location) -> None:
    made = keys.create(place, "ann", Terms(rpm=5))
    assert (id_of(made.key.encode()), made.count, made.grant.rpm) == (made.grant.id, 1, 5)
    assert made.grant.created == pytest.approx(time.time(), abs=60)
    assert keys.change(place, "ann", Terms(tpm=9), "anna").name == "anna"
    assert (keys.shown(place, "anna").grant.rpm, keys.shown(place, made.grant.id).grant.tpm) == (5, 9)
    renewed = keys.rotate(place, "anna")
    assert renewed.key != made.key and renewed.grant.id == made.grant.id
    with pytest.raises(ConfigFault, match="is in use"):
        keys.remove(place, "anna")
    assert keys.revoke(place, "anna").revoked is None
    assert keys.revoke(place, "anna").revoked is not None, "it had ended"
    with pytest.raises(ConfigFault, match="was revoked"):
        keys.rotate(place, "anna")
    assert [each.grant.name for each in keys.listed(place)] == ["anna"]
    assert keys.remove(place, "anna")[1] == 0
    assert keys.listed(place) == []


@pytest.mark.io
@pytest.mark.parametrize("name", ["a b", "", "x" * 65])
def test_names(place: Location, name: str) -> None:
    with pytest.raises(ConfigFault, match="no name for a key"):
        keys.create(place, name, Terms())
