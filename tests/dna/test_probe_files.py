"""The shipped probe files, read as plain JSON: what docs/probes.md promises of them holds."""

import hashlib
import json
import re
import unicodedata
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest
import rfc8785

import app.dna

DATA = Path(app.dna.__file__).parent / "data"
PAGE = (Path(__file__).parents[2] / "docs" / "probes.md").read_text(encoding="utf-8")
WORDS, DECK = 20, 35  # words a passage; passages in which each word of the vocabulary comes once
OPENINGS = 24

# Never change these: a shipped probe set is immutable, a better one gets a new name.
FROZEN = {
    "neutral-v1": "ab017c13f692a11f4072628b8b93abcb82de5ce06738a1442c5650e7778038b5",
    "core-v1": "04aa38db46a8a53d5cf4260894298d42c3cb3e726a35cb696a8065b66c51e93f",
}


def probes_of(name: str) -> list[str]:
    probes: list[str] = json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))["probes"]
    return probes


NEUTRAL, CORE = probes_of("neutral-v1"), probes_of("core-v1")
PASSAGES = [probe.split(" ") for probe in NEUTRAL]


def test_every_shipped_set_is_frozen() -> None:
    shipped = {path.stem for path in DATA.glob("*.json") if not path.stem.startswith("null-")}
    assert shipped == set(FROZEN)


@pytest.mark.parametrize("name", FROZEN)
def test_digest_never_changes_and_the_page_states_it(name: str) -> None:
    digest = hashlib.sha256(rfc8785.dumps(list[str | int](probes_of(name)))).hexdigest()
    assert digest == FROZEN[name]
    assert digest in PAGE


@pytest.mark.parametrize("name", FROZEN)
def test_file_layout(name: str) -> None:
    text = (DATA / f"{name}.json").read_bytes().decode("utf-8")
    data = json.loads(text)
    assert list(data) == ["name", "probes"]
    assert data["name"] == name
    assert text == json.dumps(data, indent=1, ensure_ascii=False) + "\n"


@pytest.mark.parametrize(("name", "count"), [("neutral-v1", 100), ("core-v1", 128)])
def test_probes_are_distinct_clean_text(name: str, count: int) -> None:
    probes = probes_of(name)
    assert len(probes) == count
    assert len({probe.casefold() for probe in probes}) == count
    for probe in probes:
        assert probe == probe.strip()
        assert unicodedata.is_normalized("NFC", probe)
        # C*: controls, bidirectional marks, surrogates, unassigned; Zl and Zp: odd line breaks.
        kinds = {unicodedata.category(char) for char in probe if char != "\n"}
        assert not {kind for kind in kinds if kind[0] == "C" or kind in ("Zl", "Zp")}


def test_passages_are_twenty_different_plain_words() -> None:
    for words in PASSAGES:
        assert len(words) == len(set(words)) == WORDS
        assert all(re.fullmatch("[a-z]{3,9}", word) for word in words)


def test_words_are_spread_evenly() -> None:
    uses = Counter(word for words in PASSAGES for word in words)
    assert len(uses) == WORDS * DECK
    assert set(uses.values()) == {2, 3}
    for start in (0, DECK):
        deck = {word for words in PASSAGES[start : start + DECK] for word in words}
        assert deck == set(uses)


def test_no_two_words_are_neighbours_twice() -> None:
    pairs = Counter(pair for words in PASSAGES for pair in pairwise(words))
    assert max(pairs.values()) == 1


def test_prompts_are_short() -> None:
    prompts, openings = CORE[:-OPENINGS], CORE[-OPENINGS:]
    assert all(len(prompt.split()) <= 40 for prompt in prompts)
    assert all(len(opening.split()) <= 60 for opening in openings)
    assert all(20 <= len(probe) <= 300 for probe in CORE)
    assert not any("\n" in prompt for prompt in prompts)


def test_prompts_share_no_long_run_of_words() -> None:
    runs = Counter(run for probe in CORE for run in set(five_words(probe)))
    assert max(runs.values()) == 1


def five_words(text: str) -> list[tuple[str, ...]]:
    words = re.findall(r"\w+", text.lower())
    return list(zip(*(words[start:] for start in range(5)), strict=False))


def test_the_page_accounts_for_every_prompt() -> None:
    rows = re.findall(r"^\| (\d+)-(\d+) \| (\d+) \|", PAGE, flags=re.MULTILINE)
    spans = [range(int(first), int(last) + 1) for first, last, _ in rows]
    assert [len(span) for span in spans] == [int(count) for *_, count in rows]
    assert [number for span in spans for number in span] == list(range(1, len(CORE) + 1))
    assert len(spans[-1]) == OPENINGS
    languages = spans[-2]
    assert len(languages) == 14
    assert sum(not probe.isascii() for probe in CORE[languages[0] - 1 : languages[-1]]) >= 9
