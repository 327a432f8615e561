"""Web search and web fetch for models whose provider does not run them.

`web.py` has what the settings allow, `search.py` asks a service, `fetch.py` (with `addresses.py` and `page.py`) reads
pages of the public web, `runner.py` runs what one answer's model asks for, and `loop.py` asks the model again with what
came of it. What is pure of it stands in `wire/hosted/` and `wire/search/`.
"""
