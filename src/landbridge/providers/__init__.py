"""Providers as data: presets, limits, exceptions by name, and how a key is sent.

Adding a provider is a row in `providers.toml`, and perhaps a quirk.
"""
