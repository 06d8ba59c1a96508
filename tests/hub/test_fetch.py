"""Files of a real hub by HTTP: what arrives, what is asked for, and what faults become."""

import json
import signal
import subprocess
import sys
import time
from itertools import pairwise

import pytest

from app.errors import GenebankError
from app.hub.client import Hub as Client
from tests.hub.conftest import WEIGHTS
from tests.tiny_model import write_model

SHARDS = ("model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors")
GOOD = "good"


class StopError(Exception):
    """What a caller raises to have no more."""


def ignore(done, total):
    pass


def fetch(hub, to, progress=ignore, revision=None, **other):
    client = Client(hub.url, **{"token": "", "patience_s": 5.0, **other})
    client.fetch(client.resolve("org/m", revision), to, progress)


def refusal(hub, to, **other):
    with pytest.raises(GenebankError) as error:
        fetch(hub, to, **other)
    return error.value.code


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def test_a_model_arrives_as_it_was(hub, tmp_path):
    tiny = write_model(tmp_path / "tiny", 1)
    (tiny / "README.md").write_text("# Tiny")
    expected = contents(tiny)
    (tiny / "modeling_evil.py").write_text("raise SystemExit")
    (tiny / "pytorch_model.bin").write_bytes(b"pickle")
    (tiny / "original").mkdir()
    (tiny / "original" / "model.safetensors").write_bytes(b"another copy")
    hub.publish("org/m", tiny)
    seen = []
    fetch(hub, tmp_path / "to", lambda done, total: seen.append((done, total)))
    assert contents(tmp_path / "to") == expected
    assert not any(path.is_dir() for path in (tmp_path / "to").iterdir())
    size = sum(map(len, expected.values()))
    assert seen[-1] == (size, size)
    assert {total for _, total in seen} == {size}


def test_no_token_leaves_the_hub_and_nothing_else_is_asked(hub, folder, tmp_path):
    hub.tokens = {GOOD}
    commit = hub.publish("org/m", folder, private=True, readers=frozenset({GOOD}))
    fetch(hub, tmp_path / "to", token=GOOD)
    at_hub = [asked for asked in hub.asked if "/org/m" in asked.path]
    at_store = [asked for asked in hub.asked if "/org/m" not in asked.path]
    assert {asked.headers.get("Authorization") for asked in at_hub} == {"Bearer good"}
    assert [asked.headers.get("Authorization") for asked in at_store] == [None]
    assert {asked.path for asked in at_hub[1:]} == {
        f"/org/m/resolve/{commit}/{path.name}" for path in folder.iterdir()
    }


