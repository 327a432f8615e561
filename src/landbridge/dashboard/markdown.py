"""Markdown of models as HTML: what they write is never HTML of its own, and nothing is loaded from elsewhere.

Tags are shown as they are written, pictures become links (a picture's address can carry away what was said), and
addresses that run something lead nowhere. A text that grows is made in chunks of whole blocks: those that are settled
are not made again, so that a long answer costs no more at its end than at its beginning.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from html import escape
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

CHUNK = 1500
"""Characters of whole blocks from which on a chunk is settled."""
COLOURED = 50_000
"""Characters of code that are coloured; what is longer is shown plain."""

_formatter = HtmlFormatter(nowrap=True)


class Growing:
    """A text that grows at its end, as chunks of HTML."""

    def __init__(self) -> None:
        self._settled: list[str] = []
        self._text = ""
        """What the settled chunks were made of."""

    def chunks(self, text: str) -> list[str]:
        """The HTML of all of it. Only what comes behind the settled chunks is made anew."""
        if not text.startswith(self._text):
            self._settled, self._text = [], ""
        rest = text[len(self._text) :]
        tokens = _parser().parse(rest)
        cut = _last_block(rest, tokens)
        if cut >= CHUNK:
            self._settled.append(html(rest[:cut]))
            self._text += rest[:cut]
            rest = rest[cut:]
            tokens = _parser().parse(rest)
        return [*self._settled, _render(tokens)] if rest.strip() else list(self._settled)


def html(text: str) -> str:
    """All of a text."""
    return _render(_parser().parse(text))


def _render(tokens: Sequence[Token]) -> str:
    parser = _parser()
    return str(parser.renderer.render(tokens, parser.options, {}))


def _last_block(text: str, tokens: Sequence[Token]) -> int:
    """Where the last block begins: blocks before it cannot change any more."""
    starts = [token.map[0] for token in tokens if token.level == 0 and token.nesting >= 0 and token.map]
    if len(starts) < 2:
        return 0
    at = 0
    for _line in range(starts[-1]):
        at = text.index("\n", at) + 1
    return at


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    parser.add_render_rule("image", _image)
    parser.add_render_rule("fence", _fence)
    parser.add_render_rule("code_block", _fence)
    return parser


def _image(renderer: RendererHTML, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    token = tokens[index]
    shown = renderer.renderInlineAsText(token.children, options, env) if token.children else ""
    address = str(token.attrs.get("src", ""))
    if not address.startswith(("http://", "https://")):
        return escape(shown)
    return f'<a href="{escape(address)}">{escape(shown or address)}</a>'


def _fence(renderer: RendererHTML, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    token = tokens[index]
    language = (token.info.split() or [""])[0]
    return (
        f'<div class="lb-fence"><div class="lb-fence-bar"><span>{escape(language)}</span></div>'
        f'<pre class="lb-fence-code"><code>{_coloured(token.content, language)}</code></pre></div>\n'
    )


@lru_cache(maxsize=256)
def _coloured(code: str, language: str) -> str:
    if not language or len(code) > COLOURED:
        return escape(code)
    try:
        lexer = get_lexer_by_name(language, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return escape(code)
    return str(highlight(code, lexer, _formatter))
