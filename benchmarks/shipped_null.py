"""`python -m benchmarks.shipped_null`: make the null that ships with likelihood-v1 once more.

Six nurseries are raised, fingerprinted, and each is read with the reference of each other: what
unrelated models of them stand at. It takes half an hour. The file in app/dna/data is part of every
p-value, so another one is another version of the method: say so in the changelog.
"""

import json
import sys
from itertools import permutations
from pathlib import Path

import numpy as np

import app.dna
from app.dna.nulls import of_standings
from app.dna.population import freeze
from app.dna.protocol import likelihood_v1
from benchmarks.fingerprinting import fingerprinted
from benchmarks.groups import Options
from benchmarks.nursery import kinships, strands_of
from benchmarks.quality import pairs_above

SEEDS = range(1, 7)
TARGET = Path(app.dna.__path__[0]) / "data" / "null-likelihood-v1.json"


def main() -> None:
    """Write the file; say what it was made of."""
    protocol = likelihood_v1()
    nurseries = [fingerprinted(Options(size="large", seed=seed)) for seed in SEEDS]
    strands = [strands_of(one, protocol) for one in nurseries]
    truths = [kinships(one) for one in nurseries]
    standings, lookalikes = [], 0
    for one, other in permutations(range(len(SEEDS)), 2):
        population = freeze(protocol, strands[one], [""] * len(strands[one]))
        seen = population.seen(strands[other])
        standing = population.compare(seen, seen).standing
        standings.append(pairs_above(standing, ~truths[other].related))
        lookalikes += int(np.triu(truths[other].lookalike, 1).sum())
    pairs = np.concatenate(standings)
    said = {
        "what": f"standings of unrelated pairs under {protocol.name}",
        "pairs": len(pairs),
        "look_alikes": round(lookalikes / len(pairs), 3),
        "made_of": f"nurseries of {len(strands[0])} models, seeds {SEEDS[0]} to {SEEDS[-1]}, "
        "each read with the reference of each other",
        "quantiles": [round(value, 3) for value in of_standings(pairs).quantiles.tolist()],
    }
    TARGET.write_text(json.dumps(said, indent=0) + "\n", encoding="utf-8")
    sys.stderr.write(f"{TARGET}: {len(pairs):,} pairs\n")


if __name__ == "__main__":
    main()
