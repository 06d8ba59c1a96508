import pytest

from app.cli.addresses import base_url, http_url
from app.errors import InputError
from app.loopback import is_loopback


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "[::1]", "localhost"])
def test_loopback(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.0.1", "example.org", "", "127.0.0.1.x"])  # noqa: S104
def test_others_reach_all_else(host: str) -> None:
    assert not is_loopback(host)


@pytest.mark.parametrize("text", ["http://127.0.0.1:8321", "127.0.0.1:8321"])
def test_a_server_may_be_written_without_its_scheme(text: str) -> None:
    assert str(base_url(text)) == "http://127.0.0.1:8321"


@pytest.mark.parametrize("text", ["ftp://x", "http://", "://", "a b\x00"])
def test_what_is_no_url_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="bad_url"):
        base_url(text)


def test_addresses_become_urls() -> None:
    assert http_url("127.0.0.1", 80) == "http://127.0.0.1:80"
    assert http_url("::1", 80) == "http://[::1]:80"
