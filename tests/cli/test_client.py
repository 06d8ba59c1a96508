import json

import httpx2
import pytest

from app.cli.client import Client, connect
from app.cli.listening import listen
from app.errors import ConflictError, GenebankError, InputError, NotFoundError, SetupError
from app.phylo.annotated import Annotated
from app.phylo.formats import nested
from app.phylo.formats.newick import read


def client_of(response: httpx2.Response) -> Client:
    transport = httpx2.MockTransport(lambda _: response)
    return Client(httpx2.Client(transport=transport, base_url="http://x"), is_embedded=False)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, InputError),
        (404, NotFoundError),
        (409, ConflictError),
        (422, InputError),
        (503, SetupError),
    ],
)
def test_problems_become_the_errors_that_they_were(status: int, kind: type[GenebankError]) -> None:
    problem = {"code": "some_code", "detail": "Some detail.", "near": ["a", "b"]}
    with pytest.raises(kind) as raised:
        client_of(httpx2.Response(status, json=problem)).get("/v1/models")
    assert (raised.value.code, raised.value.detail) == ("some_code", "Some detail.")
    assert getattr(raised.value, "near", ("a", "b")) == ("a", "b")


@pytest.mark.parametrize("body", [b"<html>", b"[]", b'"x"', b"{}", b"null", b"\xff", b""])
@pytest.mark.parametrize("status", [302, 404, 500])
def test_a_stranger_that_refuses_is_told_from_genebank(status: int, body: bytes) -> None:
    with pytest.raises(SetupError, match="bad_answer"):
        client_of(httpx2.Response(status, content=body)).get("/v1/models")


@pytest.mark.parametrize("body", [b"<html>", b"[" * 200_000, b""])
def test_an_answer_that_is_no_json_is_an_error(body: bytes) -> None:
    answer = client_of(httpx2.Response(200, content=body)).get("/v1/models")
    with pytest.raises(SetupError, match="bad_answer"):
        _ = answer.data


def test_the_deepest_tree_can_be_read() -> None:
    tips = 2000
    comb = "(" * (tips - 1) + "t0:1" + "".join(f",t{n}:1):1" for n in range(1, tips)) + ";"
    body = f'{{"tree": {nested.write(Annotated(read(comb)))}}}'
    node = client_of(httpx2.Response(200, content=body)).get("/v1/tree").data["tree"]
    depth = 0
    while node["children"]:
        node, depth = node["children"][-1], depth + 1
    assert depth == tips - 1


def test_faults_of_a_request_are_said() -> None:
    faults = [{"pointer": "/query/state", "detail": "Not so."}]
    problem = {"code": "invalid_request", "detail": "See errors.", "errors": faults}
    with pytest.raises(InputError, match=r"/query/state: Not so\."):
        client_of(httpx2.Response(422, json=problem)).get("/v1/jobs")


def test_what_breaks_in_this_very_process_is_a_defect() -> None:
    transport = httpx2.MockTransport(lambda _: httpx2.Response(500, json={}))
    client = Client(httpx2.Client(transport=transport, base_url="http://x"), is_embedded=True)
    with pytest.raises(SetupError, match="GENEBANK_LOG_LEVEL=debug"):
        client.get("/v1/models")


def test_queries_leave_out_none_and_repeat_lists() -> None:
    asked: list[httpx2.URL] = []

    def remember(request: httpx2.Request) -> httpx2.Response:
        asked.append(request.url)
        return httpx2.Response(200, content="{}")

    transport = httpx2.MockTransport(remember)
    client = Client(httpx2.Client(transport=transport, base_url="http://x/gene"), is_embedded=False)
    client.get("/v1/tree", protocol=None, model=["a/b", "c&d"])
    assert [str(url) for url in asked] == ["http://x/gene/v1/tree?model=a%2Fb&model=c%26d"]


def test_nobody_there_is_said_with_the_url_and_the_remedy() -> None:
    with listen("127.0.0.1", 0) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    with connect(url) as client, pytest.raises(SetupError, match=r"genebank serve") as raised:
        client.get("/v1/models")
    assert raised.value.code == "no_server"
    assert url in raised.value.detail


def test_post_sends_json() -> None:
    def echo(request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(202, content=request.content)

    client = Client(
        httpx2.Client(transport=httpx2.MockTransport(echo), base_url="http://x"), is_embedded=True
    )
    assert client.post("/v1/models", {"model": "é"}).data == json.loads('{"model": "é"}')
