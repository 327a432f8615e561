"""Anthropic's Messages API, both ways (platform docs: `api/messages`, `build-with-claude/streaming`).

Block sources map one to one to neutral blocks. Signatures of other providers travel inside ours (`signatures.py`), so
that a client can send them back without anybody having to remember them.
"""
