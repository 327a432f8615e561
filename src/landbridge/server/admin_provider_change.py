"""Changes below `/api/v1/providers`: added, tried, given another key, turned on and off, removed.

A provider is tried before it is kept, as `landbridge providers add` does it, and what is kept is taken up before it is
answered. A key goes in here and to the keychain; it is in no answer, in no error and in no settings file.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Literal, TypeVar

from msgspec import Struct, field

from ..config import Secret
from ..errors import BadRequest
from ..gateway.checkup import Checkup, Step
from ..manage import provider_change, provider_draft, provider_trial
from ..manage.provider_change import Saved
from ..manage.provider_draft import Draft, New
from ..manage.providers import of_name, settings_of
from ..manage.settings_file import SettingsFile
from .admin_table import Asked, Row
from .described import Described, Endpoint
from .provider_news import News
from .works import Works

PROVIDERS = "/api/v1/providers"
ONE = f"{PROVIDERS}/{{name}}"
STEPS = "trials"
"""Topic that tells the steps of trials that were given a name."""

T = TypeVar("T")
Save = Literal["good", "always", "never"]
"""`good`: if it works; `always`: in any case; `never`: it is only tried."""


class _Keyed(Struct, forbid_unknown_fields=True, kw_only=True):
    key: str = ""
    """The key itself; it is kept in the keychain."""
    key_from: str = ""
    """Where the key is, instead: `${VARIABLE}`, `file:PATH`, `keyring:NAME`."""
    save: Save = "good"
    trial: str = ""
    """A name under which the steps are told at the topic `trials`, as they are taken."""
    how: str = "the admin API"
    """What the history says did it."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}(...)"  # it may hold a key


class NewProvider(_Keyed, forbid_unknown_fields=True, kw_only=True):
    """A provider that is to be: of a preset, or an address and what it speaks."""

    name: str = ""
    """The preset's, if left out."""
    preset: str = ""
    base_url: str = ""
    dialect: str = ""
    place: dict[str, str] = field(default_factory=dict)
    """What its address leaves open: `region`, `project`, `resource`."""
    models: list[str] = field(default_factory=list)
    """Left out: it is asked."""


class OtherKey(_Keyed, forbid_unknown_fields=True, kw_only=True):
    """Another key for a provider."""


class ToTry(Struct, forbid_unknown_fields=True):
    """How to try one."""

    model: str = ""
    """Ask this model for a word, too."""
    trial: str = ""
    """A name under which the steps are told at the topic `trials`, as they are taken."""


class TrialStep(Struct):
    """One step of a trial with that name."""

    trial: str
    step: Step


class TriedNow(Struct):
    """What came of trying one, in the provider's own words where it gave some."""

    checkup: Checkup
    steps: list[Step]


class Kept(TriedNow):
    """What came of trying and keeping one."""

    saved: bool
    kept_in: str = ""
    """Where the key is now; empty where there was none to keep."""
    fault: str = ""
    """Why the router could not take it up."""


class Turned(Struct):
    """Whether it is on."""

    name: str
    enabled: bool
    leads: list[str]
    """Settings that name one of its models."""
    fault: str = ""


class ProviderRemoved(Struct):
    """What is gone."""

    name: str
    leads: list[str]
    """Settings that name one of its models, and lead nowhere now."""
    key_gone: bool
    """Whether its key is out of the keychain, too."""
    key_fault: str = ""
    """Why it could not be taken out."""
    fault: str = ""


DESCRIBED: Described = {
    ("POST", "", PROVIDERS): Endpoint(
        summary="Add a provider that works, or only try it", takes=NewProvider, gives=(Kept,)
    ),
    ("POST", "", f"{ONE}/test"): Endpoint(summary="Try a provider now", takes=ToTry, gives=(TriedNow,)),
    ("PUT", "", f"{ONE}/key"): Endpoint(
        summary="Give a provider another key that works", takes=OtherKey, gives=(Kept,)
    ),
    ("POST", "", f"{ONE}/enable"): Endpoint(
        summary="Turn a provider on", gives=(Turned,), parameters=("x-landbridge",)
    ),
    ("POST", "", f"{ONE}/disable"): Endpoint(
        summary="Turn a provider off; its settings and key stay", gives=(Turned,), parameters=("x-landbridge",)
    ),
    ("DELETE", "", ONE): Endpoint(
        summary="Remove a provider from the settings, and its key from the keychain",
        gives=(ProviderRemoved,),
        parameters=("confirm", "x-landbridge"),
    ),
}


