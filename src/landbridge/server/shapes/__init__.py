"""The shapes of what clients send and get, for the description of the API (`server/openapi.py`) alone.

They name what landbridge reads and writes. Readers do not use them: a field or a type nobody knows is never an error
there, and what is opaque stays raw. That both agree is tested (`tests/server/test_openapi.py`).
"""
