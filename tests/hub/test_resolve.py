"""What a name means, asked of a real hub by HTTP."""

import json
import subprocess
import sys

import pytest

from app.errors import GenebankError
from app.hub.client import Hub as Client
from tests.tiny_model import write_model

GOOD, POOR = "good", "poor"
DISABLED = {"X-Error-Message": "Access to this resource is disabled."}


def client(hub, **other):
    return Client(hub.url, **{"token": "", "patience_s": 5.0, **other})


def refusal(hub, name="org/m", revision=None, **other):
    with pytest.raises(GenebankError) as error:
        client(hub, **other).resolve(name, revision)
    return error.value.code


def test_a_model_is_pinned_and_described(hub, tmp_path):
    tiny = write_model(tmp_path / "tiny", 1)
    card = {"license": "mit", "base_model": "org/base"}
    commit = hub.publish("org/tiny", tiny, cardData=card)
    model = client(hub).resolve("org/tiny")
    assert (model.name, model.commit) == ("org/tiny", commit)
    assert model.weight_bytes == (tiny / "model.safetensors").stat().st_size
    assert {file.path for file in model.files} == {path.name for path in tiny.iterdir()}
    assert [(claim.kind, claim.value, claim.source) for claim in model.claims] == [
        ("licence", "mit", "hub"),
        ("declared_base", "org/base", "hub"),
        ("released", "2024-05-06", "hub"),
    ]
    assert [asked.path for asked in hub.asked] == ["/api/models/org/tiny?blobs=true"]


def test_branches_tags_and_commits_are_revisions(hub, folder):
    first = hub.publish("org/m", folder, branch="refs/pr/1")
    (folder / "config.json").write_text('{"a": 1}')
    second = hub.publish("org/m", folder)
    asked = [client(hub).resolve("org/m", name).commit for name in ("refs/pr/1", "main", first)]
    assert asked == [first, second, first]


def test_a_name_is_spelt_as_the_hub_spells_it(hub, folder):
    commit = hub.publish("new/m", folder)
    hub.renamed["old"] = "new/m"
    model = client(hub).resolve("old")
    assert (model.name, model.commit) == ("new/m", commit)


@pytest.mark.parametrize("token", ["", GOOD])
def test_what_is_not_there_is_said_to_be_missing(hub, folder, token):
    hub.tokens = {GOOD}
    hub.publish("org/m", folder)
    hub.publish("org/secret", folder, private=True, readers=frozenset({"other"}))
    assert refusal(hub, "org/none", token=token) == "no_such_hub_model"
    assert refusal(hub, "org/secret", token=token) == "no_such_hub_model"
    assert refusal(hub, "org/m", "v2", token=token) == "no_such_revision"
    assert refusal(hub, "org/m", "0" * 40, token=token) == "no_such_revision"


def test_who_may_read_reads(hub, folder):
    hub.tokens = {GOOD, POOR}
    hub.publish("org/secret", folder, private=True, readers=frozenset({GOOD}))
    hub.publish("org/gated", folder, readers=frozenset({GOOD}))
    assert client(hub, token=GOOD).resolve("org/secret").name == "org/secret"
    assert client(hub, token=GOOD).resolve("org/gated").name == "org/gated"
    assert refusal(hub, "org/gated", token=POOR) == "gated"
    assert refusal(hub, "org/gated") == "gated"


def test_an_unknown_token_is_not_a_missing_model(hub, folder):
    hub.publish("org/m", folder)
    for token in ("old", "old\n", "öld", "o ld"):
        assert refusal(hub, token=token) == "hub_refused_token"


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ({"status": 403, "headers": DISABLED}, "disabled"),
        ({"status": 200, "body": b"<html>welcome</html>"}, "bad_hub_answer"),
        ({"status": 200, "body": b" " * (9 << 20)}, "bad_hub_answer"),
        ({"status": 418}, "bad_hub_answer"),
        (
            {"status": 302, "headers": {"Location": "/api/models/org/m"}, "times": 99},
            "bad_hub_answer",
        ),
        ({"status": 429, "headers": {"Retry-After": "600"}}, "hub_unavailable"),
        ({"status": 503, "body": "später".encode("latin-1"), "times": 99}, "hub_unavailable"),
    ],
)
def test_faults_have_codes(hub, folder, fault, code):
    hub.publish("org/m", folder)
    hub.fail("org/m", **fault)
    assert refusal(hub, patience_s=1.0) == code


