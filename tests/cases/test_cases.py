"""Every golden case is read and written as its files say, in any cut; `python -m tests.regold` rewrites them."""

from __future__ import annotations

import pytest

from landbridge.neutral.events import Failed, check_grammar
from landbridge.neutral.response import collect
from landbridge.wire.dialects import DIALECTS, dialect
from tests.laws.machines import same

from .cases import ORIGIN, Case, cases, counting

every = pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)


def test_there_are_cases_of_every_dialect() -> None:
    assert {case.dialect for case in cases()} == set(DIALECTS)


@every
def test_a_case_says_where_it_is_from(case: Case) -> None:
    assert case.about.keys() == {"source", "date", "kind", "says"}
    assert case.about["kind"] in ("recorded", "written")


@every
def test_the_golden_files_hold(case: Case) -> None:
    assert case.made() == case.expected()


@every
def test_laws_1_2_hold_for_the_case(case: Case) -> None:
    stream = case.given("stream.sse") or b""
    events = case.events([stream])
    check_grammar(events)
    assert case.events(stream[at : at + 1] for at in range(len(stream))) == events


@every
def test_law_4_holds_where_the_case_has_both_answers(case: Case) -> None:
    stream, body = case.given("stream.sse"), case.given("response.json")
    if stream is None or body is None:
        return
    streamed = collect(case.events([stream]))
    whole = dialect(case.dialect).read_response(body, counting(), ORIGIN)
    same(streamed, whole)


@every
def test_law_8_holds_for_the_case(case: Case) -> None:
    stream = case.given("stream.sse") or b""
    for place in range(0, len(stream), 1 + len(stream) // 200):
        events = case.events([stream[:place]])
        check_grammar(events)
        assert place or isinstance(events[-1], Failed)
