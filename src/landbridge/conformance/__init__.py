"""A test suite for gateways: any program that stands between agent clients and models.

It judges from outside, by what a client gets and by what an upstream gets, and knows nothing of how landbridge works.

    rule.py       what a rule is: requests, the script of the upstream, a judgement
    rules/        the rules, one table a subject
    faces/        the dialects a client can speak: requests, readings, stream grammars
    upstreams/    the dialects the suite's own upstream can speak
    client.py     sends a request and notes every piece of the answer, with its time
    upstream.py   the upstream: a small server whose every byte, pause and broken end a rule chooses
    run.py        runs rules side by side; report.py writes what came of them
"""
