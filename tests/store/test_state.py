from app.dna.protocol import reported_vectors
from app.store import protocols
from app.store.database import Database
from app.store.state import State


def test_a_write_gives_another_word(database: Database) -> None:
    state = State(database)
    words = [state.read()]
    for number in range(3):
        with database.write() as session:
            protocols.ensure(session, reported_vectors(f"p{number}", 3))
        words.append(state.read())
        if database.is_sqlite:  # others write to the server of the tests
            assert state.read() == words[-1]
    assert len(set(words)) == 4
    state.close()
    assert state.read()
    state.close()
