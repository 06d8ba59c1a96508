"""`python -m ops up | down | status [FOLDER]`, what `make up` and `make down` call."""

import os
import sys
from pathlib import Path

from ops.layout import load
from ops.stack import NotUpError, in_folder

FOLDER = Path("var/up")


def main(words: list[str]) -> int:
    """Do what the first word says, in the folder that the second one names."""
    verb = words[0] if words else ""
    folder = Path(words[1]) if len(words) > 1 else FOLDER
    if verb not in ("up", "down", "status"):
        print("usage: python -m ops up | down | status [FOLDER]", file=sys.stderr)
        return 2
    if verb != "up" and load(folder) is None:
        print(f"There is no stack in {folder}.")
        return 0
    # What the caller set for the service is the service's; only this program hands it on.
    given = {k: v for k, v in os.environ.items() if k.startswith("GENEBANK_")}  # noqa: TID251
    stack = in_folder(folder, given)
    if verb == "down":
        killed = stack.down()
        print(
            "The stack is down; its data are kept."
            + f" Killed: {', '.join(killed)}." * bool(killed)
        )
        return 0
    try:
        if verb == "up":
            stack.up()
    except NotUpError as error:
        print(f"The stack did not come up: {error}", file=sys.stderr)
        return 1
    for name, process in stack.processes.items():
        print(f"{name:<11} {process.pid or 'does not run':<12} {process.log}")
    print(f"Genebank answers at {stack.url}")
    return 0 if all(process.pid for process in stack.processes.values()) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
