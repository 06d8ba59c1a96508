"""Which addresses an endpoint may have."""

from httpx2 import URL, InvalidURL

from app.errors import InputError
from app.loopback import is_loopback


def check_url(text: str, *, plain_http: bool = False) -> str:
    """Return the base URL of an API without a slash at its end; InputError `bad_url`.

    A key and answers travel on it, so it is https, or http to this machine alone unless
    `plain_http`. It holds no credentials: they would be shown wherever the URL is.
    """
    try:
        url = URL(text)
    except InvalidURL as error:
        raise _bad("is no URL, such as https://api.example/v1") from error
    if url.scheme not in ("http", "https") or not url.host:
        raise _bad("must begin with https:// or http:// and name a host")
    if url.userinfo:
        raise _bad("holds a user or password: hand the key in with --key-stdin")
    if url.query or url.fragment:
        raise _bad("must end with its path: leave ? and # out")
    if url.scheme == "http" and not plain_http and not is_loopback(url.host):
        raise _bad("would send the key unencrypted: use https://, or say --plain-http")
    return str(url).rstrip("/")


def _bad(why: str) -> InputError:
    return InputError("bad_url", f"The URL {why}.")
