"""The Hugging Face hub's wire format on a `Web`: what a repository has, where its files lie, and the search.

Large files answer with a redirect to another server, as the true hub does: `X-Linked-Size`, `X-Linked-ETag` (the sha256
of Git LFS), `X-Repo-Commit`, and an address that is signed. Small ones come from the hub itself.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from .web import Web

SMALL = 100
"""Bytes up to which a file is kept in git itself."""


def commit_of(files: Mapping[str, bytes]) -> str:
    """The name of a state of the repository."""
    return hashlib.sha1(repr(sorted(files.items())).encode()).hexdigest()


def put_repository(
    web: Web,
    repository: str,
    files: Mapping[str, bytes],
    *,
    cdn: Web | None = None,
    revision: str = "main",
    about: Mapping[str, Any] = {},
    **how: Any,
) -> None:
    """Serve a repository; with `cdn` its large files lie there. `how` is for the files themselves."""
    commit = commit_of(files)
    listed = [_sibling(name, data) for name, data in files.items()]
    said: dict[str, Any] = {
        "_id": "621ffdc036468d709f174328",
        "id": repository,
        "modelId": repository,
        "sha": commit,
        "private": False,
        "gated": False,
        "disabled": False,
        "lastModified": "2026-05-04T10:20:30.000Z",
        "createdAt": "2026-01-02T03:04:05.000Z",
        "downloads": 1234,
        "likes": 56,
        "tags": ["gguf", "conversational"],
        "siblings": listed,
        **about,
    }
    body = json.dumps(said).encode()
    base = f"/api/models/{repository}"
    for path in ([base] if revision == "main" else []) + [f"{base}/revision/{each}" for each in (revision, commit)]:
        web.put(path, body, kind="application/json")
    tree = [
        {"type": "file", "path": each["rfilename"], "size": each["size"], "oid": each["blobId"]}
        | ({"lfs": {**each["lfs"], "oid": each["lfs"]["sha256"]}} if "lfs" in each else {})
        for each in listed
    ]
    web.put(f"{base}/tree/{revision}", json.dumps(tree).encode(), kind="application/json")
    for name, data in files.items():
        _put_file(web, repository, name, data, (revision, commit), cdn, **how)


def _sibling(name: str, data: bytes) -> dict[str, Any]:
    oid = hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()
    large = {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data), "pointerSize": 134}
    return {"rfilename": name, "size": len(data), "blobId": oid} | ({"lfs": large} if len(data) > SMALL else {})


def _put_file(
    web: Web, repository: str, name: str, data: bytes, revisions: tuple[str, str], cdn: Web | None, **how: Any
) -> None:
    digest = hashlib.sha256(data).hexdigest()
    meta = {"X-Repo-Commit": revisions[1], "X-Linked-Etag": f'"{digest}"', "X-Linked-Size": str(len(data))}
    for revision in revisions:
        path = f"/{repository}/resolve/{revision}/{name}"
        if cdn is not None and len(data) > SMALL:
            address = cdn.put(f"/repos/{digest}", data, **{"etag": f'"{digest[:32]}"', **how})
            signed = f"{address}?response-content-disposition=x&Expires=1&Signature=s"
            web.put(path, status=302, to=signed, headers=meta)
        else:
            web.put(path, data, **{"etag": f'"{digest}"', "headers": meta, **how})


def put_gated(web: Web, repository: str, file: str, token: str = "") -> None:
    """One must have accepted the terms: everybody may look, nobody may have the files."""
    headers = {"X-Error-Code": "GatedRepo", "X-Error-Message": f"Access to model {repository} is restricted."}
    for path in [path for path in web.files if path.startswith(f"/{repository}/resolve/") and path.endswith(file)]:
        web.put(path, status=403 if token else 401, headers=headers)


def put_search(web: Web, found: list[dict[str, Any]]) -> None:
    """Serve the search: words in names, those with the tag, in the order asked for."""

    def answer(query: dict[str, list[str]]) -> bytes:
        words = " ".join(query.get("search", [])).lower().split()
        tags = set(query.get("filter", []))
        fitting = [
            each
            for each in found
            if all(word in each["id"].lower() for word in words) and tags <= set(each.get("tags", ["gguf"]))
        ]
        for key in query.get("sort", []):
            fitting.sort(key=lambda each: -int(each.get(key, 0)))
        wanted = {"_id", "id", "modelId", *query.get("expand", [])}
        fitting = [{key: value for key, value in each.items() if key in wanted} for each in fitting]
        return json.dumps(fitting[: int(query.get("limit", ["1000"])[0])]).encode()

    web.put("/api/models", kind="application/json", asked_for=answer)
