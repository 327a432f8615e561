"""The queue is bounded in records and in bytes; what is lost is counted, and it is the oldest."""

from __future__ import annotations

import threading

from landbridge.store.bodies import Said
from landbridge.store.queue import Queue
from landbridge.store.record import Record


def record(number: int, size: int | None = None) -> Record:
    bodies = None if size is None else Said("anthropic", b"x" * size, size)
    return Record(id=f"req_{number}", dialect="anthropic", model="m", bodies=bodies)


def ids(records: list[Record]) -> list[str]:
    return [each.id for each in records]


def test_first_in_first_out() -> None:
    queue = Queue()
    queue.put([record(1), record(2)])
    queue.put([record(3)])
    assert len(queue) == 3
    assert ids(queue.take(2)) == ["req_1", "req_2"]
    assert ids(queue.take(2)) == ["req_3"]
    assert queue.take(2) == []


def test_too_many_lose_the_oldest() -> None:
    queue = Queue(capacity=2)
    queue.put([record(number) for number in range(5)])
    assert (queue.dropped, ids(queue.take(9))) == (3, ["req_3", "req_4"])


def test_bodies_find_room_or_are_left_out() -> None:
    queue = Queue(body_bytes=100)
    large, more = record(1, 100), record(2, 1)
    queue.put([large, more])
    assert large.bodies is not None
    assert more.bodies is None
    assert (queue.full_of_bodies, queue.without_bodies, len(queue)) == (True, 1, 2)
    queue.written(queue.take(2))
    assert not queue.full_of_bodies
    assert large.bodies is None, "the latest records are kept in memory, and their bodies are not"


def test_lost_records_give_their_room_back() -> None:
    queue = Queue(capacity=1, body_bytes=100)
    lost = record(1, 100)
    queue.put([lost])
    queue.put([record(2)])
    assert not queue.full_of_bodies
    assert lost.bodies is None


def test_two_threads_lose_nothing_and_get_nothing_twice() -> None:
    queue, got = Queue(capacity=100), list[str]()
    done = threading.Event()

    def take() -> None:
        while not done.is_set() or queue:
            got.extend(ids(queue.take(7)))

    thread = threading.Thread(target=take)
    thread.start()
    for number in range(3000):
        queue.put([record(number)])
    done.set()
    thread.join()
    assert len(got) + queue.dropped == 3000
    assert got == sorted(got, key=lambda each: int(each.removeprefix("req_")))
