"""What the command line says of a key, as values."""

from __future__ import annotations

import pytest

from landbridge.access.grant import Grant
from landbridge.cli.key_terms import UNSAID, Terms
from landbridge.errors import ConfigFault

ANN = Grant(id="a", name="ann", models=("m",), rpm=5, tpm=50, budget=7, per="day", expires=2e9)
NOW = 1.8e9


def test_what_is_not_said_stays() -> None:
    assert UNSAID.read().applied(ANN, NOW) == ANN


def test_what_is_said_counts() -> None:
    terms = Terms(models=("a", "b"), rpm="6", tpm="NONE", budget="1", per="total", expires="1d")
    changed = terms.read().applied(ANN, NOW)
    assert (changed.models, changed.rpm, changed.tpm, changed.budget) == (("a", "b"), 6, None, 1_000_000)
    assert (changed.per, changed.expires) == ("total", NOW + 86_400)


def test_limits_are_taken_away() -> None:
    freed = Terms(models=("*",), rpm="none", tpm="none", budget="none", expires="never").read().applied(ANN, NOW)
    assert freed == Grant(id="a", name="ann", per="day")


@pytest.mark.parametrize("terms", [Terms(rpm="-1"), Terms(tpm="1.5"), Terms(models=(" ",)), Terms(expires="0d")])
def test_what_cannot_be_meant(terms: Terms) -> None:
    with pytest.raises(ConfigFault):
        terms.read().applied(ANN, NOW)
    with pytest.raises(ConfigFault, match="there is none"):
        Terms(per="day", budget="none").read().applied(ANN, NOW)
