"""Identifiers are never used twice and hold only letters that every dialect allows."""

import re

from landbridge.gateway.ids import new_id


def test_ids() -> None:
    ids = {new_id("msg_") for _ in range(10_000)}
    assert len(ids) == 10_000
    assert all(re.fullmatch(r"msg_[0-9a-f]{24}", id) for id in ids)
    assert new_id("req_").startswith("req_")
