"""Write the generated documents anew (`python -m tests.redoc`); `test_docs.py` says when they are out of date."""

from __future__ import annotations

from pathlib import Path

from landbridge.cli.main import application

DOCS = Path(__file__).parent.parent / "docs"
NOTE = "<!-- Made by `just docs` from the command line itself; do not edit. -->\n\n"


def documents() -> dict[str, str]:
    """The generated documents by name."""
    reference = application().generate_docs(output_format="markdown")
    return {"cli.md": f"{NOTE}{reference.strip()}\n"}


if __name__ == "__main__":
    for name, text in documents().items():
        (DOCS / name).write_text(text)
        print(f"docs/{name}")
