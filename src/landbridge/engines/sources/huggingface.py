"""A file of a Hugging Face repository, by huggingface-hub: resume, tokens, mirrors (`HF_ENDPOINT`) are done there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ...errors import ConfigFault, Refused, Unreachable
from . import Progress, Report

PREFERRED = ("Q4_K_M", "Q4_K_S", "Q4_0", "Q5_K_M", "Q8_0")
"""Quantisations taken where the source names none, best first."""


def fetch(source: str, folder: Path, size: int | None, report: Report) -> Path:
    """The downloaded file in `folder`."""
    from huggingface_hub import HfApi, hf_hub_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError, RepositoryNotFoundError

    repository, _, quantisation = source.removeprefix("hf:").partition(":")
    if repository.count("/") != 1:
        raise ConfigFault(f"'{source}' names no repository.", remedy="Write it like hf:org/repo or hf:org/repo:Q4_K_M.")
    try:
        files = HfApi().list_repo_files(repository)
        name = choose([file for file in files if file.endswith(".gguf")], repository, quantisation)
        report(Progress(0, size, name))
        return Path(hf_hub_download(repository, name, local_dir=folder))
    except RepositoryNotFoundError as error:
        raise Refused(
            f"There is no repository '{repository}', or it is not public.",
            remedy="Check its name; for a private one, set HF_TOKEN.",
            origin="source",
        ) from error
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError) as error:
        first: Any = str(error).splitlines()[:1]
        raise Unreachable(
            f"Hugging Face could not be asked for '{repository}': {first[0] if first else type(error).__name__}",
            remedy="Check the network, then run the same command again: it goes on where it stopped.",
            origin="source",
        ) from error


def choose(files: list[str], repository: str, quantisation: str) -> str:
    """The file meant. Raises `ConfigFault` that lists the choices."""
    whole = [file for file in files if "-of-" not in file]
    if not whole:
        raise ConfigFault(
            f"'{repository}' has no model in one GGUF file.", remedy="Choose a repository with GGUF files."
        )
    wanted = (quantisation,) if quantisation else PREFERRED
    for each in wanted:
        fitting = [file for file in whole if each.lower() in file.lower()]
        if len(fitting) == 1:
            return fitting[0]
    if len(whole) == 1 and not quantisation:
        return whole[0]
    choices = ", ".join(sorted(file.rsplit("/", 1)[-1] for file in whole)[:12])
    raise ConfigFault(
        f"'{repository}' has several models{f' for {quantisation}' if quantisation else ''}: {choices}.",
        remedy=f"Say which: hf:{repository}:Q4_K_M, for example.",
    )
