"""Embeddings: what is asked for and what comes back, in one neutral form (`wish.py`), OpenAI's and Google's.

Texts in, vectors out: there are no turns, events or streams, so this is no dialect of its own. Each form has the same
four functions: `read_wish` and `write_wish`, `read_vectors` and `write_vectors`.
"""
