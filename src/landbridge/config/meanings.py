"""What each setting means: the texts under the fields of `schema.py` and `schema_models.py`.

Python forgets those texts, so they are read from the source, by the manual and by `landbridge config schema`; never
while the router runs.
"""

from __future__ import annotations

import ast
import inspect

from . import schema, schema_models


def meanings() -> dict[tuple[str, str], str]:
    """(Struct, field) -> the text under the field. Empty where the program comes without its source."""
    found: dict[tuple[str, str], str] = {}
    try:
        source = inspect.getsource(schema) + inspect.getsource(schema_models)
    except OSError:
        return found
    for node in ast.parse(source).body:
        if isinstance(node, ast.ClassDef):
            for field, below in zip(node.body, node.body[1:], strict=False):
                if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
                    found[node.name, field.target.id] = " ".join(_text(below).split())
    return found


def _text(node: ast.stmt) -> str:
    match node:
        case ast.Expr(value=ast.Constant(value=str(text))):
            return text
    return ""
