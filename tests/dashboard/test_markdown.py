"""A model's Markdown becomes HTML that holds none of its own, and chunks of a growing text say what the whole says."""

from __future__ import annotations

import pytest

from landbridge.dashboard.markdown import CHUNK, COLOURED, Growing, html

LONG = (
    "# Title\n\n"
    + "".join(f"Paragraph {number} has *some* words that say `little`.\n\n" for number in range(80))
    + "- one\n- two\n\n  still two\n- three\n\n"
    + "```python\nprint(1)\n\n# a comment\n\nprint(2)\n```\n\n"
    + "".join(f"{number}. item\n" for number in range(1, 60))
    + "\n| a | b |\n| --- | --- |\n| 1 | 2 |\n\n> quoted\nlazily\n\nThe end.\n"
)


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("*a* **b** `c<d`", "<p><em>a</em> <strong>b</strong> <code>c&lt;d</code></p>\n"),
        ("<b onclick=x>y</b>", "<p>&lt;b onclick=x&gt;y&lt;/b&gt;</p>\n"),
        ("<script>\nx\n</script>", "<p>&lt;script&gt;\nx\n&lt;/script&gt;</p>\n"),
        ("[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>\n"),
        ("![cat](https://e.org/c.png)", '<p><a href="https://e.org/c.png">cat</a></p>\n'),
        ("![](https://e.org/c.png)", '<p><a href="https://e.org/c.png">https://e.org/c.png</a></p>\n'),
        ("![cat](data:image/png;base64,AA)", "<p>cat</p>\n"),
        ("~~a~~", "<p><s>a</s></p>\n"),
    ],
)
def test_what_becomes_of_it(text: str, made: str) -> None:
    assert html(text) == made


def test_code_has_its_language_and_colours() -> None:
    made = html("```python\nif a < b:\n    pass\n```")
    assert "<span>python</span>" in made
    assert '<span class="k">if</span>' in made
    assert "&lt;" in made and "a < b" not in made


@pytest.mark.parametrize("language", ["", "no-such-thing", '"><img src=x>'])
def test_unknown_languages_are_plain(language: str) -> None:
    made = html(f"```{language}\n<b>&\n```")
    assert "<code>&lt;b&gt;&amp;\n</code>" in made
    assert "<img" not in made


def test_very_long_code_is_plain() -> None:
    assert '<span class="k">' not in html("```python\n" + "if a: b\n" * (COLOURED // 8 + 1) + "```")


@pytest.mark.parametrize("step", [1, 7, 400])
def test_chunks_say_what_the_whole_says(step: int) -> None:
    growing = Growing()
    chunks: list[str] = []
    for end in range(step, len(LONG) + step, step):
        before = chunks
        chunks = growing.chunks(LONG[:end])
        settled = before[:-1]
        assert chunks[: len(settled)] == settled, "a settled chunk changed"
    assert "".join(chunks) == html(LONG)
    assert len(chunks) > 2


def test_a_long_text_at_once_says_the_same() -> None:
    assert "".join(Growing().chunks(LONG)) == html(LONG)


def test_only_the_last_block_is_made_again() -> None:
    growing = Growing()
    growing.chunks("word " * (CHUNK // 5) + "\n\n")
    assert len(growing.chunks("word " * (CHUNK // 5) + "\n\nNext")) == 2


def test_another_text_begins_anew() -> None:
    growing = Growing()
    growing.chunks(LONG)
    assert growing.chunks("Other") == ["<p>Other</p>\n"]
    assert growing.chunks("") == []
