"""The keys that settings refer to and that are in no variable: from keychains and files, read once, into one mapping.

What is read stands beside the environment's variables, under the reference itself (`keyring:work`); what could not be
read, under the reference and ` failed`. Slow: not for the event loop.
"""

from __future__ import annotations

import configparser
from collections.abc import Iterator, Mapping
from pathlib import Path

from ..config import Config
from ..config.secret import is_elsewhere
from ..errors import ConfigFault
from .credentials import AWS_FILE, FAILED, GOOGLE_FILE
from .keychain import Keychain
from .presets import presets

MAX_FILE = 64 * 1024
"""Bytes of a file that holds a key."""
ADC = "gcloud/application_default_credentials.json"


def references(config: Config) -> set[str]:
    """What has to be read for these settings."""
    found = {text.strip() for text in _texts(config) if is_elsewhere(text)}
    for provider in config.providers.values():
        preset = presets().get(provider.preset)
        kinds = {provider.auth, *((preset.auth, preset.without_key) if preset is not None else ())}
        if not provider.api_key:
            found |= ({AWS_FILE} if "aws" in kinds else set()) | ({GOOGLE_FILE} if "google" in kinds else set())
    return found


def _texts(config: Config) -> Iterator[str]:
    for provider in config.providers.values():
        yield provider.api_key
        yield from provider.headers.values()
    yield config.search.api_key


def read(wanted: set[str], data_dir: Path, env: Mapping[str, str]) -> dict[str, str]:
    """What these references stand for."""
    found: dict[str, str] = {}
    keychain = Keychain(data_dir, env)
    for reference in sorted(wanted):
        try:
            text = _read(reference, keychain, env)
        except ConfigFault as fault:
            found[reference + FAILED] = fault.message.rstrip(".")
        else:
            if text:
                found[reference] = text
    return found


def _read(reference: str, keychain: Keychain, env: Mapping[str, str]) -> str:
    if reference == AWS_FILE:
        return _aws(env)
    if reference == GOOGLE_FILE:
        return _google(env)
    kind, _, name = reference.partition(":")
    return (keychain.get(name) or "") if kind == "keyring" else _file(Path(name).expanduser())


def _file(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(MAX_FILE).decode()
    except OSError as error:
        raise ConfigFault(f"the file of its key, {path}, cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ConfigFault(f"the file of its key, {path}, is no text") from None


def _home(env: Mapping[str, str]) -> Path:
    return Path(env["HOME"]) if env.get("HOME") else Path.home()


def _google(env: Mapping[str, str]) -> str:
    """The file that Google's own programs would take; empty where there is none (then the machine may have some)."""
    if named := env.get("GOOGLE_APPLICATION_CREDENTIALS"):
        return _file(Path(named).expanduser())
    usual = Path(env["CLOUDSDK_CONFIG"]) / ADC.partition("/")[2] if env.get("CLOUDSDK_CONFIG") else None
    path = usual or _home(env) / ".config" / ADC
    return _file(path) if path.is_file() else ""


def _aws(env: Mapping[str, str]) -> str:
    """The keys of a profile in AWS's file of credentials, as one text; empty where there are none."""
    named = env.get("AWS_SHARED_CREDENTIALS_FILE")
    path = Path(named).expanduser() if named else _home(env) / ".aws" / "credentials"
    if not path.is_file():
        return ""
    parser = configparser.RawConfigParser()
    profile = env.get("AWS_PROFILE") or "default"
    try:
        parser.read_string(_file(path))
    except configparser.Error:
        raise ConfigFault(f"AWS's file of credentials, {path}, cannot be read: it is no INI file") from None
    if not parser.has_section(profile):
        return ""
    names = ("aws_access_key_id", "aws_secret_access_key", "aws_session_token")
    parts = [parser.get(profile, name, fallback="").strip() for name in names]
    return ":".join(filter(None, parts)) if all(parts[:2]) else ""
