"""Which broker URLs are taken. Messages of a bad one are never shown: it may hold a password."""

from urllib.parse import parse_qsl, urlsplit

from app.errors import SetupError
from app.loopback import is_loopback

REDIS = ("redis", "rediss")
RABBITMQ = ("amqp", "amqps")
TLS = ("rediss", "amqps")


def check(url: str) -> str:
    """Return the scheme of a broker's URL.

    SetupError `bad_broker_url` for what is none, or of an unknown kind; `open_redis` for a Redis
    that others reach and that asks for no password: whoever reaches it could ring our bells, and
    read and write whatever else it holds.
    """
    try:
        parts = urlsplit(url)
        host, password, _ = parts.hostname or "", parts.password or "", parts.port
    except ValueError:  # a port that is no number, brackets that do not close
        raise _bad("is no URL") from None  # the reason repeats what stands in the port's place
    if parts.scheme not in REDIS + RABBITMQ:
        raise _bad("must begin with redis://, rediss://, amqp:// or amqps://")
    if not host or ";" in url or "," in parts.netloc:
        raise _bad("must name one host")
    if any(not name.startswith("ssl_") for name, _ in parse_qsl(parts.query)):
        raise _bad("may end with ?ssl_... only")
    if parts.scheme in REDIS and not password and not is_loopback(host):
        raise SetupError(
            "open_redis",
            "GENEBANK_BROKER_URL names a Redis that other machines reach, without a password: "
            "set one there (requirepass, or an ACL user) and in the URL, "
            "redis://:password@host:6379/0.",
        )
    return parts.scheme


def _bad(why: str) -> SetupError:
    return SetupError("bad_broker_url", f"GENEBANK_BROKER_URL {why}.")
