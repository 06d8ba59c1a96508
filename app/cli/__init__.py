"""The command line, `genebank`: one verb a file, all heavy imports inside the verbs."""

from app.cli.root import app, main

__all__ = ["app", "main"]
