"""Ollama's store on disk, as `ollama pull` leaves it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path


def put_ollama(
    store: Path,
    place: str,
    *,
    host: str = "registry.ollama.ai",
    manifests: str = "manifests",
    colons: bool = False,
    **layers: bytes,
) -> dict[str, Path]:
    """Put a model into `store`; `place` is `library/llama3.2/3b`. Gives the blobs by kind of layer."""
    blobs: dict[str, Path] = {}
    listed: list[dict[str, object]] = []
    (store / "blobs").mkdir(parents=True, exist_ok=True)
    for kind, data in layers.items():
        digest = hashlib.sha256(data).hexdigest()
        blobs[kind] = store / "blobs" / f"sha256{':' if colons else '-'}{digest}"
        blobs[kind].write_bytes(data)
        media = f"application/vnd.ollama.image.{kind}"
        listed.append({"mediaType": media, "digest": f"sha256:{digest}", "size": len(data)})
    config = {"mediaType": "application/vnd.docker.container.image.v1+json", "digest": f"sha256:{'0' * 64}", "size": 3}
    manifest = {
        "schemaVersion": 2,
        "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
        "config": config,
        "layers": listed,
    }
    path = store / manifests / host / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(manifest))
    return blobs
