"""A leaf: what people see of a job."""

from collections.abc import Mapping
from typing import Any

from app.cli.figures import size

Job = Mapping[str, Any]

# Stages whose steps are bytes; those of all others are batches.
BYTES = ("download",)
USAGE = {
    "prompt_tokens": "{:,.0f} tokens sent",
    "completion_tokens": "{:,.0f} tokens received",
    "cost": "cost {:.4g}",
}


def work(job: Job) -> str:
    """Say what a job makes: an entry, a replicate of one, or a tree."""
    if job["kind"] == "tree":
        return "tree"
    return "entry" if job["replicate"] is None else f"replicate {job['replicate']}"


def subject(job: Job) -> str:
    """Say what a job is about: a model, or all models of its protocols."""
    if job["model"] is None:
        return f"all under {', '.join(job['protocols'])}"
    name: str = job["model"]["name"]
    return name


def amount(stage: str, done: float, total: float | None) -> str:
    """Say how much of a stage is done; a question mark stands for a total that is not known."""
    write = size if stage in BYTES else "{:,.0f}".format
    return f"{write(done)}/{write(total)}" if total else f"{write(done)}/?"


def trouble(job: Job) -> str:
    """Say why a job, or its last try, did not succeed; empty when nothing went wrong."""
    error = job["error"]
    return f"{error['code']}: {error['detail']}" if error else ""


def usage(job: Job) -> str:
    """Say what a job used, where answers are paid for; empty where they are not."""
    used = job["usage"]
    return ", ".join(words.format(used[unit]) for unit, words in USAGE.items() if unit in used)
