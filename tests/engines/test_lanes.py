"""Which lane a prompt gets, what is saved before, what is brought in; and that no two requests share a lane."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from landbridge.engines.chain import Chain, chain_of
from landbridge.engines.lanes import SHORT, WORTH, Choice, Lane, Lanes
from landbridge.wire.openai_chat.llamacpp import read_prompt

SYSTEM = "You are an agent. " * 300


def prompt(*texts: str) -> Chain:
    messages = [{"role": "user", "content": text} for text in texts]
    return chain_of(read_prompt(msgspec.json.encode({"messages": messages})))


def choose(lanes: Lanes, chain: Chain, who: str = "", offered: int = 0, *, cuts: bool = True) -> Choice:
    choice = lanes.choose(chain, who, offered, cuts=cuts)
    assert choice is not None
    return choice


def read(lanes: Lanes, chain: Chain, now: float, who: str = "") -> Lane:
    """A whole request."""
    lane = choose(lanes, chain, who).lane
    lanes.give_back(lane, now, chain, chain.size // 4, who)
    return lane


def save(lane: Lane) -> None:
    lane.changed, lane.saved = False, f"file{lane.number}"


def test_p79_each_conversation_goes_on_in_its_own_lane() -> None:
    lanes = Lanes(3)
    a, b, c = (read(lanes, prompt(SYSTEM, name), now) for now, name in enumerate("abc"))
    assert {a.number, b.number, c.number} == {0, 1, 2}
    for now, (name, lane) in enumerate([("b", b), ("a", a), ("c", c), ("a", a)]):
        assert read(lanes, prompt(SYSTEM, name, *["more"] * (now + 1)), 10 + now) is lane


def test_p79_what_a_new_conversation_shares_with_another_is_copied() -> None:
    lanes = Lanes(2)
    a = read(lanes, prompt(SYSTEM, "a"), 1)
    choice = choose(lanes, prompt(SYSTEM, "b"))
    assert choice.lane is not a
    assert choice.copy is a
    assert not choice.save
    assert not choice.bring


def test_what_is_saved_is_brought_in_where_no_lane_has_as_much() -> None:
    lanes = Lanes(2)
    long = prompt(SYSTEM, "a", "b")
    assert choose(lanes, long, offered=long.size).bring
    lanes = Lanes(2)
    read(lanes, prompt(SYSTEM), 1)
    choice = choose(lanes, prompt(SYSTEM, "x" * 1000, "b"), offered=prompt(SYSTEM, "x" * 1000).size)
    assert choice.bring
    assert choice.lane.number == 0, "what it holds is part of that"
    assert not choice.save


def test_little_is_not_worth_a_move() -> None:
    lanes = Lanes(2)
    assert not choose(lanes, prompt("hello"), offered=WORTH - 1).bring
    lanes = Lanes(1)
    read(lanes, prompt(SYSTEM), 1)
    assert choose(lanes, prompt(SYSTEM, "hello"), offered=prompt(SYSTEM, "hello").size).copy is None


def test_with_one_lane_what_it_holds_is_saved_before_it_is_lost() -> None:
    lanes = Lanes(1)
    read(lanes, prompt(SYSTEM, "a"), 1)
    choice = choose(lanes, prompt("something else " * 100))
    assert choice.save
    assert choice.copy is None


def test_what_is_saved_already_is_not_saved_again() -> None:
    lanes = Lanes(1)
    save(read(lanes, prompt(SYSTEM, "a"), 1))
    assert not choose(lanes, prompt("something else " * 100)).save


def test_what_is_lost_is_what_costs_least() -> None:
    lanes = Lanes(3)
    unsaved, saved, short = read(lanes, prompt(SYSTEM, "a"), 1), read(lanes, prompt("b" * 9000), 2), prompt("c" * 200)
    save(saved)
    small = read(lanes, short, 3)
    assert small.holds.size < SHORT
    order = [read(lanes, prompt(name * 9000), 4 + now) for now, name in enumerate("xyz")]
    assert order[0] is small, "a background caller's, though used last"
    save(small)
    assert order[1] is saved
    assert order[2] is unsaved


def test_among_the_same_the_one_used_longest_ago_goes() -> None:
    lanes = Lanes(2)
    first, second = read(lanes, prompt("a" * 9000), 1), read(lanes, prompt("b" * 9000), 2)
    assert read(lanes, prompt("a" * 9000, "more"), 3) is first
    assert choose(lanes, prompt("c" * 9000)).lane is second


def test_a_changed_history_keeps_the_lane_of_its_client() -> None:
    lanes = Lanes(2)
    mine = read(lanes, prompt(SYSTEM, "a", "reminder: 1"), 1, "session")
    choice = choose(lanes, prompt(SYSTEM, "a", "reminder: 2"), "session")
    assert choice.lane is mine
    assert not choice.save
    lanes.give_back(mine, 2, prompt(SYSTEM, "a", "reminder: 2"), 9, "session")
    other = choose(lanes, prompt(SYSTEM, "a", "reminder: 3"), "another")
    assert other.lane is not mine, "a conversation that shares much is not the same"
    assert other.copy is mine


def test_a_title_in_the_same_session_does_not_take_the_conversations_lane() -> None:
    lanes = Lanes(2)
    mine = read(lanes, prompt(SYSTEM, "a"), 1, "session")
    assert read(lanes, prompt("Make a title: a"), 2, "session") is not mine
    assert read(lanes, prompt(SYSTEM, "a", "b"), 3, "session") is mine


def test_a_client_that_comes_again_after_leaving_finds_what_was_read() -> None:
    lanes = Lanes(3)
    long = prompt(SYSTEM, "a" * 5000)
    begun = choose(lanes, long).lane
    lanes.give_back(begun, 1, long, None)
    assert not begun.worth_saving, "nobody knows how much of it was read"
    assert choose(lanes, long).lane is begun


def test_what_a_lane_held_before_its_client_left_is_still_known() -> None:
    lanes = Lanes(1)
    mine = read(lanes, prompt(SYSTEM, "a"), 1)
    assert choose(lanes, prompt(SYSTEM, "a", "b" * 5000)).lane is mine
    lanes.give_back(mine, 2, prompt(SYSTEM, "a", "b" * 5000), None)
    assert mine.holds == prompt(SYSTEM, "a")
    assert mine.worth_saving
    assert choose(lanes, prompt("another " * 999)).save


def test_p78_an_engine_that_cannot_go_back_is_only_given_wholes() -> None:
    lanes = Lanes(2)
    lane = read(lanes, prompt(SYSTEM, "a"), 1)
    assert choose(lanes, prompt(SYSTEM, "b"), cuts=False).copy is None
    assert choose(lanes, prompt(SYSTEM, "a", "b"), cuts=False).lane is lane


def test_p78_its_own_lane_is_a_conversations_all_the_same() -> None:
    lanes = Lanes(2)
    mine = read(lanes, prompt(SYSTEM, "a", "reminder: 1"), 1, "session")
    changed = prompt(SYSTEM, "a", "reminder: 2")
    choice = choose(lanes, changed, "session", prompt(SYSTEM).size, cuts=False)
    assert choice.lane is mine
    assert not choice.bring, "an engine with checkpoints goes back in it, and one without reads anew either way"


def test_idle_lanes_that_changed_are_due_the_oldest_first() -> None:
    lanes = Lanes(3)
    first, second = read(lanes, prompt("a" * 9000), 1), read(lanes, prompt("b" * 9000), 2)
    read(lanes, prompt("hi"), 0)
    assert lanes.unsaved(2) == [first, second]
    assert lanes.unsaved(1) == [first]
    save(first)
    choose(lanes, prompt("b" * 9000, "more"))
    assert lanes.unsaved(2) == [], "one is saved, one is busy, one is not worth it"


def test_what_is_known_of_a_prompt_is_the_most_any_lane_has() -> None:
    lanes = Lanes(2)
    read(lanes, prompt(SYSTEM), 1)
    assert lanes.knows(prompt(SYSTEM, "a")) == prompt(SYSTEM).size
    read(lanes, prompt(SYSTEM, "a"), 2)
    assert lanes.knows(prompt(SYSTEM, "a", "b")) == prompt(SYSTEM, "a").size
    assert lanes.knows(prompt("else")) == 0


@given(
    st.integers(1, 4),
    st.lists(st.tuples(st.integers(0, 5), st.booleans(), st.booleans(), st.sampled_from(["", "one", "two"]))),
)
def test_no_two_requests_have_one_lane_and_none_is_refused_while_one_is_free(
    count: int, steps: list[tuple[int, bool, bool, str]]
) -> None:
    lanes = Lanes(count)
    held: list[tuple[Lane, Chain, str]] = []
    for now, (name, leave, whole, who) in enumerate(steps):
        if leave and held:
            lane, chain, owner = held.pop(0)
            lanes.give_back(lane, now, chain, 5 if whole else None, owner)
            continue
        chain = prompt(SYSTEM[:4000], f"{name}" * 3000, *["more"] * (now % 3))
        choice = lanes.choose(chain, who, 4000 if whole else 0)
        assert (choice is None) == (len(held) == count)
        if choice is None:
            continue
        assert all(choice.lane is not lane for lane, _, _ in held)
        if choice.copy is not None:
            assert choice.copy is not choice.lane
            assert not choice.copy.busy, "an engine that writes cannot be copied from"
        assert not (choice.bring and choice.copy)
        held.append((choice.lane, chain, who))


@given(st.integers(1, 3), st.lists(st.integers(0, 3), min_size=1, max_size=30))
def test_taking_turns_nothing_is_read_twice(count: int, turns: list[int]) -> None:
    """A model of the engine: what each lane and each file really has. Whatever the order, only new bytes are read."""
    lanes = Lanes(count)
    files: list[Chain] = []
    said: dict[int, list[str]] = {}
    for now, conversation in enumerate(turns):
        texts = said.setdefault(conversation, [SYSTEM, f"I am {conversation}. " * 20])
        known = prompt(*texts[:-1]).size if len(texts) > 2 else (prompt(SYSTEM).size if now else 0)
        chain = prompt(*texts)
        best = max(files, key=lambda file: file.shared(chain), default=Chain())
        choice = choose(lanes, chain, offered=best.shared(chain))
        if choice.save:
            files.append(choice.lane.holds)
        has = choice.lane.holds
        if choice.bring:
            has = best
        elif choice.copy is not None:
            has = choice.copy.holds
        assert has.shared(chain) >= known - WORTH
        lanes.give_back(choice.lane, now, chain, 1)
        texts.append(f"turn {now} " * 30)
