"""What the API process needs after an import: memory, without torch, and time for an answer."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2

from benchmarks.answer_sets import AnswerSet, given, made_up
from benchmarks.figures import Figure
from benchmarks.groups import Options
from benchmarks.processes import Service, genebank, service

ASKED = 20
ROUNDS = 5
MADE_UP = {"n_models": 107, "n_probes": 100, "characters": 1500}


def figures(options: Options) -> Iterator[Figure]:
    """Peak memory of `genebank serve` after questions, without and with a worker in it, and the
    seconds of processors that relatives take by answers, whose strands are long.
    """
    with tempfile.TemporaryDirectory() as folder:
        answers = given(options) if options.data else made_up(Path(folder), **MADE_UP)
        if answers is None:
            return
        data_dir = Path(folder) / "registry"
        genebank("import", answers.answers, "--probes", answers.probes, data_dir=data_dir)
        for bench, worker in (("api.rss_mb", False), ("api.rss_with_worker_mb", True)):
            with service(data_dir, worker=worker) as served:
                asked = ask(served.url)
                yield _figure(bench, served, answers, asked)
                if not worker:
                    facts = {"answers": answers.name, "requests": ASKED * ROUNDS}
                    yield Figure("api.relatives_cpu_ms", _relatives_cpu_ms(served), "ms", facts)


def ask(url: str) -> dict[str, int]:
    """Ask for relatives, a tree and a comparison; return how many requests of each."""
    with httpx2.Client(base_url=url, timeout=120, trust_env=False) as http:
        names = [model["id"] for model in _get(http, "/v1/models", limit=ASKED)["data"]]
        for name in names:
            _get(http, "/v1/relatives", model=name)
        _get(http, "/v1/compare", a=names[0], b=names[1])
        tips = _get(http, "/v1/tree")["n_tips"]
    return {"relatives": len(names), "compare": 1, "tree": 1, "tips": tips}


def _relatives_cpu_ms(served: Service) -> float:
    """Milliseconds of processors for one answer, of a process that has warmed up."""
    with httpx2.Client(base_url=served.url, timeout=120, trust_env=False) as http:
        names = [model["id"] for model in _get(http, "/v1/models", limit=ASKED)["data"]]
        before = served.cpu_s
        for name in names * ROUNDS:
            _get(http, "/v1/relatives", model=name)
    return (served.cpu_s - before) / (len(names) * ROUNDS) * 1000


def _get(http: httpx2.Client, path: str, **query: str | int) -> dict[str, Any]:
    answer: dict[str, Any] = http.get(path, params=query).raise_for_status().json()
    return answer


def _figure(bench: str, served: Service, answers: AnswerSet, asked: dict[str, int]) -> Figure:
    facts = {
        "torch_imported": served.has_mapped("libtorch"),
        "answers": answers.name,
        "asked": asked,
        "wanted_at_most": 300,
    }
    return Figure(bench, served.peak_mb, "MiB", facts)
