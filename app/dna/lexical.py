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
from itertools import chain

import numpy as np
import numpy.typing as npt

from app.errors import InputError

TOKEN = re.compile(r"\w+|[^\w\s]")
LONGEST_NGRAM = 3

U64 = npt.NDArray[np.uint64]
I64 = npt.NDArray[np.int64]


def encode_answers(answers: Sequence[str], width: int) -> npt.NDArray[np.float16]:
    """Encode answers, in probe order, to a strand (len(answers), width), float16.

    Rows have length 1; the row of an empty answer is zero. Raises InputError `bad_answer` when
    an answer is no valid Unicode.
    """
    tokens = [TOKEN.findall(answer.lower()) for answer in answers]
    owners = np.repeat(np.arange(len(answers)), [len(some) for some in tokens])
    hashes = np.fromiter(map(_token_hash, chain.from_iterable(tokens)), np.uint64, len(owners))
    counts = _signed_counts(*_distinct_ngrams(hashes, owners), (len(answers), width))
    lengths = np.sqrt((counts * counts).sum(axis=1, keepdims=True))
    rows = np.divide(counts, lengths, out=np.zeros_like(counts), where=lengths > 0)
    strand: npt.NDArray[np.float16] = rows.astype(np.float16)
    return strand


@lru_cache(maxsize=1 << 16)
def _token_hash(token: str) -> int:
    """First 8 bytes, little-endian, of the token's BLAKE2b."""
    try:
        data = token.encode()
    except UnicodeEncodeError as error:
        raise InputError("bad_answer", "An answer is not valid Unicode.") from error
    return int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "little")


def _distinct_ngrams(hashes: U64, owners: I64) -> tuple[U64, I64]:
    """Hash every n-gram of every answer once; return hashes and the answers that own them.

    The hash of t1 ... tn is fold(... fold(h0, t1) ..., tn) with fold(h, t) = mix(h xor t) and
    h0 = mix(n). No n-gram reaches from one answer into the next.
    """
    grams, of = [], []
    for n in range(1, LONGEST_NGRAM + 1):
        starts = max(len(hashes) - n + 1, 0)
        folded = np.broadcast_to(mix64(np.array([n], dtype=np.uint64)), starts)
        for offset in range(n):
            folded = mix64(folded ^ hashes[offset : offset + starts])
        whole = owners[:starts] == owners[n - 1 : n - 1 + starts]
        grams.append(folded[whole])
        of.append(owners[:starts][whole])
    gram, owner = np.concatenate(grams), np.concatenate(of)
    order = np.lexsort((gram, owner))
    gram, owner = gram[order], owner[order]
    first = np.ones(len(gram), dtype=bool)
    first[1:] = (gram[1:] != gram[:-1]) | (owner[1:] != owner[:-1])
    return gram[first], owner[first]


def mix64(values: U64) -> U64:
    """The finaliser of SplitMix64 (Steele et al., 2014), a bijection on 64-bit integers."""
    mixed = values + np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))


def _signed_counts(grams: U64, owners: I64, shape: tuple[int, int]) -> npt.NDArray[np.float64]:
    """Count each hash in its owner's bucket `hash mod width`, with its highest bit as the sign.

    float64 holds these whole numbers exactly.
    """
    rows, width = shape
    cells = owners * width + (grams % np.uint64(width)).astype(np.int64)
    signs = 1.0 - 2.0 * (grams >> np.uint64(63)).astype(np.float64)
    counts = np.zeros(rows * width)
    np.add.at(counts, cells, signs)
    return counts.reshape(shape)
