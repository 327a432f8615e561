"""Tables show every letter: brackets are no markup, long texts are broken instead of cut."""

from __future__ import annotations

import pytest

from landbridge.cli.tables import print_table


def test_a_table(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "30")
    print_table(
        ("NAME", "SIZE", "FROM"), [("a[red]", "7", "x" * 20), ("b", "123", "")], numbers=("SIZE",), last=("FROM",)
    )
    assert capsys.readouterr().out.splitlines() == [
        "NAME    SIZE  FROM            ",
        "a[red]     7  xxxxxxxxxxxxxxxx",
        "              xxxx            ",
        "b        123                  ",
    ]
