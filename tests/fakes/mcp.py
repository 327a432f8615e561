"""A small MCP server over stdio with one tool that writes a note: what an editor's bridge is to Claude Code.

`python -m tests.fakes.mcp FILE` answers JSON-RPC line by line (modelcontextprotocol.io, specification of 2025-06-18).
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

NOTE = {
    "name": "write_note",
    "description": "Write a note into the editor.",
    "inputSchema": {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]},
}


def answer(method: str, asked: dict[str, Any], file: Path) -> dict[str, Any]:
    """The result of one request."""
    match method:
        case "initialize":
            version = asked.get("protocolVersion", "2025-06-18")
            info = {"name": "editor", "version": "1"}
            return {"protocolVersion": version, "capabilities": {"tools": {}}, "serverInfo": info}
        case "tools/list":
            return {"tools": [NOTE]}
        case "tools/call":
            file.write_text(asked["arguments"]["text"])
            return {"content": [{"type": "text", "text": "written"}]}
    return {}


def main() -> None:
    """Answer until stdin ends."""
    for line in sys.stdin:
        request = json.loads(line)
        if "id" in request:
            result = answer(request["method"], request.get("params") or {}, Path(sys.argv[1]))
            print(json.dumps({"jsonrpc": "2.0", "id": request["id"], "result": result}), flush=True)


if __name__ == "__main__":
    main()
