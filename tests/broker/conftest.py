"""A Redis for each module, emptied for each test."""

from collections.abc import Iterator

import pytest
from redis import Redis as Client

from tests.brokers import Redis, own_redis


@pytest.fixture(scope="module")
def _redis() -> Iterator[Redis]:
    with own_redis() as redis:
        yield redis


@pytest.fixture
def redis(_redis: Redis) -> Redis:
    """An empty Redis of our own."""
    with Client.from_url(_redis.url) as client:
        client.flushall()
    return _redis
