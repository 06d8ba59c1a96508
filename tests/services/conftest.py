"""Fixtures: `database` is one that stands for many tests and is empty at the start of each."""

from tests.store.emptied import database, standing_database

__all__ = ["database", "standing_database"]
