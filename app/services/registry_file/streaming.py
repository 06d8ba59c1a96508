"""Use case: everything that a registry knows goes out as lines, page by page."""

from collections.abc import Callable, Iterator

from app.dna.protocol import Protocol
from app.services.registry_file import lines
from app.store import entries, protocols
from app.store.bulk_pages import entry_page, model_page, owners
from app.store.database import Database, Session

# Rows of one transaction, and of one piece of the answer; answers hold some 100 kB each.
PAGE = 200

Progress = Callable[[str, int, int], None]


def chosen(session: Session, protocol: str | None) -> tuple[list[Protocol], int]:
    """The protocols of an export, that of a name or all, and the number of the last entry.

    Raises NotFoundError `no_such_protocol`.
    """
    found = protocols.every(session) if protocol is None else [protocols.get(session, protocol)]
    return found, entries.last_seq(session)


def registry_lines(
    database: Database, protocol: str | None = None, progress: Progress = lambda *_: None
) -> Iterator[bytes]:
    """Yield the lines of a registry file in pieces, each of whole lines.

    Of one protocol, or of all with every model, those without an entry too. Memory holds a page;
    no transaction stays open while a reader takes its time. Raises NotFoundError
    `no_such_protocol` before the first piece.
    """
    with database.read() as session:
        known, last = chosen(session, protocol)
    return _pieces(database, known, last, None if protocol is None else known[0].digest, progress)


def _pieces(
    database: Database, known: list[Protocol], last: int, digest: str | None, progress: Progress
) -> Iterator[bytes]:
    yield lines.header() + b"".join(map(lines.protocol_line, known))
    n_models = n_entries = 0
    if digest is None:
        for piece, count in _every_model(database):
            n_models += count
            yield piece
    after = 0
    while True:
        with database.read() as session:
            page = entry_page(session, after, last, PAGE, digest)
            found = [] if digest is None else owners(session, page)
        if not page:
            break
        n_models, n_entries = n_models + len(found), n_entries + len(page)
        after = page[-1].seq
        models = [lines.model_line(model, claims) for model, claims in found]
        yield b"".join([*models, *map(lines.entry_line, page)])
        progress("export", n_entries if digest else after, 0 if digest else last)
    yield lines.end(n_models, n_entries)


def _every_model(database: Database) -> Iterator[tuple[bytes, int]]:
    after = None
    while True:
        with database.read() as session:
            page = model_page(session, after, PAGE)
        if not page:
            return
        after = page[-1][0].id
        yield b"".join(lines.model_line(model, claims) for model, claims in page), len(page)
