"""Which brokers are refused, and that no refusal repeats a password."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.broker.url import check
from app.errors import SetupError


@pytest.mark.parametrize(
    ("url", "scheme"),
    [
        ("redis://127.0.0.1:6379/0", "redis"),
        ("redis://localhost", "redis"),
        ("redis://[::1]:6379/3", "redis"),
        ("redis://:secret@redis:6379/0", "redis"),
        ("rediss://user:secret@10.0.0.5:6380/0", "rediss"),
        ("rediss://:secret@host:6380/0?ssl_ca_certs=/etc/ca.pem", "rediss"),
        ("amqp://user:secret@rabbit:5672/vhost", "amqp"),
        ("amqps://user:secret@rabbit//", "amqps"),
    ],
)
def test_brokers_that_are_taken(url: str, scheme: str) -> None:
    assert check(url) == scheme


@pytest.mark.parametrize(
    "url",
    [
        "redis://redis:6379/0",
        "redis://10.0.0.5",
        "redis://user@10.0.0.5:6379/0",
        "redis://:@redis:6379/0",
        "rediss://redis.example:6380/0",
        "redis://0.0.0.0:6379",
        "redis://[2001:db8::1]:6379/0",
        "redis://localhost.example.com/0",
    ],
)
def test_an_open_redis_that_others_reach_is_refused(url: str) -> None:
    with pytest.raises(SetupError, match="open_redis"):
        check(url)


@pytest.mark.parametrize(
    "url",
    [
        "sqs://key:secret@",
        "memory://",
        "filesystem://",
        "sqla+sqlite:////tmp/x",
        "redis+socket:///tmp/redis.sock",
        "sentinel://:secret@host:26379",
        "http://127.0.0.1",
        "127.0.0.1:6379",
        "redis",
        "redis://",
        "redis://:secret@",
        "redis://127.0.0.1:many/0",
        "redis://[::1/0",
        "redis://127.0.0.1:6379/0;redis://10.0.0.5:6379/0",
        "redis://127.0.0.1,10.0.0.5:6379/0",
        "redis://127.0.0.1/0?hostname=10.0.0.5",
        "redis://127.0.0.1/0?credential_provider=os.system",
    ],
)
def test_what_is_no_broker_of_ours_is_refused(url: str) -> None:
    with pytest.raises(SetupError, match="bad_broker_url"):
        check(url)


@given(
    st.sampled_from(["redis", "sqs", "amqp", "http", ""]),
    st.text("abcXYZ019@:/;,?#[]%", min_size=1),
)
def test_no_refusal_repeats_the_url(scheme: str, rest: str) -> None:
    said = ""
    try:
        check(f"{scheme}://:canary{rest}")
    except SetupError as error:
        said = f"{error} {error.__cause__}"
    assert "canary" not in said
