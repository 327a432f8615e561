"""The try of a name that leads to one target: kept from the client is only what may pass when it is asked again."""

from __future__ import annotations

from landbridge.errors import Overloaded, ProviderFault, ProviderLimit, Unreachable
from landbridge.gateway.trial import Alone


def test_what_is_kept_from_the_client() -> None:
    trial = Alone(5.0)
    assert trial.holds(Unreachable("x"), 0)
    assert trial.holds(Overloaded("x"), 529)
    assert trial.holds(ProviderLimit("x", retry_after=5.0), 429)
    assert not trial.holds(ProviderLimit("x", retry_after=5.1), 429)
    assert not trial.holds(ProviderFault("x"), 500)
    assert not trial.others, "nothing of a stream is held back for it"
