"""Write the golden files of all cases anew (`python -m tests.regold [NAME ...]`); review the difference like code."""

from __future__ import annotations

import sys

from tests.cases.cases import Case, cases


def regold(case: Case) -> list[str]:
    """Bring one case up to date; the files that changed."""
    made, expected = case.made(), case.expected()
    for file in expected.keys() - made.keys():
        (case.path / file).unlink()
    for file, content in made.items():
        (case.path / file).write_bytes(content.encode())
    return sorted(file for file in made.keys() | expected.keys() if made.get(file) != expected.get(file))


def main(names: list[str]) -> None:
    """All cases, or those whose name holds one of `names`."""
    for case in cases():
        if not names or any(name in case.name for name in names):
            changed = regold(case)
            print(f"{case.name}: {', '.join(changed) or 'unchanged'}")


if __name__ == "__main__":
    main(sys.argv[1:])
