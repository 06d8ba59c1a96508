"""`python -m tests.faults [SCENARIO ...]`: one JSON line a scenario.

Exit codes: 0 nothing was lost, 1 something does not hold, 2 usage, or a server is not installed.
"""

import argparse
import signal
import sys
from collections.abc import Sequence

from tests.faults.programs import MissingProgramError
from tests.faults.table import SCENARIOS, play

FINDINGS, USAGE = 1, 2


def main(words: Sequence[str]) -> int:
    """Play what is asked for; return the exit code."""
    asked = _parser().parse_args(words)
    # Whoever ends us must not leave our servers behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(USAGE))
    holds = True
    for name in asked.scenarios or SCENARIOS:
        scenario = SCENARIOS[name]
        times = asked.times or (scenario.short if asked.short else scenario.full)
        sys.stderr.write(f"{name}: {times} times ...\n")
        try:
            played = play(name, asked.seed, times)
        except MissingProgramError as error:
            sys.stderr.write(f"error: {error}\n")
            return USAGE
        except (TimeoutError, AssertionError) as error:
            sys.stderr.write(f"{name}: {error}\n")
            holds = False
            continue
        sys.stdout.write(played.line + "\n")
        sys.stdout.flush()
        holds = holds and played.outcome.holds
    return 0 if holds else FINDINGS


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.faults",
        description="Kill, stop, empty and fill up; see that nothing is lost and nothing doubled.",
    )
    parser.add_argument(
        "scenarios",
        nargs="*",
        metavar="SCENARIO",
        choices=[*SCENARIOS, []],
        help=f"these only (default: all): {', '.join(SCENARIOS)}",
    )
    parser.add_argument("--seed", type=int, default=1, help="of the schedule (default: 1)")
    scale = parser.add_mutually_exclusive_group()
    scale.add_argument("--times", type=int, help="make so many faults in each scenario")
    scale.add_argument("--short", action="store_true", help="a few of each")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
