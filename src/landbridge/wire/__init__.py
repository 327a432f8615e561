"""Dialects: the wire formats clients and providers speak, sans I/O.

Every dialect is one folder with the same files and the same names in them:

    types.py         flat msgspec Structs of the wire (unknown types never fail to decode)
    request.py       read_request(body) -> Request                 write_request(request, model, traits) -> Written
    response.py      read_response(body, new_id) -> Response       write_response(response) -> Written
    read_stream.py   StreamReader: feed(bytes) -> events           close() -> events
    write_stream.py  StreamWriter: feed(event) -> bytes            ping() / nudge() -> bytes
    errors.py        read_error(status, body, origin, retry_after) write_error(error) -> bytes

`dialects.py` is the table of them. Readers accept bytes cut anywhere; writers are pure functions of what they are fed.
Identifiers come in through `new_id(prefix) -> str`; nothing here reads a clock or draws random numbers.
"""
