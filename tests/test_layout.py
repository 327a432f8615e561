"""Every source file has its test file at the same place under `tests/`, and no test file outlives its source."""

from __future__ import annotations

from pathlib import Path

import pytest

TESTS = Path(__file__).parent
SOURCE = TESTS.parent / "src" / "landbridge"

TESTED_ELSEWHERE: dict[str, str] = {
    "wire/written.py": "two values without behaviour; every writer's test makes them",
    "wire/anthropic/types.py": "the shapes are read and written by the tests of request, response and the streams",
    "wire/openai_chat/types.py": "as above",
    "wire/gemini/types.py": "as above",
    "wire/openai_responses/types.py": "as above",
    "server/shapes/anthropic.py": "values without behaviour; test_openapi.py lays real exchanges against them",
    "server/shapes/embeddings.py": "as above",
    "server/shapes/gemini.py": "as above",
    "server/shapes/openai_chat.py": "as above",
    "server/shapes/openai_legacy.py": "as above",
    "server/shapes/openai_responses.py": "as above",
    "server/shapes/shared.py": "as above",
    "wire/openai_legacy/types.py": "as above",
    "store/migrations/env.py": "run whenever a ledger is opened for the first time; store/test_upgrade.py",
    "store/migrations/versions/v0001_ledger.py": "as above; store/test_tables.py compares what it makes",
    "store/migrations/versions/v0002_conversations.py": "as above",
    "server/described.py": "a value without behaviour; test_openapi.py reads all there are",
    "server/works.py": "values without behaviour; every test of an admin module is handed them",
    "server/admins.py": "a list of modules; test_api.py at the top compares it with the manual",
}
"""Sources without a test file of their own, with the reason."""

WHOLE = {"fakes", "laws", "cases", "e2e"}
"""Folders of `tests/` that mirror nothing."""


def sources() -> list[str]:
    files = (path.relative_to(SOURCE) for path in sorted(SOURCE.rglob("*.py")))
    return [file.as_posix() for file in files if not file.name.startswith("__")]


def test_each_source_file_has_its_tests() -> None:
    paths = [Path(source) for source in sources() if source not in TESTED_ELSEWHERE]
    missing = [str(path) for path in paths if not any(file.exists() for file in places_of(path))]
    assert missing == []


def places_of(source: Path) -> list[Path]:
    """Where the tests of a source may be; pages are looked at in a browser, their parts with them."""
    name = f"test_{source.name}"
    found = [TESTS / source.parent / name]
    if source.parts[0] != "dashboard":
        return found
    page = f"test_{source.stem.partition('_')[0]}.py"
    return [*found, TESTS / "e2e/dashboard" / name, TESTS / "e2e/dashboard" / page]


@pytest.mark.parametrize("source", sorted(TESTED_ELSEWHERE))
def test_exceptions_are_still_needed(source: str) -> None:
    assert (SOURCE / source).exists()
    assert not (TESTS / source).with_name(f"test_{Path(source).name}").exists()


def test_each_test_file_has_its_source() -> None:
    found = [path.relative_to(TESTS) for path in TESTS.glob("*/**/test_*.py")]
    mirrored = [path for path in found if path.parts[0] not in WHOLE]
    # A source may have a second test file that says which side of it is tested: test_keeper_orphans.py.
    # What a package's `__init__` does is tested in its folder, under the package's name: sources/test_sources.py.
    packages = {Path(source).parent for source in sources()}
    names = {*sources(), *(f"{folder}/{folder.name}.py" for folder in packages)}
    stray = [
        path.as_posix()
        for path in mirrored
        if not any(_tests(path, source) for source in names if Path(source).parent == path.parent)
    ]
    assert stray == []


def _tests(test: Path, source: str) -> bool:
    stem = Path(source).stem
    return test.stem == f"test_{stem}" or test.stem.startswith(f"test_{stem}_")
