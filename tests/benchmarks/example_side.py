"""A side that can be asked without a model: what `benchmarks.sides` does with any of them."""

import os
import sys

from benchmarks.sides import Reply, Seconds, serve, timed


def add(numbers: list[int]) -> Reply:
    seconds: Seconds = {}
    with timed(seconds, "add"):
        sys.stdout.write("adding\n")
        os.write(1, b"and so does a library in C\n")
        total = sum(numbers)
    return {"total": total, "seconds": seconds, "pid": os.getpid()}


if __name__ == "__main__":
    serve({"add": add})
