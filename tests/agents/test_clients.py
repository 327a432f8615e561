"""The table of clients is whole: what a client needs from the launcher is what its setup gives."""

from __future__ import annotations

import pytest

from landbridge.agents.clients import CLIENTS, Client
from landbridge.agents.facts import ModelFacts
from landbridge.agents.session import Session

ROUTER = "http://127.0.0.1:38080"
LARGE = ModelFacts(name="lab/m", window=200_000, max_output=16_384)
clients = pytest.mark.parametrize("client", CLIENTS.values(), ids=CLIENTS)


def session(*args: str, **env: str) -> Session:
    env = {"HOME": "/nonexistent", **env}
    return Session(facts=LARGE, router=ROUTER, env=env, args=args, folder="/session", project="/nonexistent")


def test_they_are_found_by_name() -> None:
    assert list(CLIENTS) == ["claude", "codex", "gemini", "opencode", "qwen", "aider"]
    assert all(name == client.name for name, client in CLIENTS.items())


@clients
def test_a_setup_names_the_router_and_the_model(client: Client) -> None:
    found = client.setup(session())
    files = b"".join(found.files.values()).decode()
    everything = f"{found.variables}{found.arguments}{files}"
    assert ROUTER in everything
    assert "lab/m" in everything
    assert found.notes == ()


@clients
def test_the_users_arguments_are_kept_in_order(client: Client) -> None:
    found = client.setup(session("-p", "a b", "--flag"))
    assert found.arguments[-3:] == ("-p", "a b", "--flag")


@clients
def test_what_the_launcher_is_told_is_true(client: Client) -> None:
    found = client.setup(session())
    assert bool(found.files or found.links) == client.by_files
    if client.by_arguments:
        assert ROUTER in str(found.arguments)
    elif not client.by_files:
        assert ROUTER in str(found.variables)


@clients
def test_a_proxy_is_passed_by(client: Client) -> None:
    variables = client.setup(session(HTTPS_PROXY="http://proxy:3128")).variables
    assert variables.get("NO_PROXY") == "127.0.0.1" or variables.get("HTTPS_PROXY") == ""


@clients
def test_permissions_are_never_skipped(client: Client) -> None:
    words = " ".join(client.setup(session()).arguments)
    for word in ("dangerously", "yolo", "--yes", "danger-full-access", "skip-trust"):
        assert word not in words


@clients
def test_no_key_of_the_users_leaves_the_machine(client: Client) -> None:
    keys = ("ANTHROPIC_API_KEY", "OPENAI_API_KEY", "GEMINI_API_KEY", "GOOGLE_API_KEY")
    found = client.setup(session(**dict.fromkeys(keys, "sk-real")))
    assert "sk-real" not in f"{found.variables}{found.arguments}{found.files}"


@pytest.mark.parametrize("client", CLIENTS.values(), ids=list(CLIENTS))
@pytest.mark.parametrize("anthropic", [True, False])
def test_a_key_is_given_to_the_client_and_shown_to_nobody(client: Client, anthropic: bool) -> None:
    key = "lb-local-" + "x" * 40
    facts = ModelFacts(name="lab/m", window=131_072, anthropic=anthropic)
    found = client.setup(Session(facts=facts, router="http://127.0.0.1:38080", token=key, folder="/f"))
    given = [*found.variables.values(), *(content.decode() for content in found.files.values())]
    assert any(key in text for text in given)
    assert key not in " ".join(found.arguments), "others on this machine can read a command line"
    assert key not in " ".join(found.notes)


@clients
def test_its_base_url_has_its_path(client: Client) -> None:
    found = client.setup(session())
    files = b"".join(found.files.values()).decode()
    assert f"{ROUTER}{client.path}" in f"{found.variables}{found.arguments}{files}"
