"""A whole tiny nursery: complete folders, true genealogy, reuse, continuation, refusals."""

import csv
import json
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest
import torch
from transformers import AutoModelForCausalLM, AutoModelForSeq2SeqLM, AutoTokenizer

from nursery import Member, NurseryError, raise_nursery
from nursery.genealogy import COLUMNS
from nursery.recipes import plan
from tests.nursery.conftest import Raised

FILES = {
    "README.md",
    "config.json",
    "generation_config.json",
    "model.safetensors",
    "tokenizer.json",
    "tokenizer_config.json",
}


def _digest(folder: Path) -> str:
    return sha256((folder / "model.safetensors").read_bytes()).hexdigest()


def _front_matter(folder: Path) -> str:
    return (folder / "README.md").read_text().split("---\n")[1]


def test_every_folder_is_complete_and_small(tiny: Raised) -> None:
    assert [member.name for member in tiny.members] == [r.name for r in plan("tiny", 5)]
    names = {member.name for member in tiny.members}
    assert {path.name for path in tiny.out.iterdir()} == names | {"lineage.tsv", "nursery.json"}
    for member in tiny.members:
        assert {path.name for path in member.path.iterdir()} >= FILES
        assert sum(path.stat().st_size for path in member.path.iterdir()) < 3_000_000


def test_no_two_models_are_the_same(tiny: Raised) -> None:
    assert len({_digest(member.path) for member in tiny.members}) == len(tiny.members)


def test_look_alikes_share_all_but_the_weights(tiny: Raised) -> None:
    one, other = tiny.out / "aster-base", tiny.out / "aspen-base"
    for name in ("tokenizer.json", "config.json", "chat_template.jinja"):
        assert (one / name).read_bytes() == (other / name).read_bytes()
    assert _digest(one) != _digest(other)


def test_lineage_says_who_descends_from_whom(tiny: Raised) -> None:
    with (tiny.out / "lineage.tsv").open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file, delimiter="\t")
    assert tuple(header) == COLUMNS
    assert rows == [
        [m.name, m.base, ",".join(m.parents), m.relation, m.released] for m in tiny.members
    ]
    assert ["aster-base", "aster-chat,aster-base", "merge"] in [row[1:4] for row in rows]


def test_cards_declare_the_parents(tiny: Raised) -> None:
    assert _front_matter(tiny.out / "aster-base") == "license: apache-2.0\n"
    chat = _front_matter(tiny.out / "aster-chat-lora")
    assert chat == "license: apache-2.0\nbase_model: aster-chat\n"
    merge = _front_matter(tiny.out / "aster-blend")
    assert merge == "license: apache-2.0\nbase_model:\n- aster-chat\n- aster-base\n"


def test_children_are_announced_after_their_parents(tiny: Raised) -> None:
    seen: set[str] = set()
    for member in tiny.announced:
        assert seen.issuperset(member.parents)
        seen.add(member.name)
    assert len(tiny.announced) == len(tiny.members)


def test_models_load_as_strangers_load_them_and_answer(tiny: Raised) -> None:
    for name, auto in (("aster-chat", AutoModelForCausalLM), ("cedar-base", AutoModelForSeq2SeqLM)):
        tokenizer = AutoTokenizer.from_pretrained(tiny.out / name)
        model = auto.from_pretrained(tiny.out / name, use_safetensors=True)
        assert len(tokenizer) == model.get_input_embeddings().num_embeddings
        asked = tokenizer("The old river is", return_tensors="pt")
        with torch.no_grad():
            answer = model.generate(
                input_ids=asked["input_ids"],
                attention_mask=asked["attention_mask"],
                max_new_tokens=5,
                do_sample=False,
            )
        assert answer.shape[0] == 1
        assert model.generation_config.eos_token_id == tokenizer.eos_token_id


def test_a_complete_nursery_is_reused(tiny: Raised) -> None:
    before = {member.name: member.path.stat().st_mtime_ns for member in tiny.members}
    announced: list[Member] = []
    assert raise_nursery(tiny.out, 5, "tiny", announced.append) == list(tiny.members)
    assert announced == list(tiny.members)
    assert before == {member.name: member.path.stat().st_mtime_ns for member in tiny.members}


def test_an_interrupted_nursery_is_continued_to_the_same_bytes(
    tiny: Raised, tmp_path: Path
) -> None:
    out = tmp_path / "again"
    shutil.copytree(tiny.out, out)
    (out / "lineage.tsv").unlink()
    shutil.rmtree(out / "aster-chat-lora")
    (out / ".aster-chat-lora.partial").mkdir()
    marker = json.loads((out / "nursery.json").read_text())
    (out / "nursery.json").write_text(json.dumps(marker | {"complete": False}))
    raise_nursery(out, 5, "tiny", workers=1)
    assert _digest(out / "aster-chat-lora") == _digest(tiny.out / "aster-chat-lora")
    assert (out / "lineage.tsv").read_bytes() == (tiny.out / "lineage.tsv").read_bytes()
    assert not list(out.glob(".*"))


@pytest.mark.parametrize(("seed", "size"), [(6, "tiny"), (5, "small")])
def test_another_recipe_is_refused(tiny: Raised, seed: int, size: str) -> None:
    with pytest.raises(NurseryError) as caught:
        raise_nursery(tiny.out, seed, size)  # type: ignore[arg-type]
    assert caught.value.code == "other_nursery"


def test_a_folder_of_other_things_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(NurseryError) as caught:
        raise_nursery(tmp_path, 5, "tiny")
    assert caught.value.code == "folder_in_use"
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_broken_marker_is_refused(tmp_path: Path) -> None:
    (tmp_path / "nursery.json").write_text("{")
    with pytest.raises(NurseryError) as caught:
        raise_nursery(tmp_path, 5, "tiny")
    assert caught.value.code == "marker_unreadable"


def _run(*arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "nursery", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_command_prints_json_and_refuses_politely(tiny: Raised) -> None:
    done = _run(str(tiny.out), "--seed", "5", "--size", "tiny", "--json")
    assert done.returncode == 0
    printed = json.loads(done.stdout)
    assert [model["name"] for model in printed["models"]] == [m.name for m in tiny.members]
    refused = _run(str(tiny.out), "--seed", "6", "--size", "tiny")
    assert refused.returncode == 2
    assert "other_nursery" in refused.stderr
    assert not refused.stdout


def test_the_parent_process_never_loads_torch() -> None:
    program = "import sys, nursery.__main__; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
