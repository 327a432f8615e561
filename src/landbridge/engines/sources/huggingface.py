"""A file of a Hugging Face repository. huggingface-hub knows the way there: tokens, mirrors (`HF_ENDPOINT`), moved
repositories, which file is meant by its hash. The bytes come by `url.py`, because its downloads can be resumed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from ...errors import ConfigFault, Garbled, GatewayError, Refused, Unreachable
from . import Fetched, Progress, Report
from .url import AGAIN, TIMEOUT, download

PREFERRED = ("Q4_K_M", "Q4_K_S", "Q4_0", "Q5_K_M", "Q8_0")
"""Quantisations taken where the source names none, best first."""
_SHA256 = re.compile(r"[0-9a-f]{64}")


def fetch(source: str, folder: Path, size: int | None, report: Report) -> Fetched:
    """The downloaded file in `folder`, with the hash the hub has for it."""
    repository, _, quantisation = source.removeprefix("hf:").partition(":")
    if repository.count("/") != 1:
        raise ConfigFault(f"'{source}' names no repository.", remedy="Write it like hf:org/repo or hf:org/repo:Q4_K_M.")
    from huggingface_hub import HfApi, get_hf_file_metadata, get_token, hf_hub_url

    with _plain_words(repository):
        hub = HfApi(endpoint=os.environ.get("HF_ENDPOINT") or None)
        # Not `list_repo_files`: it tries for half a minute in silence before it says that nobody is there.
        listed = hub.model_info(repository, timeout=TIMEOUT).siblings or []
        name = choose([file.rfilename for file in listed], repository, quantisation)
        address = hf_hub_url(repository, name, endpoint=hub.endpoint)
        meant = get_hf_file_metadata(address)
        token = get_token()
    report(Progress(0, meant.size if size is None else size, name))
    # A file that lies elsewhere has an address that is signed; the token is not for there.
    at_home = urlsplit(meant.location).netloc == urlsplit(address).netloc
    path = download(meant.location, folder, report, f"Bearer {token}" if token and at_home else "")
    sha256 = meant.etag if meant.etag and _SHA256.fullmatch(meant.etag) else ""
    return Fetched(path, sha256)


@contextmanager
def _plain_words(repository: str) -> Iterator[None]:
    """What the hub and its library say, in words that help."""
    from httpx2 import HTTPError
    from huggingface_hub.errors import GatedRepoError, HfHubHTTPError, HFValidationError, RepositoryNotFoundError

    try:
        yield
    except GatedRepoError as error:
        raise Refused(
            f"'{repository}' is only for those who have accepted its terms.",
            remedy=f"Accept them on the page of {repository}, then set HF_TOKEN.",
            origin="source",
        ) from error
    except RepositoryNotFoundError as error:
        raise Refused(
            f"There is no repository '{repository}', or it is not public.",
            remedy="Check its name; for a private one, set HF_TOKEN.",
            origin="source",
        ) from error
    except HFValidationError as error:
        raise ConfigFault(f"'{repository}' names no repository.", remedy="Write it like hf:org/repo.") from error
    except HfHubHTTPError as error:
        said = f"{error.response.status_code} {error.server_message or error.response.reason_phrase}".strip()
        raise _unreachable(repository, f"it answered {said}") from error
    except (HTTPError, OSError) as error:
        raise _unreachable(repository, next(iter(str(error).splitlines()), "") or type(error).__name__) from error
    except (ValueError, KeyError, TypeError) as error:  # the library builds on whatever was answered
        raise Garbled(
            f"What answers in place of Hugging Face does not speak as it does ({type(error).__name__}).",
            remedy="Check HF_ENDPOINT, and whether a proxy of your network wants a login.",
            origin="source",
        ) from error


def _unreachable(repository: str, reason: str) -> GatewayError:
    return Unreachable(
        f"Hugging Face could not be asked for '{repository}': {reason.rstrip('.')}.",
        remedy=f"Check the network. {AGAIN}",
        origin="source",
    )


def choose(files: list[str], repository: str, quantisation: str) -> str:
    """The file meant: by its whole name, else by a part of it. Raises `ConfigFault` that lists the choices."""
    whole = [file for file in files if file.endswith(".gguf") and "-of-" not in file and "mmproj" not in file.lower()]
    if not whole:
        raise ConfigFault(
            f"'{repository}' has no model in one GGUF file.", remedy="Choose a repository with GGUF files."
        )
    if quantisation in whole:
        return quantisation
    for each in (quantisation,) if quantisation else PREFERRED:
        fitting = [file for file in whole if each.lower() in file.lower()]
        if len(fitting) == 1:
            return fitting[0]
    if len(whole) == 1 and not quantisation:
        return whole[0]
    choices = ", ".join(sorted(file.rsplit("/", 1)[-1] for file in whole)[:12])
    several = not quantisation or any(quantisation.lower() in file.lower() for file in whole)
    raise ConfigFault(
        f"'{repository}' has {'several models' if several else 'no model'}"
        f"{f' for {quantisation}' if quantisation else ''}: {choices}.",
        remedy=f"Say which: hf:{repository}:Q4_K_M, for example.",
    )
