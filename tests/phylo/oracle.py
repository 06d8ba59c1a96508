"""scikit-bio as an independent judge, in a process of its own: one JSON object a line.

Its own process, because importing scikit-bio loads torch where torch is installed, and no
process of ours holds torch and faiss together.
"""

import json
import subprocess
import sys
from pathlib import Path


class Oracle:
    """Asks the judge; use as a context manager."""

    def __enter__(self):
        command = [sys.executable, "-W", "ignore", __file__]
        self._child = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )
        return self

    def __exit__(self, *_):
        self._child.stdin.close()
        self._child.wait(timeout=20)
        self._child.stdout.close()

    def ask(self, question, **given):
        self._child.stdin.write(json.dumps({"question": question, **given}) + "\n")
        self._child.stdin.flush()
        reply = json.loads(self._child.stdout.readline())
        assert "error" not in reply, reply["error"]
        return reply["answer"]


def _serve():
    # Run as a file, this folder is first on the path, where our module names would shadow others.
    sys.path = [entry for entry in sys.path if entry != str(Path(__file__).parent)]
    import numpy as np
    import skbio.io
    from skbio import DistanceMatrix, TreeNode
    from skbio.tree import nj, nni, upgma
    from skbio.tree._nj import _nj

    def parse(text):
        return skbio.io.read([text], format="newick", into=TreeNode, verify=False)

    def describe(tree):
        tips = list(tree.tips())
        # Ids of its own, since names may be anything.
        names = [tip.name for tip in tips]
        for number, tip in enumerate(tips):
            tip.name = str(number)
        matrix = tree.cophenet()
        order = [str(number) for number in range(len(tips))]
        return {
            "names": names,
            "paths": matrix.filter(order).data.tolist() if len(tips) > 1 else [[0.0]],
            "depths": [tip.distance(tree) for tip in tips],
        }

    questions = {
        "join": lambda q: describe(
            nj(DistanceMatrix(q["distances"], [str(i) for i in range(len(q["distances"]))]))
        ),
        "joins": lambda q: _nj(np.array(q["distances"])).tolist(),  # what `nj` makes its tree of
        "upgma": lambda q: describe(upgma(DistanceMatrix(q["distances"]))),
        "nni": lambda q: str(nni(parse(q["newick"]), DistanceMatrix(q["distances"]))),
        "read": lambda q: describe(parse(q["newick"])),
        "midpoint": lambda q: describe(parse(q["newick"]).root_at_midpoint()),
        "robinson_foulds": lambda q: parse(q["a"]).compare_rfd(parse(q["b"]), rooted=False),
    }
    for line in sys.stdin:
        question = json.loads(line)
        try:
            reply = {"answer": questions[question["question"]](question)}
        except Exception as error:  # noqa: BLE001 - whatever it says, the test must show it
            reply = {"error": repr(error)}
        sys.stdout.write(json.dumps(reply) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _serve()
