"""Bulk: models in by the real command, out again, and a storm of POSTs, all on PostgreSQL."""

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg

from app.errors import SetupError
from benchmarks.figures import Figure
from benchmarks.groups import Options
from benchmarks.processes import genebank, service
from benchmarks.scale_entries import WIDTH, grown_vectors
from benchmarks.servers import fresh_registry
from benchmarks.storm import storm

VECTORS = {"tiny": 300, "small": 100_000, "large": 1_000_000}
POSTS = {"tiny": 150, "small": 10_000, "large": 10_000}
DISTINCT = 100
CLIENTS = 64
WANTED_PER_S = 5000


def figures(options: Options) -> Iterator[Figure]:
    """Vectors a second into PostgreSQL and out of it; jobs that a storm of POSTs makes."""
    with tempfile.TemporaryDirectory() as folder, fresh_registry() as url:
        if url is None:
            return
        n = options.models or VECTORS[options.size]
        yield from _bulk(Path(folder), url, n, options.seed)
    with tempfile.TemporaryDirectory() as folder, fresh_registry() as url:
        if url is not None:
            yield from _storm(Path(folder), url, POSTS[options.size])


def _bulk(folder: Path, url: str, n: int, seed: int) -> Iterator[Figure]:
    vectors, env = _write_vectors(folder / "vectors.jsonl", n, seed), {"GENEBANK_DATABASE_URL": url}
    facts = {"models": n, "width": WIDTH, "bytes": vectors.stat().st_size, "database": "postgresql"}
    for bench, expected in (("scale.import_per_s", n), ("scale.import_again_per_s", 0)):
        done = genebank("import", vectors, "--name", "bulk", data_dir=folder, env=env)
        if not done.output.startswith(f"{expected:,} added"):
            raise SetupError("program_failed", f"The import said: {done.output.strip()}")
        measured = {**facts, "cpu_s": done.cpu_s, "wall_s": done.wall_s}
        wanted = {"wanted_at_least": WANTED_PER_S} if expected else {}
        yield Figure(bench, n / done.wall_s, "1/s", measured | wanted)
    out = folder / "all.jsonl"
    done = genebank("export", out, "--format", "registry", data_dir=folder, env=env)
    written = {**facts, "bytes": out.stat().st_size, "cpu_s": done.cpu_s, "wall_s": done.wall_s}
    yield Figure("scale.export_per_s", n / done.wall_s, "1/s", written)


def _write_vectors(path: Path, n: int, seed: int) -> Path:
    with path.open("w", encoding="utf-8") as file:
        for number, vector in enumerate(grown_vectors(n, seed)):
            line = {"model": f"org{number % 997}/model-{number}", "vector": vector.tolist()}
            file.write(json.dumps(line) + "\n")
    return path


def _storm(folder: Path, url: str, n: int) -> Iterator[Figure]:
    refs = [f"local:{_model(folder / f'model-{number}')}" for number in range(DISTINCT)]
    env = {
        "GENEBANK_DATABASE_URL": url,
        "GENEBANK_LOCAL_ROOTS": str(folder),
        "GENEBANK_RATE_LIMIT": "",
    }
    with service(folder / "data", worker=False, env=env) as served:
        done = storm(served.url, [refs[number % DISTINCT] for number in range(n)], CLIENTS)
    with psycopg.connect(url) as connection:
        [jobs] = connection.execute("SELECT count(*) FROM jobs").fetchone() or (0,)
    ordered = sorted(done.ms)
    facts = {
        "requests": n,
        "clients": CLIENTS,
        "jobs_named": len(done.jobs),
        "statuses": {str(status): count for status, count in sorted(done.statuses.items())},
        "requests_per_s": n / done.wall_s,
        "p50_ms": ordered[n // 2],
        "p99_ms": ordered[n * 99 // 100],
        "wanted": DISTINCT,
    }
    yield Figure("load.post_storm_jobs", jobs, "jobs", facts)
    broke = sum(count for status, count in done.statuses.items() if status >= 500)
    yield Figure("load.post_storm_5xx", broke, "answers", {"wanted": 0})


def _model(folder: Path) -> Path:
    folder.mkdir()
    (folder / "config.json").write_text("{}")
    return folder
