"""Plain pages: whole documents, in the reader's language, with nothing in them that was not escaped."""

from __future__ import annotations

import pytest

from landbridge.dashboard.notice import Notice, closed, opened, refused


@pytest.mark.parametrize("notice", [refused(""), refused("ko", tried=True), closed("en", "x"), opened("ko")])
def test_each_is_a_document_without_scripts(notice: Notice) -> None:
    text = notice.body.decode()
    assert text.startswith("<!doctype html>") and text.rstrip().endswith("</html>")
    assert "<script" not in text and "{" not in text.partition("</style>")[2], "everything is filled in"


def test_what_to_do_is_said() -> None:
    assert b"<code>landbridge dashboard</code>" in refused("en").body and refused("en").status == 401


def test_faults_are_escaped() -> None:
    assert b"<b>" not in closed("en", "<b>x</b>").body and closed("en", "x").status == 503


def test_who_is_signed_in_goes_on() -> None:
    assert b'content="0;url=/"' in opened("en").body and b'href="/"' in opened("en").body
