"""Write the generated documents anew (`python -m tests.redoc`); `test_docs.py` says when they are out of date."""

from __future__ import annotations

import sys
from pathlib import Path
from unittest.mock import patch

from landbridge.cli.main import application
from tests.redoc_errors import errors_page
from tests.redoc_rules import rules_page
from tests.redoc_settings import settings_page
from tests.redoc_support import support_page
from tests.redoc_thinking import thinking_page

DOCS = Path(__file__).parent.parent / "docs"


def documents() -> dict[str, str]:
    """The generated documents by name."""
    with patch.object(sys, "argv", ["landbridge"]):  # else the text would name whatever runs here
        reference = application().generate_docs(output_format="markdown")
    return {
        "cli.md": page("the command line itself", reference),
        "settings.md": page("`src/landbridge/config/schema.py`", settings_page()),
        "errors.md": page("`src/landbridge/errors.py`", errors_page()),
        "conformance-rules.md": page("`src/landbridge/conformance/rules/`", rules_page()),
        "thinking.md": page("`tests/redoc_thinking.py`", thinking_page()),
        "support.md": page("`tests/redoc_requests.py` and `tests/redoc_answers.py`", support_page()),
    }


def page(source: str, text: str) -> str:
    """A document that says where it comes from."""
    return f"<!-- Made by `just docs` from {source}; do not edit. -->\n\n{text.strip()}\n"


if __name__ == "__main__":
    for name, text in documents().items():
        (DOCS / name).write_text(text)
        print(f"docs/{name}")