@pytest.mark.parametrize(
    ("spoil", "limits", "code"),
    [
        (lambda folder: (folder / "model.safetensors").unlink(), {}, "not_a_model"),
        (
            lambda folder: (folder / "model.safetensors").rename(folder / "pytorch_model.bin"),
            {},
            "pickle_only",
        ),
        (lambda folder: None, {"max_weight_bytes": 1_000_000}, "too_large"),
        (lambda folder: None, {"max_files": 4}, "too_many_files"),
    ],
)
def test_models_are_refused_before_any_download(hub, folder, spoil, limits, code):
    spoil(folder)
    hub.publish("org/m", folder)
    assert refusal(hub, **limits) == code
    assert len(hub.asked) == 1


def test_trouble_that_passes_is_waited_for(hub, folder):
    hub.publish("org/m", folder)
    hub.fail("org/m", status=500)
    hub.fail("org/m", status=429, headers={"Retry-After": "0"})
    assert client(hub).resolve("org/m").name == "org/m"
    assert [asked.status for asked in hub.asked] == [500, 429, 200]


def test_an_endpoint_may_be_spelt_in_capitals(hub, folder):
    hub.publish("org/m", folder)
    port = hub.url.rpartition(":")[2]
    with pytest.raises(GenebankError, match="no_such_hub_model"):
        Client(f"http://LOCALHOST:{port}/", "").resolve("org/none")


def test_nobody_at_the_address_is_no_hub():
    unused = Client("http://127.0.0.1:9", "", patience_s=0.5)
    with pytest.raises(GenebankError, match="hub_unavailable"):
        unused.resolve("org/m")
    with pytest.raises(GenebankError, match="bad_hub_answer"):
        Client("huggingface.example", "").resolve("org/m")


def test_hostile_names_ask_nothing(hub):
    assert refusal(hub, "../../etc/passwd") == "bad_hub_name"
    assert refusal(hub, "org/m", "../../x") == "bad_hub_revision"
    assert hub.asked == []


RESOLVE = """
import json, sys
from app.hub.client import Hub
light = "huggingface_hub" not in sys.modules and "httpx2" not in sys.modules
model = Hub().resolve("org/m")
heavy = {"torch", "transformers", "huggingface_hub.hf_api", "hf_xet"} & set(sys.modules)
print(json.dumps([model.commit, light, sorted(heavy)]))
"""


def in_a_process(hub, tmp_path, code, **environment):
    env = {"HF_ENDPOINT": hub.url, "HF_HOME": str(tmp_path / "home"), **environment}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def test_the_operators_hub_and_token_count_and_nothing_else_is_asked(hub, folder, tmp_path):
    hub.tokens = {GOOD}
    commit = hub.publish("org/m", folder, private=True, readers=frozenset({GOOD}))
    said = in_a_process(hub, tmp_path, RESOLVE, HF_TOKEN=GOOD, AI_AGENT="some-agent")
    assert said == [commit, True, []]
    assert [asked.path for asked in hub.asked] == ["/api/models/org/m?blobs=true"]
    assert hub.asked[0].headers["User-Agent"] == "genebank"


OFFLINE = """
import json
from app.errors import SetupError
from app.hub.client import Hub
try:
    Hub().resolve("org/m")
except SetupError as error:
    print(json.dumps([error.code, error.detail]))
"""


def test_who_wishes_to_be_offline_is(hub, tmp_path):
    code, detail = in_a_process(hub, tmp_path, OFFLINE, HF_HUB_OFFLINE="1")
    assert code == "hub_unavailable"
    assert "HF_HUB_OFFLINE" in detail
    assert hub.asked == []
