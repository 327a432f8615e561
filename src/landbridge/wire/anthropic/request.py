"""Requests of the Messages API, both ways."""

from .identifiers import tool_names
from .read_request import read_request
from .write_request import write_request

__all__ = ["read_request", "tool_names", "write_request"]
