"""OpenAI's Responses dialect: items in, items out, streamed as typed events with sequence numbers.

Tools come in namespaces and of a custom kind (`names.py`), reasoning is replayed by its ciphertext (`signatures.py`),
and what only this dialect knows (hosted calls, computer use, compaction) travels as opaque blocks.
"""
