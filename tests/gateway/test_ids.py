"""Identifiers are never used twice and hold only letters that every dialect allows."""

import re

from landbridge.gateway.ids import POOL, new_id, new_request_id


def test_ids() -> None:
    ids = {new_id("msg_") for _ in range(10_000)}
    assert len(ids) == 10_000
    assert all(re.fullmatch(r"msg_[0-9a-f]{24}", id) for id in ids)


def test_later_requests_have_greater_ids() -> None:
    ids = [new_request_id() for _ in range(POOL * 3)]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"req_[0-9a-f]{24}", id) for id in ids)
    moments = [int(id[4:16], 16) for id in ids]
    assert moments == sorted(moments)
