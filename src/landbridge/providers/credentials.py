"""The key of a provider: where it comes from, and why it cannot be used, if so. Pure: what was read comes as `env`."""

from __future__ import annotations

import re
from collections.abc import Mapping

from msgspec import Struct

from ..config import ProviderSettings, Secret, expand
from ..errors import ConfigFault
from .presets import Preset
from .sign_aws import AwsKeys, aws_keys
from .sign_backendai import KeyPair, key_pair
from .sign_google import GoogleKeys, google_keys

CREDENTIALS = frozenset({"authorization", "x-api-key", "api-key", "x-goog-api-key"})
"""Headers that carry a key; with one of them a preset's usual variable is not needed."""
FRAMING = frozenset({"host", "content-length", "transfer-encoding", "connection", "accept-encoding"})
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
USUAL = {"anthropic": "x-api-key", "gemini": "x-goog-api-key"}
"""How the makers of dialects want their keys; all others as bearers."""

AWS_FILE, GOOGLE_FILE = "file:aws", "file:google"
"""What was found in the usual files of AWS and Google, beside the variables in `env`."""
FAILED = " failed"
"""Behind a reference in `env`: why it could not be read."""

Keys = AwsKeys | KeyPair | GoogleKeys
"""What signs requests."""


class Credential(Struct, frozen=True):
    """A key, and how it is sent."""

    auth: str
    key: Secret = Secret()
    keys: Keys | None = None
    """The key of those who sign, taken apart."""
    problem: str = ""
    """Why it cannot be used; empty if it can."""
    remedy: str = ""


def credential_of(
    settings: ProviderSettings, preset: Preset, dialect: str, headers: Mapping[str, Secret], env: Mapping[str, str]
) -> Credential:
    """The key of these settings, without what `headers` say."""
    wanted = _wanted(settings, preset, headers)
    key, missing = expand(wanted, env)
    # A preset says `none` of servers that want no key; who gives one means it to be sent.
    auth = settings.auth or ("" if settings.api_key and preset.auth == "none" else preset.auth) or _usual(dialect)
    if preset.without_key and missing and not (settings.api_key or settings.auth) and _machine(preset.without_key, env):
        auth, key, missing = preset.without_key, Secret(), ()
    if missing:
        return Credential("none", problem=_missing(missing, env), remedy=_what_to_do(missing))
    if auth in ("aws", "google", "backendai"):
        return _signing(auth, key, env)
    if not _sendable(key.reveal()):
        return Credential("none", problem="its key" + _BAD, remedy=_BAD_REMEDY)
    return Credential(auth if key else "none", key)


def _usual(dialect: str) -> str:
    return USUAL.get(dialect, "bearer")


def _wanted(settings: ProviderSettings, preset: Preset, headers: Mapping[str, Secret]) -> str:
    """The key to send, as the settings write it; a preset's usual variable where nothing is said."""
    if settings.auth == "none" or (not settings.api_key and CREDENTIALS & set(headers)):
        return ""
    usual = ":".join(f"${{{name}}}" for name in preset.key.split(":")) if preset.key else ""
    of_another_kind = settings.auth in ("aws", "google") and settings.auth != preset.auth
    return settings.api_key or ("" if of_another_kind else usual)


def _machine(auth: str, env: Mapping[str, str]) -> bool:
    """Whether the machine has credentials of that kind, as far as files and variables tell."""
    return bool(env.get(GOOGLE_FILE)) if auth == "google" else bool(_aws_usual(env))


def _aws_usual(env: Mapping[str, str]) -> str:
    names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
    given = [env.get(name, "").strip() for name in names]
    return ":".join(filter(None, given)) if all(given[:2]) else env.get(AWS_FILE, "")


def _signing(auth: str, key: Secret, env: Mapping[str, str]) -> Credential:
    text = key.reveal()
    try:
        if auth == "google":
            metadata = env.get("GCE_METADATA_HOST") or "metadata.google.internal"
            return Credential(auth, key, google_keys(text or env.get(GOOGLE_FILE, ""), metadata))
        if auth == "aws":
            text = text or _aws_usual(env)
            if not text:
                return Credential("none", problem="there are no credentials of AWS", remedy=_AWS_REMEDY)
        if not _sendable(text):
            return Credential("none", problem="its key" + _BAD, remedy=_BAD_REMEDY)
        return Credential(auth, Secret(text), aws_keys(text) if auth == "aws" else key_pair(text))
    except ConfigFault as fault:
        return Credential("none", problem=fault.message, remedy=fault.remedy)


_AWS_REMEDY = (
    "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY where landbridge runs (or ~/.aws/credentials), then restart it."
)


# -- words -------------------------------------------------------------------------------------------------------------


def _missing(names: tuple[str, ...], env: Mapping[str, str]) -> str:
    names = tuple(dict.fromkeys(names))
    first, _, what = names[0].partition(":")
    if why := env.get(names[0] + FAILED):
        return why
    if first == "keyring":
        return f"the keychain holds no key '{what}'"
    if first == "file" and what:
        return f"the file of its key, {what}, is empty"
    said = f"variable {names[0]} is" if len(names) == 1 else f"variables {', '.join(names)} are"
    return f"the environment {said} not set"


def _what_to_do(names: tuple[str, ...]) -> str:
    if names[0].startswith("keyring:"):
        return "Put it there: landbridge providers key NAME."
    if names[0].startswith("file:"):
        return "Write the key into it, readable by you alone."
    return "Set it where landbridge runs, then restart it."


_BAD = " holds characters that no header may hold"
_BAD_REMEDY = "Look for line breaks and letters like é or 한."


def header_problem(
    headers: Mapping[str, Secret], missing: tuple[str, ...], env: Mapping[str, str] | None = None
) -> tuple[str, str]:
    """Why these headers cannot be sent, and what to do; two empty texts if they can."""
    if missing:
        return _missing(missing, env or {}), _what_to_do(missing)
    bad = next((name for name, value in headers.items() if not _sendable(value.reveal())), None)
    return ("", "") if bad is None else (f"its header '{bad}'{_BAD}", _BAD_REMEDY)


def _sendable(text: str) -> bool:
    return text.isascii() and text.isprintable()


def headers_of(
    name: str, headers: Mapping[str, str], env: Mapping[str, str]
) -> tuple[dict[str, Secret], tuple[str, ...]]:
    """Headers by lower-case name, and the references that lead nowhere. Raises `ConfigFault`."""
    found: dict[str, Secret] = {}
    unset: list[str] = []
    for header, text in headers.items():
        framing = header.lower() in FRAMING
        if framing or not _TOKEN.fullmatch(header):
            why = "is a header that landbridge sets itself" if framing else "is no name of a header"
            raise ConfigFault(f"Provider '{name}': '{header}' {why}.", remedy="Take it out of headers.")
        found[header.lower()], missing = expand(text, env)
        unset += missing
    return found, tuple(unset)
