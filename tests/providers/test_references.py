"""What settings refer to elsewhere: which references there are, what they give, why they give nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from landbridge.config import Config, ProviderSettings, SearchSettings
from landbridge.providers.credentials import AWS_FILE, FAILED, GOOGLE_FILE
from landbridge.providers.keychain import Keychain
from landbridge.providers.references import read, references

pytestmark = pytest.mark.io


def config(**providers: ProviderSettings) -> Config:
    return Config(providers=providers, search=SearchSettings(api_key="keyring:search"))


def test_only_what_is_referred_to_is_read() -> None:
    assert references(Config()) == set()
    assert references(Config(providers={"a": ProviderSettings(preset="openai", api_key="${A}")})) == set()
    found = config(
        a=ProviderSettings(preset="openai", api_key="keyring:a", headers={"x-a": "file:/h", "x-b": "plain"}),
        b=ProviderSettings(preset="vertex"),
        c=ProviderSettings(preset="bedrock"),
        d=ProviderSettings(preset="bedrock", api_key="${K}"),
        e=ProviderSettings(preset="unknown", auth="none"),
    )
    assert references(found) == {"keyring:a", "file:/h", "keyring:search", GOOGLE_FILE, AWS_FILE}


@pytest.mark.usefixtures("no_system_keychain")
def test_keychain_and_files(tmp_path: Path) -> None:
    Keychain(tmp_path, {}).set("work", "k-1")
    (tmp_path / "key").write_text("k-2\n")
    file, gone = f"file:{tmp_path / 'key'}", f"file:{tmp_path / 'gone'}"
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    found = read({"keyring:work", "keyring:none", file, gone, f"file:{tmp_path / 'binary'}"}, tmp_path, {})
    assert found.pop("keyring:work") == "k-1"
    assert found.pop(file) == "k-2\n"
    assert found.pop(gone + FAILED) == (
        f"the file of its key, {tmp_path / 'gone'}, cannot be read: No such file or directory"
    )
    assert "is no text" in found.pop(f"file:{tmp_path / 'binary'}{FAILED}")
    assert found == {}, "what is not there is not there"


@pytest.mark.usefixtures("locked_keychain")
def test_a_locked_keychain_is_a_reason(tmp_path: Path) -> None:
    found = read({"keyring:work"}, tmp_path, {})
    assert found == {
        f"keyring:work{FAILED}": "the system's keychain does not answer (Failed to unlock the collection!)"
    }


CREDENTIALS = """\
[default]
aws_access_key_id = AKIA1
aws_secret_access_key = s1

[work]
aws_access_key_id=AKIA2
aws_secret_access_key=s2
aws_session_token=t2

[half]
aws_access_key_id=AKIA3
"""


@pytest.mark.parametrize(
    ("profile", "keys"), [("", "AKIA1:s1"), ("work", "AKIA2:s2:t2"), ("half", None), ("none", None)]
)
def test_profiles_of_aws(tmp_path: Path, profile: str, keys: str | None) -> None:
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws" / "credentials").write_text(CREDENTIALS)
    env = {"HOME": str(tmp_path)} | ({"AWS_PROFILE": profile} if profile else {})
    assert read({AWS_FILE}, tmp_path, env).get(AWS_FILE) == keys


def test_files_of_aws_that_are_elsewhere_none_or_broken(tmp_path: Path) -> None:
    assert read({AWS_FILE}, tmp_path, {"HOME": str(tmp_path)}) == {}
    elsewhere = {"AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "c"), "HOME": str(tmp_path)}
    (tmp_path / "c").write_text(CREDENTIALS)
    assert read({AWS_FILE}, tmp_path, elsewhere) == {AWS_FILE: "AKIA1:s1"}
    (tmp_path / "c").write_text("no ini")
    assert "no INI file" in read({AWS_FILE}, tmp_path, elsewhere)[AWS_FILE + FAILED]


def test_googles_files_in_the_order_google_looks(tmp_path: Path) -> None:
    usual = tmp_path / ".config" / "gcloud" / "application_default_credentials.json"
    home = {"HOME": str(tmp_path)}
    assert read({GOOGLE_FILE}, tmp_path, home) == {}
    usual.parent.mkdir(parents=True)
    usual.write_text("{1}")
    assert read({GOOGLE_FILE}, tmp_path, home) == {GOOGLE_FILE: "{1}"}
    (tmp_path / "sa.json").write_text("{2}")
    named = {**home, "GOOGLE_APPLICATION_CREDENTIALS": str(tmp_path / "sa.json")}
    assert read({GOOGLE_FILE}, tmp_path, named) == {GOOGLE_FILE: "{2}"}
    gone = {**home, "GOOGLE_APPLICATION_CREDENTIALS": "/none"}
    assert "/none, cannot be read" in read({GOOGLE_FILE}, tmp_path, gone)[GOOGLE_FILE + FAILED]