class Changing:
    """The handlers."""

    def __init__(self, works: Works, news: News) -> None:
        self._works, self._news = works, news

    async def add(self, asked: Asked) -> Kept:
        """Another provider."""
        wish = asked.body(NewProvider)
        new = New(
            name=wish.name.strip(),
            preset=wish.preset,
            base_url=wish.base_url,
            dialect=wish.dialect,
            place=wish.place,
            models=tuple(wish.models),
            key=Secret(wish.key.strip()),
            key_from=wish.key_from.strip(),
        )

        def make(file: SettingsFile) -> Draft:
            return provider_draft.drafted(new, settings_of(file), self._works.env())

        return await self._keep(await self._with_file(make), wish, provider_change.add)

    async def key(self, asked: Asked) -> Kept:
        """Another key."""
        wish, name = asked.body(OtherKey), asked.path["name"]
        key, key_from = Secret(wish.key.strip()), wish.key_from.strip()
        if not (key or key_from):
            raise BadRequest.at("key", " is missing.", remedy="Say the key, or in key_from where it is.")

        def make(file: SettingsFile) -> Draft:
            return provider_change.draft_of(file, name).with_key(key, "" if key else key_from)

        return await self._keep(await self._with_file(make), wish, provider_change.rekey)

    async def test(self, asked: Asked) -> TriedNow:
        """One that there is."""
        wish, name = asked.body(ToTry), asked.path["name"]
        works = self._works
        config, world = works.gateway.config, works.gateway.world
        of_name(config, name)
        steps: list[Step] = []
        client, tell = works.gateway.parts.client, self._teller(wish.trial, steps)
        found = await provider_trial.tried(client, config, name, works.env(), wish.model, tell)
        self._news.tried(found)
        if found.ok and found.listed:
            works.gateway.listing.hear(world, name, found.models)
        works.hub.changed("providers")
        return TriedNow(found, steps)

    async def turn(self, asked: Asked, on: bool) -> Turned:
        """On or off."""
        name = asked.path["name"]
        await self._with_file(lambda file: provider_change.turn(file, name, on))
        fault = await self._take_up()
        return Turned(name, on, list(provider_change.led_to(self._works.gateway.config, name)), fault)

    async def enable(self, asked: Asked) -> Turned:
        """On."""
        return await self.turn(asked, True)

    async def disable(self, asked: Asked) -> Turned:
        """Off."""
        return await self.turn(asked, False)

    async def remove(self, asked: Asked) -> ProviderRemoved:
        """Out of the settings."""
        name, config = asked.path["name"], self._works.gateway.config
        sure = asked.query("confirm").get("confirm", "").lower() in ("1", "true", "yes")
        of_name(config, name)
        if not sure:
            leads = ", ".join(provider_change.led_to(config, name))
            what = f"'{name}' would be out of the settings, and its key out of the keychain."
            nowhere = f" These lead to it, and would lead nowhere: {leads}." if leads else ""
            raise BadRequest(what + nowhere, remedy="If that is meant, say ?confirm=true.", param="confirm")
        done = await self._with_file(lambda file: provider_change.remove(file, name))
        self._news.forget(name)
        return ProviderRemoved(name, done.leads, done.key_gone, done.key_fault, await self._take_up())

    async def _keep(
        self, draft: Draft, wish: NewProvider | OtherKey, keep: Callable[[SettingsFile, Draft, str], Saved]
    ) -> Kept:
        """Try it, and keep it if that is wished."""
        works, steps = self._works, list[Step]()
        env = await asyncio.to_thread(provider_trial.variables_of, draft, works.data_dir, works.env())
        client, tell = works.gateway.parts.client, self._teller(wish.trial, steps)
        found = await provider_trial.tried(client, draft.config, draft.name, env, tell=tell)
        if wish.save == "never" or not (found.ok or wish.save == "always"):
            return Kept(found, steps, False)
        saved = await self._with_file(lambda file: keep(file, draft, wish.how))
        self._news.forget(draft.name)
        self._news.tried(found)
        fault = await self._take_up()
        if found.ok and found.listed:
            works.gateway.listing.hear(works.gateway.world, draft.name, found.models)
        return Kept(found, steps, True, saved.kept_in, fault)

    def _teller(self, trial: str, steps: list[Step]) -> Callable[[Step], None]:
        """Who hears of the steps of a trial: `steps` of what each came to, and whoever follows that trial of all."""

        def tell(step: Step) -> None:
            if step.state != "begun":
                steps.append(step)
            if trial:
                self._works.hub.tell(STEPS, TrialStep(trial, step))

        return tell

    async def _with_file(self, work: Callable[[SettingsFile], T]) -> T:
        """Keychains and files answer when they do: not on the event loop."""
        return await asyncio.to_thread(lambda: work(self._works.settings_file()))

    async def _take_up(self) -> str:
        """What was written holds from now on; else why not."""
        await self._works.reload()
        self._works.hub.changed("providers")
        return self._works.settings.fault


def rows(works: Works, news: News) -> list[Row]:
    """The endpoints."""
    works.hub.happening(STEPS)
    changing = Changing(works, news)
    return [
        Row("POST", f"{ONE}/test", changing.test),
        Row("POST", f"{ONE}/enable", changing.enable),
        Row("POST", f"{ONE}/disable", changing.disable),
        Row("PUT", f"{ONE}/key", changing.key),
        Row("POST", PROVIDERS, changing.add),
        Row("DELETE", ONE, changing.remove),
    ]
