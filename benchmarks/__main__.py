"""`python -m benchmarks [GROUP ...]`: the figures of some groups, or of all.

Exit codes: 0 all were measured or left out for want of data, 2 usage, or something broke.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from app.errors import GenebankError
from benchmarks.figures import emit, say
from benchmarks.groups import GROUPS, Options, find

USAGE = 2


def main(words: Sequence[str]) -> int:
    """Measure what is asked for; return the exit code."""
    asked = _parser().parse_args(words)
    options = Options(asked.data, asked.size, asked.seed, asked.models)
    try:
        groups = {name: find(name) for name in asked.groups or GROUPS}
        for name, group in groups.items():
            say(f"{name} ...")
            emit(group(options))
    except GenebankError as error:
        say(f"error: {error.detail} [{error.code}]")
        return USAGE
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Print measured figures, one JSON object a line.",
        epilog=f"Groups: {', '.join(GROUPS)}.",
    )
    parser.add_argument("groups", nargs="*", metavar="GROUP", help="these only (default: all)")
    parser.add_argument(
        "--data",
        type=Path,
        metavar="DIR",
        help="a set of real answers: probes.json, answers.jsonl.gz and lineage.tsv",
    )
    parser.add_argument("--size", choices=("tiny", "small", "large"), default="small")
    parser.add_argument(
        "--models", type=int, metavar="N", help="so many of them, in scale and bulk"
    )
    parser.add_argument("--seed", type=int, default=1, help="of the nursery (default: 1)")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
