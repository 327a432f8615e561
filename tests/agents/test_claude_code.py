"""What Claude Code gets for models large and small, and what it never gets."""

from __future__ import annotations

import json

import pytest

from landbridge.agents import claude_code
from landbridge.agents.facts import ModelFacts
from landbridge.agents.session import Session

URL = "http://127.0.0.1:38080/anthropic"
SMOL = ModelFacts(name="smollm2", window=8192, max_output=8192, local=True, tools=False)
QWEN = ModelFacts(name="qwen", window=16384, local=True)
LARGE = ModelFacts(name="lab/m", window=131072, max_output=16384)
CLAUDE = ModelFacts(name="claude-opus-5-5", window=200_000, max_output=64_000, anthropic=True)


def test_every_tier_and_subagents_use_the_one_model() -> None:
    env = claude_code.environment(QWEN, URL, {})
    names = [name for name in env if name.endswith("_MODEL")]
    assert sorted(names) == [
        "ANTHROPIC_DEFAULT_FABLE_MODEL",
        "ANTHROPIC_DEFAULT_HAIKU_MODEL",
        "ANTHROPIC_DEFAULT_OPUS_MODEL",
        "ANTHROPIC_DEFAULT_SONNET_MODEL",
        "ANTHROPIC_MODEL",
        "ANTHROPIC_SMALL_FAST_MODEL",
        "CLAUDE_CODE_SUBAGENT_MODEL",
    ]
    assert {env[name] for name in names} == {"qwen"}


def test_a_tier_s_name_leaves_each_tier_to_the_router() -> None:
    env = claude_code.environment(ModelFacts(name="sonnet", window=16384), URL, {})
    tiers = {tier: env[f"ANTHROPIC_DEFAULT_{tier.upper()}_MODEL"] for tier in claude_code.TIERS}
    assert tiers == {"opus": "opus", "sonnet": "sonnet", "haiku": "haiku"}
    assert (env["ANTHROPIC_MODEL"], env["ANTHROPIC_SMALL_FAST_MODEL"]) == ("sonnet", "haiku")


@pytest.mark.parametrize(
    ("facts", "args", "fitting"),
    [
        (SMOL, (), ("--bare",)),
        (QWEN, (), ("--tools=Bash,Edit,Read,Write",)),
        (LARGE, (), ()),
        (SMOL, ("--tools", "Read"), ()),
    ],
)
def test_what_no_variable_says_is_told_apart(
    facts: ModelFacts, args: tuple[str, ...], fitting: tuple[str, ...]
) -> None:
    made = claude_code.setup(Session(facts=facts, router="http://127.0.0.1:1", args=args))
    assert made.fitting == fitting
    assert set(fitting) <= set(made.arguments)


def test_token_is_not_empty_and_the_users_real_key_is_masked() -> None:
    env = claude_code.environment(QWEN, URL, {"ANTHROPIC_API_KEY": "sk-real", "ANTHROPIC_AUTH_TOKEN": "real"})
    assert env["ANTHROPIC_AUTH_TOKEN"] == "landbridge"
    assert env["ANTHROPIC_API_KEY"] == ""
    assert "real" not in " ".join(env.values())


@pytest.mark.parametrize(
    ("facts", "limit"),
    [(SMOL, "2048"), (QWEN, "4096"), (ModelFacts(name="big", window=131072, local=True), "8192"), (LARGE, "16384")],
)
def test_output_limit_is_a_quarter_of_the_window_and_at_most_8192(facts: ModelFacts, limit: str) -> None:
    assert claude_code.environment(facts, URL, {})["CLAUDE_CODE_MAX_OUTPUT_TOKENS"] == limit


def test_a_models_own_limit_is_kept_where_it_is_lower() -> None:
    facts = ModelFacts(name="x", window=65536, max_output=1000, local=True)
    assert claude_code.output_limit(facts) == 1000


def test_anthropic_targets_keep_their_attribution_and_limits() -> None:
    env = claude_code.environment(CLAUDE, URL, {})
    assert "CLAUDE_CODE_ATTRIBUTION_HEADER" not in env
    assert "CLAUDE_CODE_MAX_OUTPUT_TOKENS" not in env
    assert claude_code.environment(LARGE, URL, {})["CLAUDE_CODE_ATTRIBUTION_HEADER"] == "0"


def test_p68_window_is_the_real_one_and_left_out_where_unknown() -> None:
    assert claude_code.environment(QWEN, URL, {})["CLAUDE_CODE_MAX_CONTEXT_TOKENS"] == "16384"
    assert "CLAUDE_CODE_MAX_CONTEXT_TOKENS" not in claude_code.environment(ModelFacts(name="x"), URL, {})


def test_p40_tools_are_searched_where_all_are_offered() -> None:
    assert claude_code.environment(LARGE, URL, {})["ENABLE_TOOL_SEARCH"] == "true"
    assert claude_code.environment(QWEN, URL, {})["ENABLE_TOOL_SEARCH"] == "false"


