"""Asking Hugging Face: what a repository has, where a file of it lies, which repositories there are.

huggingface-hub knows the way there: tokens (`HF_TOKEN`, `hf auth login`), mirrors (`HF_ENDPOINT`), moved repositories,
the hashes of files. It is imported when it is asked. Whatever it says is said again in words that help.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

from ...errors import ConfigFault, Garbled, GatewayError, Refused, Unreachable
from . import recorded
from .url import AGAIN, TIMEOUT
from .variants import HubFile

if TYPE_CHECKING:
    from huggingface_hub.errors import HfHubHTTPError

_SHA256 = re.compile(r"[0-9a-f]{64}")
SEARCHED = ("downloads", "likes", "lastModified", "siblings", "gguf", "gated")
"""What a search asks to be told of each repository."""


class Repository(Struct, frozen=True):
    """What the hub knows of a repository at one revision."""

    name: str
    commit: str
    files: tuple[HubFile, ...]
    parameters: int = 0
    """Weights of its GGUF model; 0 where the hub does not say it."""
    architecture: str = ""
    context_length: int = 0


class Place(Struct, frozen=True):
    """Where a file lies just now; the address may be signed and soon be of no use."""

    address: str
    authorization: str
    size: int | None
    sha256: str


class Hit(Struct, frozen=True):
    """A repository that a search found."""

    name: str
    downloads: int
    """Of the last month."""
    likes: int
    updated: str
    """Date and time; empty where the hub does not say it."""
    files: tuple[str, ...]
    parameters: int = 0
    gated: bool = False
    """Whether one must accept its terms."""


class _Sibling(Struct):
    rfilename: str


class _Gguf(Struct):
    total: int = 0


class _Found(Struct, rename="camel"):
    id: str
    downloads: int | None = 0
    likes: int | None = 0
    last_modified: str | None = ""
    siblings: list[_Sibling] | None = None
    gguf: _Gguf | None = None
    gated: bool | str | None = False


def look(repository: str, revision: str = "") -> Repository:
    """The files of a repository, their sizes and hashes. Raises `GatewayError` kinds that say what to do."""
    if repository.count("/") != 1:
        raise ConfigFault(
            f"'hf:{repository}' names no repository.", remedy="Write it like hf:org/repo or hf:org/repo:Q4_K_M."
        )
    _tell_nothing()
    from huggingface_hub import HfApi

    with plain_words(f"'{repository}'", repository, revision):
        # Not `list_repo_files`: it tries for half a minute in silence before it says that nobody is there.
        about = HfApi(endpoint=endpoint()).model_info(
            repository, revision=revision or None, timeout=TIMEOUT, files_metadata=True
        )
        files = tuple(
            HubFile(file.rfilename, file.size or 0, file.lfs.sha256 if file.lfs is not None else "")
            for file in about.siblings or ()
        )
        gguf = about.gguf if isinstance(about.gguf, dict) else {}
        return Repository(
            name=repository,
            commit=about.sha or revision or "main",
            files=files,
            parameters=_number(gguf.get("total")),
            architecture=str(gguf.get("architecture") or ""),
            context_length=_number(gguf.get("context_length")),
        )


def locate(repository: Repository, file: HubFile) -> Place:
    """Where a file lies. Raises `GatewayError` kinds."""
    _tell_nothing()
    from huggingface_hub import get_hf_file_metadata, get_token, hf_hub_url

    with plain_words(f"'{repository.name}'", repository.name):
        address = hf_hub_url(repository.name, file.name, revision=repository.commit, endpoint=endpoint())
        meant = get_hf_file_metadata(address, timeout=TIMEOUT)
        token = get_token()
    # A file that lies elsewhere has an address that is signed; the token is not for there.
    at_home = urlsplit(meant.location)[:2] == urlsplit(address)[:2]
    known = file.sha256 or (meant.etag if meant.etag and _SHA256.fullmatch(meant.etag) else "")
    return Place(meant.location, f"Bearer {token}" if token and at_home else "", meant.size, known)


def search(words: str, limit: int) -> list[Hit]:
    """Repositories with GGUF files, those most downloaded first. Raises `GatewayError` kinds."""
    _tell_nothing()
    from huggingface_hub import HfApi, get_session, get_token, hf_raise_for_status

    query: dict[str, str | int | Sequence[str]] = {"search": words, "filter": "gguf", "sort": "downloads"}
    query |= {"limit": limit, "expand": SEARCHED}
    with plain_words(f"'{words}'"):
        # Not `list_models`: it tries again and again in silence where nobody is there.
        address = f"{HfApi(endpoint=endpoint()).endpoint}/api/models"
        headers = {"user-agent": "landbridge"} | (
            {"authorization": f"Bearer {token}"} if (token := get_token()) else {}
        )
        answer = get_session().get(address, params=query, headers=headers, timeout=TIMEOUT)
        hf_raise_for_status(answer)
        found = msgspec.json.decode(answer.content, type=list[_Found])
    return [
        Hit(
            name=each.id,
            downloads=each.downloads or 0,
            likes=each.likes or 0,
            updated=each.last_modified or "",
            files=tuple(file.rfilename for file in each.siblings or ()),
            parameters=each.gguf.total if each.gguf is not None else 0,
            gated=bool(each.gated),
        )
        for each in found[:limit]
    ]


def _tell_nothing() -> None:
    """Before the library is imported: it would look what agent we run under, and tell the hub."""
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")


def endpoint() -> str | None:
    """Another hub than the usual one; read at each call, because the library reads it only once."""
    return os.environ.get("HF_ENDPOINT", "").rstrip("/") or None


@contextmanager
def plain_words(what: str, repository: str = "", revision: str = "") -> Iterator[None]:
    """What the hub and its library say, in words that help."""
    from httpx2 import HTTPError, InvalidURL
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError

    try:
        yield
    except HFValidationError as error:
        raise ConfigFault(f"'{repository}' names no repository.", remedy="Write it like hf:org/repo.") from error
    except HfHubHTTPError as error:
        raise _answered(error, what, repository, revision) from error
    except (HTTPError, OSError) as error:
        reason = next(iter(str(error).splitlines()), "") or type(error).__name__
        raise _unreachable(what, repository, reason) from error
    # The library builds on whatever was answered, and on whatever HF_ENDPOINT is.
    except (ValueError, KeyError, TypeError, AttributeError, InvalidURL) as error:
        raise Garbled(
            f"What answers in place of Hugging Face does not speak as it does ({type(error).__name__}).",
            remedy="Check HF_ENDPOINT, and whether a proxy of your network wants a login.",
            origin="source",
        ) from error


def _answered(error: HfHubHTTPError, what: str, repository: str, revision: str) -> GatewayError:
    """An answer that is an error."""
    from huggingface_hub import get_token
    from huggingface_hub.errors import (
        EntryNotFoundError,
        GatedRepoError,
        RepositoryNotFoundError,
        RevisionNotFoundError,
    )

    token = get_token()
    if isinstance(error, GatedRepoError):
        page = f"{recorded(endpoint() or 'https://huggingface.co')}/{repository}"
        way = "with the account your token is of" if token else "then set HF_TOKEN, or run: hf auth login"
        return _refused(
            f"'{repository}' is only for those who have accepted its terms.", f"Accept them at {page}, {way}."
        )
    if isinstance(error, RepositoryNotFoundError):
        return _refused(
            f"There is no repository '{repository}', or it is not public.",
            "Check its name ('landbridge models search' finds them); for a private one, set HF_TOKEN "
            "or run: hf auth login",
        )
    if isinstance(error, RevisionNotFoundError):
        return _refused(f"'{repository}' has no revision '{revision}'.", "Check what stands behind the @.")
    if isinstance(error, EntryNotFoundError):
        return _refused(f"A file of '{repository}' is not there any more.", "Run the same command again.")
    status = error.response.status_code
    said = f"{status} {error.server_message or error.response.reason_phrase}".strip()
    if status == 401:
        return _refused(
            f"Hugging Face does not know your token ({said}).", "Renew HF_TOKEN, or run: hf auth login", status
        )
    if status == 403:
        return _refused(
            f"Your token may not read {what} ({said}).", "Give it the right to read, or accept the terms.", 403
        )
    return _unreachable(what, repository, f"it answered {said}")


def _refused(message: str, remedy: str, status: int | None = None) -> Refused:
    return Refused(message, remedy=remedy, origin="source", status=status)


def _unreachable(what: str, repository: str, reason: str) -> GatewayError:
    """Where no repository is named, something was searched for: there is nothing to go on with."""
    return Unreachable(
        f"Hugging Face could not be asked for {what}: {reason.rstrip('.')}.",
        remedy=f"Check the network. {AGAIN if repository else 'Then search again.'}",
        origin="source",
    )


def _number(value: object) -> int:
    return value if isinstance(value, int) and value > 0 else 0
