from pathlib import Path

from benchmarks.answer_sets import Descent
from benchmarks.groups import Options
from benchmarks.text import base_masks, direct_mask, figures

NAMES = ["llama-chat", "llama-chat-x", "tuned-a", "tuned-b", "mystery", "mystery-2", "other"]
DESCENTS = [
    Descent("llama", "llama"),
    Descent("llama", "llama-chat"),
    Descent("llama", "not in the set"),
    Descent("llama", "not in the set"),
    Descent("unknown", "unknown"),
    Descent("", ""),
    Descent("other", "other"),
]


def pairs(mask) -> set[tuple[str, str]]:
    return {
        (a, b) for i, a in enumerate(NAMES) for j, b in enumerate(NAMES) if i < j and mask[i, j]
    }


def test_direct_relations_are_parents_and_siblings_of_one_specific_parent():
    assert pairs(direct_mask(NAMES, DESCENTS)) == {
        ("llama-chat", "llama-chat-x"),
        ("tuned-a", "tuned-b"),
    }


def test_models_of_unknown_base_take_no_part():
    same, other = base_masks(DESCENTS)
    assert len(pairs(same)) == 6
    assert pairs(other) == {(name, "other") for name in NAMES[:4]}


def test_made_up_families_are_told_apart_perfectly(data: Path):
    values = {figure.bench: figure.value for figure in figures(Options(data=data))}
    assert values["text.tiny-answers_cosine_direct_auc"] == 1
    assert values["text.tiny-answers_log_rank_direct_auc"] == 1
    assert values["text.tiny-answers_cosine_same_base_auc"] > 0.9
