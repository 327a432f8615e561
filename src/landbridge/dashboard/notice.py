"""Plain pages for those who are not let in, and on the way in: no scripts, and nothing of the dashboard itself."""

from __future__ import annotations

from html import escape
from typing import NamedTuple

from .words import N_, chosen, translated

COMMAND = "landbridge dashboard"

PAGE = """\
<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width">{more}
<title>landbridge</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ font: 16px/1.6 system-ui, "Noto Sans KR", sans-serif; margin: 12vh auto 0; max-width: 34rem; padding: 0 20px; }}
h1 {{ font-size: 1.3rem; }}
code {{ font: 0.95em ui-monospace, monospace; background: #8883; border-radius: 4px; padding: 2px 6px; }}
</style>
</head>
<body><main><h1>{title}</h1>{text}</main></body>
</html>
"""


class Notice(NamedTuple):
    """An answer."""

    status: int
    body: bytes
    type: bytes = b"text/html; charset=utf-8"


def refused(accepted: str, *, tried: bool = False) -> Notice:
    """For who is not signed in; `tried`: by a link that does not open any more."""
    title = N_("This link does not open any more") if tried else N_("Sign in to landbridge")
    why = (
        N_("A link signs in once, and within ten minutes.")
        if tried
        else N_("This dashboard can be reached over the network, so a link is needed to look at it.")
    )
    how = N_("On the machine that landbridge runs on, {command} prints a new one. Open it in this browser.")
    return _notice(accepted, 401, title, why, how)


def closed(accepted: str, fault: str) -> Notice:
    """For who cannot be looked up."""
    return _notice(accepted, 503, N_("The router does not answer"), fault)


def opened(accepted: str) -> Notice:
    """For who is signed in by now. It leads on by itself: a redirect would come from the link's own page, if that was
    one of another site, and browsers keep a strict cookie from those."""
    language = chosen("auto", accepted)
    link = f'<p><a href="/">{escape(translated(language, N_("To the dashboard")))}</a></p>'
    title = escape(translated(language, N_("Signed in")))
    more = '<meta http-equiv="refresh" content="0;url=/">'
    return Notice(200, PAGE.format(language=language, title=title, text=link, more=more).encode())


def _notice(accepted: str, status: int, title: str, *texts: str) -> Notice:
    language = chosen("auto", accepted)
    said = (escape(translated(language, text)).replace("{command}", f"<code>{COMMAND}</code>") for text in texts)
    text = "".join(f"<p>{each}</p>" for each in said)
    whole = PAGE.format(language=language, title=escape(translated(language, title)), text=text, more="")
    return Notice(status, whole.encode())
