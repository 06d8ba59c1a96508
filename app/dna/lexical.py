"""The lexical encoder: an answer becomes signed counts of its hashed word n-grams.

Feature hashing (Weinberger et al., ICML 2009, arXiv 0902.2206) of the *set* of word 1- to
3-grams of the lower-cased answer. No weights, no download, and the same bytes everywhere: hashes
and counts are integers, and the one division is correctly rounded by IEEE 754. What `\\w` and
lower case mean follows the interpreter's Unicode tables, which grow with Python's version but do
not change for characters already assigned.
"""

import hashlib
import re
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from app.errors import InputError

TOKEN = re.compile(r"\w+|[^\w\s]")
LONGEST_NGRAM = 3

U64 = npt.NDArray[np.uint64]


def encode_answers(answers: Sequence[str], width: int) -> npt.NDArray[np.float16]:
    """Encode answers, in probe order, to a strand (len(answers), width), float16.

    Rows have length 1; the row of an empty answer is zero. Raises InputError `bad_answer` when
    an answer is no valid Unicode.
    """
    strand = np.zeros((len(answers), width), dtype=np.float16)
    for row, answer in zip(strand, answers, strict=True):
        counts = _signed_counts(_ngram_hashes(_tokens(answer)), width)
        length = np.sqrt(np.float64(counts @ counts))
        if length > 0:
            row[:] = (counts / length).astype(np.float16)
    return strand


def _tokens(answer: str) -> list[str]:
    return TOKEN.findall(answer.lower())


@lru_cache(maxsize=1 << 16)
def _token_hash(token: str) -> int:
    """First 8 bytes, little-endian, of the token's BLAKE2b."""
    try:
        data = token.encode()
    except UnicodeEncodeError as error:
        raise InputError("bad_answer", "An answer is not valid Unicode.") from error
    return int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "little")


def _ngram_hashes(tokens: Sequence[str]) -> U64:
    """Hash every n-gram once: fold(n, t1, ..., tn), fold(h, t) = mix(h xor t), h0 = mix(n)."""
    hashes = np.fromiter(map(_token_hash, tokens), dtype=np.uint64, count=len(tokens))
    grams = []
    for n in range(1, min(LONGEST_NGRAM, len(tokens)) + 1):
        folded = mix64(np.full(len(tokens) - n + 1, n, dtype=np.uint64))
        for offset in range(n):
            folded = mix64(folded ^ hashes[offset : len(tokens) - n + 1 + offset])
        grams.append(folded)
    return np.unique(np.concatenate(grams)) if grams else hashes


def mix64(values: U64) -> U64:
    """The finaliser of SplitMix64 (Steele et al., 2014), a bijection on 64-bit integers."""
    mixed = values + np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))


def _signed_counts(hashes: U64, width: int) -> npt.NDArray[np.int64]:
    """Count each hash in bucket `hash mod width`, with its highest bit as the sign."""
    buckets = (hashes % np.uint64(width)).astype(np.int64)
    negative = (hashes >> np.uint64(63)).astype(bool)
    return np.bincount(buckets[~negative], minlength=width) - np.bincount(
        buckets[negative], minlength=width
    )
