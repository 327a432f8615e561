"""Requests of the Messages API, both ways."""

from .read_request import read_request
from .write_request import write_request

__all__ = ["read_request", "write_request"]
