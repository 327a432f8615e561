"""Responses that are kept, so that a client can go on from one by its id (`previous_response_id`) and look it up.

- *Entry*: one response, with the input it was asked with (`entry.py`).
- *Stored*: all of them, in memory at once and on the disk soon after (`shelf.py`, `disk.py`).
- *Resume*: the items of earlier responses, in front of a new request's input (`resume.py`).
- *Taps*: what passes by is kept, or who answered is noted (`taps.py`).
- *Endpoints*: what was kept is looked up, listed and deleted (`endpoints.py`).
"""
