"""An engine's output in any cut: the address it names, the reason it gives, and no more memory than allowed."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landbridge.engines.logs import MAX_LINE, MAX_LINES, Log

LOADING = b"""0.00.004.573 I srv          init: loading model
0.00.026.472 E llama_model_load: error loading model: tensor 'x' data is not within the file bounds
0.00.026.501 E llama_model_load_from_file_impl: failed to load model
0.00.026.891 E srv          init: exiting due to model loading error
"""
READY = b"0.00.463.266 I srv          init: listening on http://127.0.0.1:34033\n"


def read(data: bytes) -> Log:
    log = Log()
    log.feed(data)
    log.close()
    return log


@given(st.lists(st.integers(0, len(LOADING + READY)), max_size=8))
def test_any_cut_gives_the_same(cuts: list[int]) -> None:
    data, log = LOADING + READY, Log()
    edges = sorted({0, *cuts, len(data)})
    for start, end in itertools.pairwise(edges):
        log.feed(data[start:end])
    log.close()
    assert log.lines == read(data).lines
    assert log.url == "http://127.0.0.1:34033"


@pytest.mark.parametrize(
    "line",
    [
        b"main: server is listening on http://127.0.0.1:34033 - starting the main loop\n",
        b"listening on http://127.0.0.1:34033\n",
    ],
)
def test_the_address_in_other_words(line: bytes) -> None:
    assert read(line).url == "http://127.0.0.1:34033"


def test_the_first_address_counts_and_only_loopback() -> None:
    assert read(b"listening on http://10.0.0.1:80\n").url == ""
    assert read(READY + b"listening on http://127.0.0.1:1\n").url == "http://127.0.0.1:34033"


def test_two_threads_that_write_at_once_make_no_other_port() -> None:
    log = read(b"listening on http://127.0.0.1:340330.00.463.266 I srv          init: model loaded\n\n")
    assert log.url == ""
    log.feed(READY)
    assert log.url == "http://127.0.0.1:34033"


def test_the_reason_of_a_failed_load_is_its_first_error() -> None:
    reason = "llama_model_load: error loading model: tensor 'x' data is not within the file bounds"
    assert read(LOADING).first_error() == reason


def test_last_words_of_a_crash() -> None:
    assert (
        read(READY + b"ggml.c:12: GGML_ASSERT(a != b) failed\n").last_words() == "ggml.c:12: GGML_ASSERT(a != b) failed"
    )
    assert read(READY).last_words() == "srv init: listening on http://127.0.0.1:34033"
    assert read(b"").last_words() == ""


def test_a_chatty_engine_takes_bounded_memory() -> None:
    log = Log()
    for _ in range(1000):
        log.feed(b"x" * 5000 + b"\n" + b"y" * 100)
    assert len(log.lines) == MAX_LINES
    assert max(map(len, log.lines)) == MAX_LINE


def test_a_line_that_never_ends_is_taken_in_pieces() -> None:
    log = Log()
    for _ in range(5):
        log.feed(b"x" * (MAX_LINE // 2))
    log.feed(READY)
    assert len(log.lines) > 1
    assert "".join(log.lines).startswith("x" * MAX_LINE)
    assert log.url == "http://127.0.0.1:34033"


def test_the_last_line_may_have_no_end_and_empty_ones_say_nothing() -> None:
    assert read(b"\n\n  \nerror: half a li").lines == ("error: half a li",)


def test_bytes_that_are_no_text_are_shown_as_such() -> None:
    assert read(b"error: \xff\xfe\n").last_words() == "error: \ufffd\ufffd"
