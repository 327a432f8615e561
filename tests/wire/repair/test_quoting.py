"""Where a text is Markdown code."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landbridge.wire.repair.quoting import Quoting


def inside(text: str) -> bool:
    quoting = Quoting()
    quoting.read(text)
    return quoting.inside


@pytest.mark.parametrize(
    "text",
    [
        "`",
        "a `b",
        "``a ` b",
        "`a\nb",
        "```\n",
        "```json\nx",
        "  ```python\nx\n",
        "- item:\n    ```\n",
        "````\n```\n",
        "```\nx ```\n",
        "```\n``` x\n",
        "```\n`````\n`",
        "```\n``` `x",
        "a ```x",
        "```a``",
    ],
)
def test_in_code(text: str) -> None:
    assert inside(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "`a`",
        "``a ` b``",
        "`a\nb`",
        "an odd ` here\n\nnext paragraph",
        "an odd ` here\n  \nnext paragraph",
        "```\nx\n```\n",
        "```\nx\n  ```  \n",
        "```\nx\n````\n",
        "~ `a` ``b`` c",
        "```a``` b",
        "```a``` b\nc",
        "x ```a``` b",
    ],
)
def test_in_prose(text: str) -> None:
    assert not inside(text)


@given(text=st.text(alphabet="`` \n\nax"), data=st.data())
def test_any_cut_gives_the_same(text: str, data: st.DataObject) -> None:
    places = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=6)))
    quoting = Quoting()
    for start, end in zip([0, *places], [*places, len(text)], strict=True):
        quoting.read(text[start:end])
    assert quoting.inside == inside(text)


@given(text=st.text(alphabet="`` \n\nax"), plain=st.text(alphabet=" ax<[{"), rest=st.text(alphabet="`` \nx"))
def test_plain_text_changes_nothing_where_it_is_idle(text: str, plain: str, rest: str) -> None:
    quoting, other = Quoting(), Quoting()
    quoting.read(text)
    other.read(text)
    if quoting.idle:
        other.read(plain)
        quoting.read(rest)
        other.read(rest)
        assert (quoting.inside, quoting.idle) == (other.inside, other.idle)
