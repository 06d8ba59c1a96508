"""How fast the tree around a model comes, asked of the service as a request asks it."""

import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from app.dna.protocol import Protocol, lexical_v1
from app.dna.strand import Strand
from app.records import ModelRef
from app.search.candidates import Candidates
from app.services.freezing import refresh_references
from app.services.trees.growth import REPLICATES_AROUND, Growth
from app.services.trees.trees import Trees
from app.store import entries, models, protocols, schema
from app.store.database import Database
from benchmarks.figures import Figure
from benchmarks.groups import Options
from benchmarks.trees_support import planted

MODELS = {"tiny": 60, "small": 1000, "large": 5000}
K = 50
ASKED = 40
BATCH = 200


def figures(options: Options) -> Iterator[Figure]:
    """Median wall time of trees around models that were not asked about before."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'genebank.db'}")
        schema.upgrade(database)
        _fill(database, lexical_v1(), MODELS[options.size], options.seed)
        for bench, replicates in (
            ("trees.local_50_ms", REPLICATES_AROUND),
            ("trees.local_50_without_support_ms", 0),
        ):
            yield _figure(bench, database, Growth(replicates=replicates), options)
        database.close()


def _figure(bench: str, database: Database, growth: Growth, options: Options) -> Figure:
    """Every other model is asked about first, so that programs are compiled and caches warm."""
    trees = Trees(Candidates())
    with database.read() as session:
        protocol = protocols.get(session, lexical_v1().digest)
        found = models.page(session, None, min(2 * ASKED, MODELS[options.size]))
    took: dict[int, list[float]] = {0: [], 1: []}
    cpu = []
    for turn in (0, 1):
        for model in found[turn::2]:
            began, cpu_began = time.perf_counter(), time.process_time()
            with database.read() as session:
                trees.around(session, protocol, model, K, growth)
            took[turn].append(1000 * (time.perf_counter() - began))
            cpu.append(1000 * (time.process_time() - cpu_began))
    facts = {
        "tips": K + 1,
        "replicates": growth.replicates,
        "registry": MODELS[options.size],
        "asked": len(took[1]),
        "p90_ms": statistics.quantiles(took[1], n=10)[-1],
        "cpu_ms": statistics.median(cpu),
        "first_ms": took[0][0],
        "database": "SQLite",
        "wanted_at_most": 20,
    }
    return Figure(bench, statistics.median(took[1]), "ms", facts)


def _fill(database: Database, protocol: Protocol, n: int, seed: int) -> None:
    strands = planted(n, protocol, seed)
    for start in range(0, n, BATCH):
        with database.write() as session:
            stored = protocols.ensure(session, protocol)
            findings = []
            for number in range(start, min(start + BATCH, n)):
                ref = ModelRef("import", f"planted-{number}", "0" * 16)
                model = models.register(session, ref)
                model = models.set_content(session, model.id, f"digest {number}", {})
                strand = Strand(stored.digest, strands[number])
                findings.append(entries.Finding(model, stored, strand, [], "weights", {}))
            entries.add(session, findings)
    refresh_references(database)
