"""Withdrawals over HTTP: nothing that is asked afterwards knows that the model was ever there."""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest
from starlette.testclient import TestClient

from app.records import Claim
from app.services.freezing import refresh_references
from app.store import models, schema
from app.store.database import Database
from tests import planted
from tests.api.conftest import make_app
from tests.api.test_problems import problem_of
from tests.store.making import add_strands, make_model

PROTOCOL = planted.LIKELIHOODS
N_FROZEN = 30
# Families of five models, each based on the first of its own.
OF = [*range(N_FROZEN), *[0, 0, 1, 1, 2, 2, 3, 3, 4, 4]]
COPIED = 34
ASKED = 0, 31
ID = re.compile(r"(mdl|ent|job)_[0-9a-z]{24}")


def fill(database: Database, seed: int, left_out: frozenset[int]) -> list[str]:
    """Models of families, without those that are left out; return their labels and the copy's.

    The reference is of the first ones, and the copy stands where its original does.
    """
    rng = np.random.default_rng(seed)
    strands = planted.likelihoods(rng, OF)
    labels = [f"m{seed}-{number}x" for number in range(len(OF))]
    for number, strand in enumerate(strands):
        if number == N_FROZEN:
            refresh_references(database)
        base = f"m{seed}-{OF[number]}x" if number >= N_FROZEN else ""
        copies = number == COPIED
        if copies and number in left_out:
            add_strands(database, PROTOCOL, strand[None], ["copy"], [base])
        elif number not in left_out:
            [entry] = add_strands(database, PROTOCOL, strand[None], [labels[number]], [base])
            if copies:
                with database.write() as session:
                    copy = make_model(session, "copy", entry.model_digest)
                    models.add_claims(session, copy.id, [Claim("declared_base", base, "submitter")])
    with database.write() as session:
        for number, label in enumerate(labels):
            if number not in left_out:
                model = models.find(session, label)
                date = Claim("released", f"2024-{number % 12 + 1:02}", "submitter")
                models.add_claims(session, model.id, [date])
    return labels


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Database]:
    """An empty embedded registry."""
    opened = Database(f"sqlite:///{tmp_path / 'other.db'}")
    schema.upgrade(opened)
    yield opened
    opened.close()


def refs(client: TestClient) -> dict[str, str]:
    """The refs of all models by id."""
    return {one["id"]: one["ref"] for one in client.get("/v1/models?limit=200").json()["data"]}


def said(client: TestClient, path: str, names: dict[str, str]) -> tuple[int, str]:
    """What is answered, without what the order of registration or the time decides."""
    response = client.get(path)
    text = ID.sub(lambda found: names.get(found[0], found[1]), response.text)
    text = re.sub(r'"(created_at|instance|digest)": ?"[^"]*"', "", text)
    text = re.sub(r'"seq":\d+', "", text)
    return response.status_code, text


def paths() -> list[str]:
    found = [
        *("/v1/models?limit=200", "/v1/protocols", "/v1/tree", "/v1/tree?format=newick"),
        *("/v1/graph", "/v1/rates", "/v1/tree?family={}-0x", "/v1/models?model=m-7"),
        *("/v1/relatives?model={}-31x&family={}-0x", "/v1/relatives?model={}-0x&family={}-2x"),
        "/v1/relatives?model={}-31x&released_before=2024-06",
    ]
    for number in ASKED:
        one = f"{{}}-{number}x"
        found += [f"/v1/{what}?model={one}" for what in ("relatives", "ancestors", "descendants")]
        found += [f"/v1/tree?around={one}&k=5", f"/v1/graph?around={one}"]
    return [*found, "/v1/export", "/v1/compare?a={}-0x&b={}-31x", "/v1/evidence?a={}-0x&b={}-31x"]


@pytest.mark.parametrize(("database", "seed"), [("postgresql", 1)], indirect=["database"])
def test_all_answers_are_as_if_it_had_never_been_there(
    database: Database, other: Database, tmp_path: Path, seed: int
) -> None:
    extra = [number for number in range(N_FROZEN, len(OF)) if number not in (*ASKED, COPIED)]
    rng = np.random.default_rng(seed)
    gone = frozenset({COPIED, *rng.choice(extra, 4, replace=False).tolist()})
    labels = fill(database, seed, frozenset())
    fill(other, seed, gone)
    with ExitStack() as stack:
        mine, its = (
            stack.enter_context(TestClient(make_app(one, tmp_path / name)))
            for one, name in ((database, "a"), (other, "b"))
        )
        known = {one["name"]: one for one in mine.get("/v1/models?limit=200").json()["data"]}
        asked = [path.replace("{}", f"m{seed}") for path in paths()]
        tags = [mine.get(path).headers.get("etag", "") for path in asked]
        for number in gone:
            address = f"/v1/models/{known[labels[number]]['id']}"
            withdrawn = mine.delete(address, params={"reason": "its answers were forged"})
            assert withdrawn.status_code == 200
            gone_now = problem_of(mine.get(address), 410, "model_withdrawn")
            assert "its answers were forged" in gone_now["detail"]
        names = refs(mine), refs(its)
        for path, tag in zip(asked, tags, strict=True):
            status, text = said(mine, path, names[0])
            assert (status, text) == said(its, path, names[1]), path
            assert not [labels[number] for number in gone if labels[number] in text], path
            fresh = mine.get(path, headers={"If-None-Match": tag}) if tag else None
            assert fresh is None or fresh.status_code == 200 or labels[0] not in fresh.text


def test_what_was_known_is_not_said_to_be_fresh(client: TestClient, model_ref: str) -> None:
    made = client.post("/v1/models", json={"model": model_ref}).json()
    address = f"/v1/models/{made['model']['id']}"
    known = [(path, client.get(path).headers["etag"]) for path in ("/v1/models", address)]
    for path, tag in known:
        assert client.get(path, headers={"If-None-Match": tag}).status_code == 304
    answer = client.delete(address, params={"reason": "a mistake"}).json()
    assert answer["model"] == {key: made["model"][key] for key in ("id", "name", "ref")}
    assert (answer["reason"], answer["jobs_cancelled"]) == ("a mistake", 1)
    assert [
        client.get(path, headers={"If-None-Match": tag}).status_code for path, tag in known
    ] == [
        200,
        410,
    ]
    job = client.get(f"/v1/jobs/{made['job']['id']}").json()
    assert (job["state"], job["model"]) == ("cancelled", None)
    refused = client.post("/v1/models", json={"model": model_ref})
    assert problem_of(refused, 409, "withdrawn")
    [one] = client.post("/v1/models:batch", json={"models": [{"model": model_ref}]}).json()[
        "results"
    ]
    assert one["problem"]["code"] == "withdrawn"
    again = client.delete(address, params={"reason": "another"}).json()
    assert (again["reason"], again["jobs_cancelled"]) == ("a mistake", 0)
    assert client.post("/v1/models:reinstate", params={"model": "tiny-model"}).status_code == 200
    assert client.get(address).status_code == 200
    assert client.post("/v1/models", json={"model": model_ref}).status_code == 202
    undone = client.post("/v1/models:reinstate", params={"model": "tiny-model"})
    assert problem_of(undone, 409, "not_withdrawn")


@pytest.mark.parametrize("reason", [None, "", "two\nlines", "x" * 301])
def test_a_reason_is_asked_for(client: TestClient, reason: str | None) -> None:
    query = {} if reason is None else {"reason": reason}
    assert client.delete("/v1/models/mdl_1", params=query).status_code == 422
    assert problem_of(client.delete("/v1/models/mdl_1?reason=x"), 404, "no_such_model")
