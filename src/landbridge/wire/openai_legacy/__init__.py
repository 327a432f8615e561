"""The wire format of `POST /v1/completions`, which came before chat: a prompt is continued, and nobody takes turns.

Clients speak it, and so do engines and those providers that speak OpenAI's; no provider is configured as speaking it.
"""
