"""Responses requests, both ways: `read_request` for clients, `write_request` for providers."""

from ..openai_chat.identifiers import tool_names
from .read_request import read_request
from .write_request import write_request

__all__ = ["read_request", "tool_names", "write_request"]
