"""Search services: a query to the request of each service, its answer to results. Pure.

A service is a module with `write_query` and `read_results`, and a row in `services.py`; what all of them share, and
what a result is, stands in `query.py`. No keys here: whoever sends the request adds its credential.
"""
