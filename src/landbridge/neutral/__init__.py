"""The hub: requests, responses and stream events in a form no dialect owns.

Five words a reader needs:

- *Part*: a piece of a message (`Text`, `Image`, `ToolCall`, ...), in `parts.py`.
- *Request*: what a client asks for, in `request.py`. Wire layers read it from bytes and write it to bytes.
- *Event*: a piece of a streamed answer, in `events.py`, whose docstring states the grammar every stream follows.
- *Blocks*: the machine in `blocks.py` that turns loose fragments into that grammar.
- *Response*: a whole answer, in `response.py`; `collect` makes one from events.

A field enters here when two dialects have it. What only one dialect has travels as `extras` or `Opaque`, as raw JSON.
Nothing here does I/O, looks at a clock or draws random numbers.
"""
