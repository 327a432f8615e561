"""Which saved prompt serves a new one, and which must go."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from landbridge.engines.chain import Chain
from landbridge.engines.prompt_cache import Prompts, Saved


def chain(text: str) -> Chain:
    """A mark for each letter, which stands for all before it, too."""
    marks = tuple(text[: end + 1].encode() for end in range(len(text)))
    return Chain(marks, tuple(100 * (end + 1) for end in range(len(text))))


def saved(text: str, engine: str = "e", size: int = 10, used: float = 0, uses: int = 0, tokens: int = 0) -> Saved:
    return Saved(
        name=f"{engine}-{text}",
        engine=engine,
        model="m",
        chain=chain(text),
        tokens=tokens or len(text),
        bytes=size,
        crc=0,
        used=used,
        uses=uses,
    )


def names(found: list[Saved]) -> list[str]:
    return [each.name for each in found]


def test_the_one_with_the_longest_common_beginning_serves() -> None:
    prompts = Prompts([saved("sa"), saved("sabc"), saved("sx")])
    best = prompts.best("e", chain("sabd"), 99)
    assert best is not None
    assert (best[0].name, best[1]) == ("e-sabc", 300)


def test_of_the_same_use_the_shorter_file_serves() -> None:
    best = Prompts([saved("sabc", size=50), saved("sab", size=20)]).best("e", chain("sab"), 99)
    assert best is not None
    assert best[0].name == "e-sab"


def test_another_engines_or_too_long_a_one_serves_nobody() -> None:
    prompts = Prompts([saved("sab", engine="other"), saved("sab", tokens=4096)])
    assert prompts.best("e", chain("sab"), 4096) is None
    assert prompts.best("e", chain("sab"), 4097) is not None
    assert prompts.best("e", chain("x"), 4097) is None
    assert Prompts().best("e", chain("x"), 4097) is None


def test_p78_only_a_whole_beginning_serves_an_engine_that_cannot_go_back() -> None:
    prompts = Prompts([saved("sabc"), saved("s")])
    best = prompts.best("e", chain("sabd"), 99, cuts=False)
    assert best is not None
    assert best[0].name == "e-s"


def test_p78_that_an_engine_cannot_go_back_is_remembered() -> None:
    cannot = replace(saved("sab"), cuts=False)
    prompts = Prompts([saved("sa"), cannot, saved("s", engine="other")])
    assert not prompts.cuts("e")
    assert prompts.cuts("other")
    assert prompts.cuts("unknown")


def test_a_conversation_that_went_on_replaces_what_was_saved_of_it() -> None:
    prompts = Prompts([saved("sa", uses=3), saved("sa", engine="other"), saved("sx")])
    assert names(prompts.add(saved("sab"), 1000)) == ["e-sa"]
    kept = prompts.get("e-sab")
    assert kept is not None
    assert kept.uses == 3
    assert "e-sx" in prompts
    assert "other-sa" in prompts


def test_p78_where_an_engine_cannot_go_back_the_shorter_ones_stay() -> None:
    prompts = Prompts([saved("sa")])
    assert prompts.add(saved("sab"), 1000, cuts=False) == []
    assert "e-sa" in prompts


def test_those_used_longest_ago_go_first() -> None:
    prompts = Prompts([saved("a", used=3), saved("b", used=1), saved("c", used=2)])
    assert names(prompts.add(saved("d", used=4), 20)) == ["e-b", "e-c"]
    assert prompts.bytes == 20


def test_one_that_is_too_large_itself_goes_at_once() -> None:
    prompts = Prompts()
    assert names(prompts.add(saved("a", size=99), 20)) == ["e-a"]
    assert prompts.bytes == 0


def test_the_usual_one_is_that_which_was_wanted_most_and_then_last() -> None:
    prompts = Prompts([saved("a", used=5), saved("b", used=1, uses=2), saved("c", used=2, uses=2)])
    assert prompts.usual("e", 99) == prompts.get("e-c")
    prompts.touch("e-a", 9)
    for _ in range(2):
        prompts.touch("e-a", 9)
    assert prompts.usual("e", 99) == prompts.get("e-a")
    assert prompts.usual("other", 99) is None
    assert prompts.usual("e", 1) is None


def test_what_contains_all_of_it_is_found() -> None:
    prompts = Prompts([saved("sabc")])
    assert prompts.covers("e", chain("sab")) == prompts.get("e-sabc")
    assert prompts.covers("e", chain("sabd")) is None
    assert prompts.covers("other", chain("sab")) is None
    prompts.drop("e-sabc")
    prompts.drop("e-sabc")
    assert prompts.covers("e", chain("sab")) is None


@given(st.lists(st.tuples(st.text("abc", min_size=1, max_size=4), st.integers(1, 30)), max_size=30), st.integers(0, 60))
def test_they_are_never_more_than_the_limit_and_every_one_that_goes_is_told(
    given: list[tuple[str, int]], limit: int
) -> None:
    prompts, there = Prompts(), set[str]()
    for now, (text, size) in enumerate(given):
        new = saved(text, size=size, used=now)
        gone = names(prompts.add(new, limit))
        there = (there - set(gone)) | ({new.name} if new.name not in gone else set())
        assert prompts.bytes <= limit
        assert all(name in prompts for name in there)
        best = prompts.best("e", new.chain, 99)
        assert size > limit or (best is not None and best[1] == new.chain.size)
