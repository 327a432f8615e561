"""HTTP to providers and engines: pooled connections, true timeouts, cancellation that reaches the other end.

Library errors become ours at one border (`faults.py`); nothing above knows which HTTP library this is.
"""
