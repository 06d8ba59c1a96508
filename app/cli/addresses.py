"""Addresses of services, as people write them and as programs need them."""

from httpx2 import URL, InvalidURL

from app.errors import InputError


def base_url(server: str) -> URL:
    """Return the URL of a server as people write it, `http://` or not; InputError `bad_url`."""
    try:
        url = URL(server if "://" in server else f"http://{server}")
    except InvalidURL:
        url = URL()
    if url.scheme not in ("http", "https") or not url.host:
        raise InputError("bad_url", f"{server!r} is no URL: say --server http://127.0.0.1:8321.")
    return url


def http_url(host: str, port: int) -> str:
    """Return the URL at which a listening address is reached."""
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
