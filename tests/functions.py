"""What functions a module has, read without running it."""

from __future__ import annotations

import ast
from collections.abc import Iterator

Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(node: ast.AST) -> Iterator[Function]:
    """Those in `node`, at any depth. Only statements hold any: expressions, most of a tree, are not looked at."""
    for field in ("body", "orelse", "finalbody", "handlers", "cases"):
        for inner in getattr(node, field, ()):
            if isinstance(inner, Function):
                yield inner
            yield from functions(inner)
