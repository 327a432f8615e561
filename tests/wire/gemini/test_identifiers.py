"""Names of tools and ids of calls."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landbridge.wire.gemini.identifiers import MAX_NAME, own_id, read_name, write_name

LEGAL = re.compile(r"[A-Za-z_][A-Za-z0-9_.:-]{0,127}")


@pytest.mark.parametrize("name", ["Read", "_x", "mcp__git__log", "a.b:c-d", "f" * MAX_NAME])
def test_a_legal_name_stays(name: str) -> None:
    assert write_name(name) == name == read_name(name)


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("3d", "lbn_3d"),
        ("a b", "lbn_a.20.b"),
        ("-x", "lbn_-x"),
        ("도구", "lbn_.b3c4..ad6c."),
        ("lbn_x", "lbn_lbn_x"),
        ("lbh_x", "lbn_lbh_x"),
    ],
)
def test_any_other_comes_back(name: str, written: str) -> None:
    assert write_name(name) == written
    assert read_name(written) == name


def test_a_name_that_is_too_long_keeps_its_beginning() -> None:
    one, other = "x" * 200, "x" * 200 + "y"
    assert write_name(one).startswith("lbh_xxxx") and len(write_name(one)) == MAX_NAME
    assert write_name(one) != write_name(other)
    assert read_name(write_name(one)) == write_name(one), "it cannot come back, and is not taken for another"


@pytest.mark.parametrize("name", ["lbn_Read", "lbn_a.zz.b", "lbn_.110000.", "lbn_.41."])
def test_what_only_looks_written_stays(name: str) -> None:
    """`Read` is legal and would never have been written like that."""
    assert read_name(name) == name


@given(name=st.text(max_size=60), other=st.text(max_size=60))
def test_names_are_legal_distinct_and_come_back(name: str, other: str) -> None:
    written = write_name(name)
    assert LEGAL.fullmatch(written)
    assert read_name(written) == (written if written.startswith("lbh_") else name)
    assert (written == write_name(other)) == (name == other)


def test_gemini_cli_puts_the_name_before_the_id() -> None:
    assert own_id("read_file__call_1", "read_file") == "call_1"
    assert own_id("call_1", "read_file") == "call_1"
    assert own_id("read_file__", "read_file") == "read_file__"