def test_only_the_shards_that_the_index_names_arrive(hub, folder, tmp_path):
    (folder / "model.safetensors").unlink()
    index = {"weight_map": {"a": SHARDS[0], "b": SHARDS[1]}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    for name in SHARDS:
        (folder / name).write_bytes(name.encode())
    expected = contents(folder)
    (folder / "consolidated.safetensors").write_bytes(b"the same once more")
    hub.publish("org/m", folder)
    seen = []
    fetch(hub, tmp_path / "to", lambda done, total: seen.append(total))
    assert contents(tmp_path / "to") == expected
    assert set(seen) == {sum(map(len, expected.values()))}
    assert refusal(hub, tmp_path / "more", max_weight_bytes=10) == "too_large"


def test_an_index_that_lies_about_sizes_brings_no_weights(hub, folder, tmp_path):
    (folder / "model.safetensors").rename(folder / "other.safetensors")
    (folder / "model-00001-of-00001.safetensors").write_bytes(b"small")
    index = {"weight_map": {"a": "other.safetensors"}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    hub.publish("org/m", folder)
    assert refusal(hub, tmp_path / "to", max_weight_bytes=1_000) == "too_large"
    assert not hub.gets("other.safetensors")


def test_a_tiny_shard_hides_no_other_weights(hub, folder, tmp_path):
    (folder / "model.safetensors").rename(folder / "huge.safetensors")
    (folder / "model-00001-of-00002.safetensors").write_bytes(b"small")
    index = {"weight_map": {"a": "model-00001-of-00002.safetensors", "b": "huge.safetensors"}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    hub.publish("org/m", folder)
    assert refusal(hub, tmp_path / "to", max_weight_bytes=len(WEIGHTS)) == "too_large"
    assert not hub.gets(".safetensors")
    fetch(hub, tmp_path / "to", max_weight_bytes=len(WEIGHTS) + len(b"small"))


def test_an_adapter_arrives(hub, tmp_path):
    adapter = tmp_path / "adapter"
    adapter.mkdir()
    for name in ("adapter_config.json", "adapter_model.safetensors", "README.md"):
        (adapter / name).write_text(name)
    hub.publish("org/m", adapter)
    fetch(hub, tmp_path / "to")
    assert contents(tmp_path / "to") == contents(adapter)


def test_the_commit_stays_while_the_branch_moves(hub, folder, tmp_path):
    hub.publish("org/m", folder)
    expected = contents(folder)
    client = Client(hub.url, "")
    model = client.resolve("org/m")

    def move(done, total):
        (folder / "model.safetensors").write_bytes(b"other weights")
        (folder / "tokenizer.json").write_text("other")
        hub.publish("org/m", folder)

    client.fetch(model, tmp_path / "to", move)
    assert contents(tmp_path / "to") == expected


def test_what_was_cut_is_continued(hub, folder, tmp_path):
    hub.publish("org/m", folder)
    for _ in range(2):
        hub.fail("model.safetensors", cut_after=1_200_000)
    fetch(hub, tmp_path / "to")
    gets = hub.gets("model.safetensors")
    assert [get.headers.get("Range") for get in gets] == [
        *(None, "bytes=1200000-", "bytes=2400000-")
    ]
    assert sum(get.sent for get in gets) == len(WEIGHTS)
    assert (tmp_path / "to" / "model.safetensors").read_bytes() == WEIGHTS


FETCH = """
import sys
from pathlib import Path
from app.hub.client import Hub
hub = Hub(sys.argv[1], "")
hub.fetch(hub.resolve("org/m"), Path(sys.argv[2]), lambda done, total: print(done, flush=True))
"""


def test_what_a_killed_process_left_is_continued(hub, folder, tmp_path):
    hub.publish("org/m", folder)
    hub.fail("model.safetensors", hold_after=2_000_000)
    command = [sys.executable, "-c", FETCH, hub.url, str(tmp_path / "to")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert next(line for line in process.stdout if int(line) > 1_900_000)
        process.send_signal(signal.SIGKILL)
    assert not (tmp_path / "to" / "model.safetensors").exists()
    left = (tmp_path / "to" / "model.safetensors.part").stat().st_size
    assert left > 1_900_000
    fetch(hub, tmp_path / "to")
    assert hub.gets("model.safetensors")[1].headers["Range"] == f"bytes={left}-"
    assert sum(get.sent for get in hub.gets("model.safetensors")) < 1.1 * len(WEIGHTS)
    assert contents(tmp_path / "to") == contents(folder)


def test_what_is_there_is_not_asked_for_again(hub, folder, tmp_path):
    hub.publish("org/m", folder)
    fetch(hub, tmp_path / "to")
    before, seen = len(hub.asked), []
    fetch(hub, tmp_path / "to", lambda done, total: seen.append(done == total))
    assert [asked.path for asked in hub.asked[before:]] == ["/api/models/org/m?blobs=true"]
    assert seen == [True]


def test_a_hub_without_ranges_begins_anew(hub, folder, tmp_path):
    hub.publish("org/m", folder)
    hub.fail("model.safetensors", cut_after=500_000)
    hub.fail("model.safetensors", no_ranges=True)
    fetch(hub, tmp_path / "to")
    assert [get.status for get in hub.gets("model.safetensors")] == [200, 200]
    assert (tmp_path / "to" / "model.safetensors").read_bytes() == WEIGHTS


@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.json"])
def test_wrong_content_is_asked_for_once_more(hub, folder, tmp_path, name):
    hub.publish("org/m", folder)
    hub.fail(name, corrupt=True)
    fetch(hub, tmp_path / "to")
    assert [get.headers.get("Range") for get in hub.gets(name)] == [None, None]
    assert contents(tmp_path / "to") == contents(folder)


@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.json"])
def test_content_that_stays_wrong_is_not_named(hub, folder, tmp_path, name):
    hub.publish("org/m", folder)
    hub.fail(name, corrupt=True, times=9)
    assert refusal(hub, tmp_path / "to") == "corrupt_download"
    assert len(hub.gets(name)) == 2
    assert not (tmp_path / "to" / name).exists()


def test_a_spoiled_beginning_is_not_continued_for_ever(hub, folder, tmp_path):
    hub.publish("org/m", folder)
    (tmp_path / "to").mkdir()
    (tmp_path / "to" / "model.safetensors.part").write_bytes(b"x" * 1_000_000)
    fetch(hub, tmp_path / "to")
    ranges = [get.headers.get("Range") for get in hub.gets("model.safetensors")]
    assert ranges == ["bytes=1000000-", None]
    assert contents(tmp_path / "to") == contents(folder)


def test_trouble_that_passes_is_waited_for_as_long_as_asked(hub, folder, tmp_path):
    hub.publish("org/m", folder)
    hub.fail("/config.json", status=503)
    hub.fail("/model.safetensors", status=429, headers={"Retry-After": "1"})
    started, ticks = time.monotonic(), []
    fetch(hub, tmp_path / "to", lambda *_: ticks.append(time.monotonic() - started))
    assert ticks[-1] >= 1.5
    gaps = [after - before for before, after in pairwise(ticks)]
    assert max(gaps) < 2
    assert contents(tmp_path / "to") == contents(folder)


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ({"path": "/model.safetensors", "status": 500, "times": 99}, "hub_unavailable"),
        (
            {"path": "/model.safetensors", "status": 429, "headers": {"Retry-After": "999"}},
            "hub_unavailable",
        ),
        ({"path": "model.safetensors", "trickle": True, "times": 99}, "hub_unavailable"),
        ({"path": "model.safetensors", "hold_after": 10}, "hub_unavailable"),
        ({"path": "model.safetensors", "cut_after": 10, "times": 99}, "hub_unavailable"),
        (
            {
                "path": "/model.safetensors",
                "status": 403,
                "headers": {"X-Error-Code": "GatedRepo"},
            },
            "gated",
        ),
        ({"path": "/model.safetensors", "status": 404}, "no_such_hub_model"),
        (
            {
                "path": "/tokenizer.json",
                "status": 404,
                "headers": {"X-Error-Code": "EntryNotFound"},
            },
            "no_such_revision",
        ),
    ],
)
def test_faults_have_codes(hub, folder, tmp_path, fault, code):
    hub.publish("org/m", folder)
    hub.fail(**fault)
    assert refusal(hub, tmp_path / "to", patience_s=1.0) == code
    assert not (tmp_path / "to" / "model.safetensors").exists()


def test_an_address_of_the_store_that_ran_out_is_asked_for_again(hub, folder, tmp_path):
    hub.publish("org/m", folder)
    client = Client(hub.url, "", patience_s=5.0)
    model = client.resolve("org/m")
    hub.fail(f"/{model.files[-1].sha256}", status=403, body=b"<Error>Request has expired</Error>")
    client.fetch(model, tmp_path / "to", ignore)
    assert (tmp_path / "to" / "model.safetensors").read_bytes() == WEIGHTS


@pytest.mark.parametrize(
    "fault",
    [
        {"path": "model.safetensors", "hold_after": 100},
        {"path": "model.safetensors", "hold_after": 0},
        {"path": "model.safetensors", "trickle": True},
        {"path": "/model.safetensors", "status": 503, "headers": {"Retry-After": "60"}},
    ],
)
def test_who_stops_is_let_go_at_once(hub, folder, tmp_path, fault):
    hub.publish("org/m", folder)
    hub.fail(**fault, times=99)
    started = time.monotonic()

    def stop(done, total):
        if time.monotonic() > started + 0.5:
            raise StopError

    with pytest.raises(StopError):
        fetch(hub, tmp_path / "to", stop, patience_s=300.0)
    assert time.monotonic() - started < 4
    assert not (tmp_path / "to" / "model.safetensors").exists()


def publish_with_sizes(hub, folder, size):
    hub.publish("org/m", folder)
    listed = json.loads(hub.answer("/api/models/org/m", None).body)["siblings"]
    sizes = [{**file, "size": size} if "lfs" in file else file for file in listed]
    hub.publish("org/m", folder, siblings=sizes)


def test_more_than_was_announced_is_not_taken(hub, folder, tmp_path):
    publish_with_sizes(hub, folder, len(WEIGHTS) // 2)
    assert refusal(hub, tmp_path / "to") == "corrupt_download"
    assert max(path.stat().st_size for path in (tmp_path / "to").iterdir()) < 1_000


def test_a_disk_without_room_is_found_first(hub, folder, tmp_path):
    publish_with_sizes(hub, folder, 1 << 60)
    assert refusal(hub, tmp_path / "to", max_weight_bytes=1 << 62) == "cannot_store"
    assert contents(tmp_path / "to") == {}


FETCH_INTO_LITTLE = """
import resource, sys
from pathlib import Path
from app.errors import SetupError
from app.hub.client import Hub
resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))
hub = Hub(sys.argv[1], "")
try:
    hub.fetch(hub.resolve("org/m"), Path(sys.argv[2]), lambda done, total: None)
except SetupError as error:
    print(error.code)
"""


def test_a_disk_that_refuses_is_named(hub, folder, tmp_path):
    hub.publish("org/m", folder)
    (tmp_path / "file").write_text("not a folder")
    assert refusal(hub, tmp_path / "file") == "cannot_store"
    command = [sys.executable, "-c", FETCH_INTO_LITTLE, hub.url, str(tmp_path / "to")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == "cannot_store\n"
