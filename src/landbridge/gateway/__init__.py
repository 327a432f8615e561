"""One request's way through landbridge: route, plan, guard, attempt, answer, record.

- *Call*: what a client sent, and the *Sink* its answer goes into (`call.py`).
- *World*: one generation of the settings, resolved: providers, names, targets (`world.py`).
- *Exchange*: the life of one call (`exchange.py`), which runs one *attempt* against one target (`attempt.py`).
- *Journal*: one record per exchange, written in batches away from the request path (`journal.py`).
"""