def test_local_models_get_no_title_request_and_no_token_reminder() -> None:
    local, remote = claude_code.environment(QWEN, URL, {}), claude_code.environment(LARGE, URL, {})
    for name in ("CLAUDE_CODE_DISABLE_TERMINAL_TITLE", "CLAUDE_CODE_TOTAL_TOKENS_REMINDER"):
        assert name in local
        assert name not in remote


def test_what_the_user_tuned_stays_what_routes_does_not() -> None:
    user = {
        "CLAUDE_CODE_MAX_OUTPUT_TOKENS": "100",
        "API_TIMEOUT_MS": "5",
        "CLAUDE_CODE_SUBAGENT_MODEL": "other",
        "ANTHROPIC_BASE_URL": "https://elsewhere",
    }
    env = claude_code.environment(QWEN, URL, user)
    assert "CLAUDE_CODE_MAX_OUTPUT_TOKENS" not in env
    assert "API_TIMEOUT_MS" not in env
    assert env["CLAUDE_CODE_SUBAGENT_MODEL"] == "qwen"
    assert env["ANTHROPIC_BASE_URL"] == URL


def test_a_switch_to_another_cloud_is_undone() -> None:
    assert claude_code.environment(QWEN, URL, {"CLAUDE_CODE_USE_BEDROCK": "1"})["CLAUDE_CODE_USE_BEDROCK"] == ""
    assert "CLAUDE_CODE_USE_BEDROCK" not in claude_code.environment(QWEN, URL, {})


def test_a_proxy_is_passed_by() -> None:
    user = {"HTTPS_PROXY": "http://proxy:3128", "NO_PROXY": "intranet"}
    assert claude_code.environment(QWEN, URL, user)["NO_PROXY"] == "intranet,127.0.0.1"


@pytest.mark.parametrize(
    ("window", "form"),
    [(None, "full"), (200_000, "full"), (32_000, "full"), (31_999, "few tools"), (16_384, "few tools"), (8192, "bare")],
)
def test_the_form_fits_the_window(window: int | None, form: str) -> None:
    assert claude_code.form(ModelFacts(name="x", window=window)) == form


def test_arguments_say_what_they_add() -> None:
    args, notes = claude_code.arguments(QWEN, ["-p", "hi"], {"ANTHROPIC_MODEL": "qwen"})
    assert args[:2] == ["--model", "qwen"]
    assert json.loads(args[args.index("--settings") + 1]) == {"env": {"ANTHROPIC_MODEL": "qwen"}}
    assert "--tools=Bash,Edit,Read,Write" in args
    assert args[-2:] == ["-p", "hi"]
    assert len(notes) == 1
    assert "16384" in notes[0]


def test_a_model_that_holds_even_less_runs_bare_and_says_it_has_no_tools() -> None:
    args, notes = claude_code.arguments(SMOL, [], {})
    assert "--bare" in args
    assert "cannot call tools" in notes[-1]


@pytest.mark.parametrize("own", [["--tools", "Read"], ["--tools=Read"], ["--bare"]])
def test_the_users_own_choice_of_tools_stays(own: list[str]) -> None:
    args, notes = claude_code.arguments(QWEN, own, {})
    assert [arg for arg in args if arg.startswith(("--tools", "--bare"))] == [own[0]]
    assert notes == ()


def test_the_users_own_model_and_settings_stay_and_are_mentioned() -> None:
    args, notes = claude_code.arguments(LARGE, ["--model", "y"], {})
    assert args.count("--model") == 1
    assert len(notes) == 1
    args, notes = claude_code.arguments(LARGE, ["--settings", "{}"], {})
    assert args.count("--settings") == 1
    assert len(notes) == 1


def test_p68_an_unknown_window_is_said_unless_the_user_knows_it() -> None:
    unknown = ModelFacts(name="lab/m")
    assert "lab/m" in claude_code.unknown_window(unknown, {})[0]
    assert claude_code.unknown_window(unknown, {"CLAUDE_CODE_MAX_CONTEXT_TOKENS": "65536"}) == ()
    for known in (SMOL, QWEN, CLAUDE):
        assert claude_code.unknown_window(known, {}) == ()


def test_permissions_are_never_skipped() -> None:
    for facts in (SMOL, QWEN, LARGE, CLAUDE):
        args, _ = claude_code.arguments(facts, [], claude_code.routing(facts, URL, {}))
        assert not [arg for arg in args if "dangerously" in arg]


def test_the_setup_says_all_of_it() -> None:
    session = Session(facts=ModelFacts(name="lab/m"), router="http://127.0.0.1:38080", args=("-p", "hi"))
    found = claude_code.setup(session)
    assert found.variables["ANTHROPIC_BASE_URL"] == URL
    assert found.arguments[-2:] == ("-p", "hi")
    assert "CLAUDE_CODE_MAX_CONTEXT_TOKENS" in found.notes[0]
    assert found.files == {}
