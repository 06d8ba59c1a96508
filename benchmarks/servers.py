"""A PostgreSQL server to measure on, and databases that are dropped afterwards."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from pydantic import Field
from pydantic_settings import BaseSettings
from sqlalchemy import make_url

from app.store import schema
from app.store.database import Database
from benchmarks.figures import say


class Surroundings(BaseSettings):
    """What the environment says of the server."""

    url: str = Field(
        default="postgresql://postgres@127.0.0.1:5432/postgres",
        validation_alias="GENEBANK_BENCH_POSTGRES",
    )


@contextmanager
def fresh_registry() -> Iterator[str | None]:
    """The URL of an empty registry, dropped afterwards; None, and a word, without a server."""
    server = Surroundings().url
    name = f"genebank_bench_{secrets.token_hex(6)}"
    try:
        connection = psycopg.connect(server, autocommit=True, connect_timeout=3)
    except psycopg.OperationalError:
        say(f"left out: no PostgreSQL answers at {server} (GENEBANK_BENCH_POSTGRES)")
        yield None
        return
    with connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")
        try:
            url = make_url(server).set(database=name).render_as_string(hide_password=False)
            database = Database(url)
            schema.upgrade(database)
            database.close()
            yield url
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
