"""What names mean: aliases, local models, providers, Claude's own names, and names that mean nothing."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from landbridge.errors import UnknownModel
from landbridge.routing.chain import Fork, Member
from landbridge.routing.names import MAX_ALIAS_STEPS, Aliases, Catalog, Route, best_pattern, discovery_ids, names
from landbridge.routing.names import resolve as find

CATALOG = Catalog(
    local=("smollm2", "qwen3:8b"),
    providers={
        "lab": ("m", "only-here", "org/deep:free"),
        "work": ("m", "gpt-4o", "claude-opus-4-6"),
        "new": None,
        "router": ("listed", "x/y"),
    },
    open=frozenset({"router"}),
    broken={"odd": "there is no preset 'opnai'."},
)


def resolve(name: str, catalog: Catalog, aliases: Aliases, default: str) -> Route:
    found = find(name, catalog, aliases, default)
    assert isinstance(found, Route)
    return found


def meaning(name: str, aliases: Mapping[str, str] | None = None, default: str = "smollm2") -> tuple[str | None, str]:
    route = resolve(name, CATALOG, aliases or {}, default)
    return route.provider, route.model


def refusal(name: str, aliases: Mapping[str, str] | None = None, default: str = "smollm2") -> UnknownModel:
    with pytest.raises(UnknownModel) as caught:
        resolve(name, CATALOG, aliases or {}, default)
    assert caught.value.status == 404
    return caught.value


@pytest.mark.parametrize(
    ("name", "means"),
    [
        ("smollm2", (None, "smollm2")),
        (" smollm2\n", (None, "smollm2")),
        ("local/smollm2", (None, "smollm2")),
        ("qwen3:8b", (None, "qwen3:8b")),
        ("lab/m", ("lab", "m")),
        ("lab/org/deep:free", ("lab", "org/deep:free")),
        ("only-here", ("lab", "only-here")),
        ("org/deep:free", ("lab", "org/deep:free")),
        ("gpt-4o", ("work", "gpt-4o")),
        ("claude-opus-4-6", ("work", "claude-opus-4-6")),
        ("new/anything/at:all", ("new", "anything/at:all")),
        ("router/listed:nitro", ("router", "listed:nitro")),
        ("smollm2[1m]", (None, "smollm2")),
        ("lab/m[1M]", ("lab", "m")),
        ("claude-opus-4-6[1m]", ("work", "claude-opus-4-6")),
        ("claude/smollm2", (None, "smollm2")),
        ("claude/local/smollm2", (None, "smollm2")),
        ("anthropic/local/smollm2", (None, "smollm2")),
        ("claude/lab/m", ("lab", "m")),
        ("claude/lab/m[1m]", ("lab", "m")),
        ("claude/new/x", ("new", "x")),
        ("", (None, "smollm2")),
        ("  ", (None, "smollm2")),
    ],
)
def test_names(name: str, means: tuple[str | None, str]) -> None:
    assert meaning(name) == means


def test_a_name_that_really_ends_with_the_mark_is_itself() -> None:
    catalog = Catalog(local=("m", "m[1m]"))
    assert resolve("m[1m]", catalog, {}, "").model == "m[1m]"


@pytest.mark.parametrize(
    ("name", "aliases", "means"),
    [
        ("fast", {"fast": "lab/m"}, ("lab", "m")),
        ("fast", {"fast": "faster", "faster": "smollm2"}, (None, "smollm2")),
        ("smollm2", {"smollm2": "lab/m"}, ("lab", "m")),
        ("smollm2", {"smollm2": "smollm2"}, (None, "smollm2")),
        ("lab/m", {"lab/m": "smollm2"}, (None, "smollm2")),
        ("lab/m", {"lab/*": "smollm2"}, ("lab", "m")),
        ("smollm2", {"*": "lab/m"}, (None, "smollm2")),
        ("anything", {"*": "lab/m"}, ("lab", "m")),
        ("claude-haiku-4-5", {"claude-*haiku*": "lab/m", "claude-*": "smollm2"}, ("lab", "m")),
        ("claude-sonnet-4-5", {"claude-*haiku*": "lab/m", "claude-*": "smollm2"}, (None, "smollm2")),
        ("Claude-Haiku-4-5", {"claude-*HAIKU*": "lab/m"}, ("lab", "m")),
        ("claude-haiku-4-5[1m]", {"claude-haiku-4-5": "lab/m"}, ("lab", "m")),
        ("claude-haiku-4-5[1m]", {"claude-*5": "lab/m"}, ("lab", "m")),
        ("claude-x[1m]", {"claude-x[1m]": "lab/m", "claude-x": "smollm2"}, ("lab", "m")),
        ("fast", {"fast": "lab/m[1m]"}, ("lab", "m")),
        ("claude-opus-4-6", {"claude-*": "smollm2"}, (None, "smollm2")),
        ("gpt-4o", {"gpt-*": "smollm2"}, (None, "smollm2")),
        ("work/gpt-4o", {"gpt-*": "smollm2"}, ("work", "gpt-4o")),
        ("claude/lab/m", {"claude*": "smollm2"}, ("lab", "m")),
        ("claude-a", {"claude-*": "claude-a"}, (None, "smollm2")),
    ],
)
def test_aliases(name: str, aliases: Mapping[str, str], means: tuple[str | None, str]) -> None:
    assert meaning(name, aliases) == means


@pytest.mark.parametrize(
    ("name", "patterns", "best"),
    [
        ("claude-3-5-haiku-20241022", ["*", "claude-*", "claude-*haiku*", "claude-3-5-*"], "claude-*haiku*"),
        ("claude-sonnet", ["*sonnet", "claude*"], "claude*"),
        ("claude-sonnet", ["claude-*net", "claude-s*et"], "claude-s*et"),
        ("abcd", ["ab*", "*ab*"], "ab*"),
        ("abcd", ["abc?", "abc*"], "abc?"),
        ("claude-son", ["claude-[opqrst]*", "claude-so*"], "claude-so*"),
        ("claude-son", ["claude-[!a]*", "claude-*"], "claude-[!a]*"),
        ("x", ["claude-*"], None),
        ("x", [], None),
    ],
)
def test_the_most_specific_pattern_wins(name: str, patterns: list[str], best: str | None) -> None:
    for order in (patterns, patterns[::-1]):
        assert best_pattern(name, dict.fromkeys(order, "m")) == best


def test_patterns_as_specific_as_each_other_go_by_the_file() -> None:
    assert best_pattern("abc", {"*b?": "x", "?b*": "y"}) == "*b?"
    assert best_pattern("abc", {"?b*": "y", "*b?": "x"}) == "?b*"


# -- Claude's names ----------------------------------------------------------------------------------------------------

TIERS = ("haiku", "sonnet", "opus", "fable")
versions = st.sampled_from(["3", "3-5", "3.7", "4", "4-1", "4-5", "5", "5-5"])
endings = st.sampled_from(["", "-latest", "-20241022", "-20260101", "@20251001", "-v1:0", "-20241022-v2:0", "-fast"])
prefixes = st.sampled_from(["", "anthropic/", "anthropic.", "us.anthropic.", "eu.anthropic.", "models/anthropic/"])


@st.composite
def claude_ids(draw: st.DrawFn) -> str:
    """Every form of id that Claude Code and the clouds have used."""
    tier, version = draw(st.sampled_from(TIERS)), draw(versions)
    body = draw(st.sampled_from([f"{version}-{tier}", f"{tier}-{version}", tier, version, f"{tier}-{version}-preview"]))
    mark = draw(st.sampled_from(["", "[1m]"]))
    return f"{draw(prefixes)}claude-{body}{draw(endings)}{mark}"


bare_tiers = st.sampled_from([*TIERS, "opusplan", "Opus", "sonnet[1m]"])


@given(claude_ids() | bare_tiers, st.sampled_from(["smollm2", "lab/m"]))
def test_p81_every_tier_and_dated_id_goes_to_the_default(name: str, default: str) -> None:
    expected = resolve(default, CATALOG, {}, "")
    route = resolve(name, CATALOG, {}, default)
    assert (route.provider, route.model) == (expected.provider, expected.model)
    assert "Claude name" in route.why


@given(claude_ids())
def test_p81_every_tier_and_dated_id_goes_to_the_alias(name: str) -> None:
    aliases = {"*claude-*": "lab/m", "*claude-*haiku*": "only-here"}
    assert meaning(name, aliases) == ("lab", "only-here" if "haiku" in name else "m")


@given(claude_ids())
def test_p81_a_claude_name_of_several_providers_goes_to_the_default(name: str) -> None:
    bare = name.rsplit("/", 1)[-1]
    catalog = Catalog(local=("smollm2",), providers={"a": (bare,), "b": (bare,)})
    assert resolve(bare, catalog, {}, "smollm2").model == "smollm2"


@pytest.mark.parametrize("name", ["lab/claude-opus-9", "claude/lab/claude-opus-9", "work/claude-opus"])
def test_who_names_the_provider_is_not_given_another_model(name: str) -> None:
    assert "There is no model" in refusal(name).message


@pytest.mark.parametrize("name", ["[1m]", "claudette", "my-claude-clone", "claude/smollm3", "opus-2", "xhaiku"])
def test_other_names_are_no_claude_names(name: str) -> None:
    refusal(name)


def test_a_default_that_is_not_here_is_said() -> None:
    error = refusal("claude-opus-9", default="qwen9")
    assert error.message == (
        "The default model 'qwen9' is not here ('claude-opus-9' is a Claude name nothing else matches)."
    )
    assert "landbridge models pull qwen9" in error.remedy
    assert "pull" not in refusal("claude-opus-9", default="lab/n").remedy
    assert "There is no default model (the client named no model)" in refusal("", default="").message


@pytest.mark.parametrize(
    ("aliases", "default"),
    [
        ({"claude-a": "claude-b"}, "claude-a"),
        ({"claude-*": "claude-b"}, "claude-b"),
        ({"claude-*": "claude-b", "claude-b": "claude-c"}, "claude-c"),
        ({}, "claude-z"),
    ],
)
def test_a_default_that_is_a_claude_name_itself_ends(aliases: Mapping[str, str], default: str) -> None:
    refusal("claude-x", aliases, default)


# -- errors ------------------------------------------------------------------------------------------------------------


def test_an_unknown_name_gets_the_nearest_and_how_to_add_one() -> None:
    error = refusal("smolm2")
    assert error.message == "There is no model 'smolm2'."
    assert error.remedy.startswith("Did you mean smollm2?")
    for way in ("landbridge models pull NAME", "[providers.NAME]", "alias"):
        assert way in error.remedy
    assert "lab/only-here" in refusal("lab/only-her").remedy
    assert "my-alias" in refusal("my-alia", {"my-alias": "smollm2", "my-*x": "smollm2"}).remedy


def test_without_anything_near_all_are_named() -> None:
    assert "There are: smollm2, qwen3:8b, lab/m" in refusal("zzzzzzzz").remedy
    many = Catalog(local=tuple(f"model-{number}" for number in range(20)))
    with pytest.raises(UnknownModel, match="no model") as caught:
        resolve("zzzz", many, {}, "")
    assert "model-7 and more" in caught.value.remedy
    with pytest.raises(UnknownModel) as caught:
        resolve("zzzz", Catalog(), {}, "")
    assert "There are no models yet." in caught.value.remedy


def test_a_name_of_several_providers_asks_which() -> None:
    error = refusal("m")
    assert error.message == "Several providers have a model 'm'."
    assert error.remedy == "Say which: lab/m, work/m."


@pytest.mark.parametrize("name", ["odd/m", "claude/odd/m", "odd/claude-opus-5"])
def test_a_provider_that_cannot_work_says_why(name: str) -> None:
    assert refusal(name, {"*": "smollm2"}).message == "Provider 'odd' cannot be used: there is no preset 'opnai'."


@pytest.mark.parametrize("target", ["nowhere", "lab/nowhere"])
def test_an_alias_that_leads_nowhere_is_named(target: str) -> None:
    for aliases in ({"claude-*": target}, {"claude-x": "step", "step": target}):
        error = refusal("claude-x", aliases)
        assert f"There is no model '{target}'. The alias '" in error.message
        assert "leads there." in error.message


@pytest.mark.parametrize("length", [1, 2, 16])
def test_circles_end(length: int) -> None:
    aliases = {f"a{number}": f"a{(number + 1) % length}" for number in range(length)}
    if length == 1:
        aliases = {"a0": "b", "b*": "a0"}
    assert "lead in a circle" in refusal("a0", aliases).message


def test_a_long_way_is_no_circle() -> None:
    aliases = {f"a{number}": f"a{number + 1}" for number in range(MAX_ALIAS_STEPS - 1)}
    aliases[f"a{MAX_ALIAS_STEPS - 1}"] = "smollm2"
    assert meaning("a0", aliases) == (None, "smollm2")


def test_a_giant_name_costs_nothing_and_is_not_repeated() -> None:
    error = refusal("x" * 5_000_000)
    assert len(error.text) < 500


# -- what lists say ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "depends"),
    [
        ("smollm2", False),
        ("lab/m", False),
        ("new/x", False),
        ("fast", False),
        ("", False),
        ("gpt-4o", True),
        ("claude-opus-9", True),
        ("bare", True),
    ],
)
def test_routes_tell_whether_another_list_could_change_them(name: str, depends: bool) -> None:
    aliases = {"fast": "lab/m", "bare": "only-here"}
    assert resolve(name, CATALOG, aliases, "smollm2").by_lists is depends


def test_a_list_never_changes_what_a_full_name_means() -> None:
    before = Catalog(local=("smollm2",), providers={"lab": None}, open=frozenset({"lab"}))
    after = Catalog(local=("smollm2",), providers={"lab": ("a", "claude-x")}, open=frozenset({"lab"}))
    for name in ("lab/a", "lab/other", "lab/claude-y", "claude/lab/b"):
        assert resolve(name, before, {}, "smollm2") == resolve(name, after, {}, "smollm2")


# -- discovery ---------------------------------------------------------------------------------------------------------

words = st.sampled_from(["a", "b", "claude", "anthropic", "local", "claude-x", "a/b", "lab/a", "m[1m]", "local/a", "A"])
locals_ = st.sampled_from(["a", "b", "claude", "claude-x", "m[1m]", "lab", "A"])
catalogs = st.builds(
    Catalog,
    local=st.lists(locals_, unique=True, max_size=4).map(tuple),
    providers=st.dictionaries(
        st.sampled_from(["a", "lab", "claude", "anthropic", "work"]),
        st.lists(words, unique=True, max_size=4).map(tuple) | st.none(),
        max_size=4,
    ),
    open=st.frozensets(st.sampled_from(["a", "lab", "claude", "anthropic"])),
)


@given(catalogs)
def test_discovery_ids_pass_the_filter_and_lead_back(catalog: Catalog) -> None:
    offered = discovery_ids(catalog)
    assert len({id for id, _ in offered}) == len(offered)
    for id, title in offered:
        assert "claude" in id.lower()
        route = resolve(id, catalog, {}, "")
        assert route == resolve(title, catalog, {}, "")


@given(catalogs)
def test_every_model_is_discovered_but_for_names_that_imitate_the_forms(catalog: Catalog) -> None:
    assume(not {"claude", "anthropic"} & set(catalog.providers))
    assert [title for _, title in discovery_ids(catalog)] == list(dict.fromkeys(names(catalog)))


def test_discovery_ids() -> None:
    catalog = Catalog(local=("smollm2",), providers={"lab": ("m",), "work": ("claude-opus-5",), "new": None})
    assert discovery_ids(catalog) == [
        ("claude/smollm2", "smollm2"),
        ("claude/lab/m", "lab/m"),
        ("work/claude-opus-5", "work/claude-opus-5"),
    ]


@given(st.text(max_size=20), catalogs, st.dictionaries(words, words, max_size=3), words | st.just(""))
def test_any_name_is_a_route_or_our_error(name: str, catalog: Catalog, aliases: dict[str, str], default: str) -> None:
    try:
        route = resolve(name, catalog, aliases, default)
    except UnknownModel as error:
        assert error.remedy
        return
    assert isinstance(route, Route)
    assert route.model


# -- names that lead to several models ---------------------------------------------------------------------------------

FORK = Fork("fast", (Member("lab/m"), Member("smollm2")), why="alias fast")


@pytest.mark.parametrize(
    ("name", "aliases", "default"),
    [
        ("fast", {"fast": FORK}, ""),
        ("faster", {"faster": "fast", "fast": FORK}, ""),
        ("claude-opus-9", {"claude-*": FORK}, ""),
        ("claude-opus-9[1m]", {"claude-opus-9": FORK}, ""),
        ("claude-nothing", {"fast": FORK}, "fast"),
        ("", {"fast": FORK}, "fast"),
    ],
)
def test_a_fork_is_found_as_any_other_alias_is(name: str, aliases: Aliases, default: str) -> None:
    assert find(name, CATALOG, aliases, default) is FORK


def test_why_a_name_leads_where_it_does() -> None:
    aliases = {"fast": "faster", "faster": "smollm2", "claude-*": "lab/m"}
    assert resolve("fast", CATALOG, aliases, "").why == "alias faster"
    assert resolve("claude-x", CATALOG, aliases, "").why == "alias claude-*"
    assert resolve("lab/m", CATALOG, aliases, "").why == "a model of 'lab'"
    assert resolve("claude-x", CATALOG, {}, "smollm2").why.startswith("default model, as 'claude-x' is a Claude name")


def test_patterns_of_a_view_win_over_closer_ones_of_all() -> None:
    aliases = {"claude-*haiku*": "lab/m", "claude-*": "smollm2"}
    assert find("claude-haiku-4", CATALOG, aliases, "", first=frozenset({"claude-*"})) == Route(
        None, "smollm2", "alias claude-*"
    )


@pytest.mark.parametrize("name", ["anthropic/claude-opus-4", "eu.anthropic.claude-opus-4-1-v1:0", "Opus", "opusplan"])
def test_a_claude_name_that_no_alias_means_goes_to_its_tier(name: str) -> None:
    found = find(name, CATALOG, {}, "smollm2", tiers={"opus": "lab/m"})
    assert isinstance(found, Route)
    assert (found.label, found.why) == ("lab/m", "tier opus")
    assert find(name, CATALOG, {}, "smollm2", tiers={"opus": FORK}) is FORK
    assert resolve(name, CATALOG, {}, "smollm2").label == "smollm2"


def test_a_tier_takes_no_model_of_a_provider_and_says_where_it_leads_nowhere() -> None:
    tiers = {"opus": "nowhere"}
    with pytest.raises(UnknownModel, match="There is no model 'work/claude-opus-9'"):
        find("work/claude-opus-9", CATALOG, {}, "smollm2", tiers=tiers)
    with pytest.raises(UnknownModel, match="There is no model 'nowhere'"):
        find("opus", CATALOG, {}, "smollm2", tiers=tiers)
