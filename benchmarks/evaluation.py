"""How well answers alone show who is related: real answers, and a lineage made by hand.

What `genebank evaluate` says of them, in a process of its own for its peak of memory.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

from app.errors import SetupError
from benchmarks.answer_sets import AnswerSet, given
from benchmarks.figures import Figure
from benchmarks.groups import Options

SHARES = ("nearest_same_base", "parent_at_1", "parent_at_5", "parent_at_1_undated")
TOLD_APART = ("auc", "tpr_at_1pct", "tpr_at_0.1pct")
SIDE = """
import resource, sys
from app.cli.root import main
try:
    main()
finally:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(peak / 1024, file=sys.stderr)
"""


def figures(options: Options) -> Iterator[Figure]:
    """Same base, direct relations, the nearest, the parent, the tree, p-values; time, memory."""
    answers = given(options)
    if answers is None:
        return
    said, peak = _evaluated(answers)
    facts = {"models": said["n_models"], "folds": said["folds"], "flagged": said["flagged"]}
    sure = said["confidence"]
    for kind in ("same_base", "direct"):
        for name in TOLD_APART:
            if said[kind][name] is not None:
                about = facts | {"pairs": said[kind]["pairs"], "interval": sure[kind][name]}
                yield Figure(f"evaluate.{answers.name}_{kind}_{name}", said[kind][name], "", about)
    for name in SHARES:
        if said[name] is not None:
            about = facts | {"interval": sure[name]}
            yield Figure(f"evaluate.{answers.name}_{name}", said[name], "", about)
    yield from _quartets(said, answers, facts)
    for level, share in (said["p_value_calibration"] or {}).items():
        about = facts | {"pairs": said["unrelated_pairs"]}
        yield Figure(f"evaluate.{answers.name}_share_of_p_below_{level}", share, "", about)
    yield Figure(f"evaluate.{answers.name}_seconds", said["seconds"], "s", facts)
    yield Figure(f"evaluate.{answers.name}_peak_mb", peak, "MB", facts)


def _quartets(said: dict[str, Any], answers: AnswerSet, facts: dict[str, Any]) -> Iterator[Figure]:
    for kind, share in said["quartets"].items():
        if share is not None:
            sure = said["confidence"]["quartets"][kind]
            about = facts | {"quartets": said["n_quartets"][kind], "interval": sure}
            yield Figure(f"evaluate.{answers.name}_{kind}_quartets", share, "", about)


def _evaluated(answers: AnswerSet) -> tuple[dict[str, Any], float]:
    words = ["evaluate", answers.lineage, "--answers", answers.answers, "--probes", answers.probes]
    command = [sys.executable, "-c", SIDE, *map(str, words), "--json"]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        raise SetupError("program_failed", f"evaluate said: {done.stderr.strip()[-500:]}")
    return json.loads(done.stdout), float(done.stderr.split()[-1])
