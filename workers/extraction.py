"""A job from claim to entry: the parent's side, which alone writes to the database."""

import shutil
import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import app
from app.dna.protocol import Protocol
from app.dna.strand import Response, encode, remarks
from app.errors import ModelError
from app.queue import WorkerConfig
from app.records import JobRecord
from app.store import entries, jobs, models, protocols
from app.store.database import Database
from workers import frames
from workers.assignment import Assignment, Questions, questions_to_line
from workers.nest import Nest
from workers.sources.resolved import ResolvedModel
from workers.supervision import Bounds, Child, held


class CancelledError(Exception):
    """Somebody asked for the job to be cancelled."""


class StoppingError(Exception):
    """The worker is being shut down."""


Known = dict[str, dict[int, Response]]


@dataclass(frozen=True)
class Tools:
    """What all jobs of one worker share."""

    database: Database
    config: WorkerConfig
    nest: Nest
    stopping: threading.Event


class Extraction:
    """One try of one extraction job under the lease that `job` was claimed with."""

    def __init__(self, tools: Tools, job: JobRecord) -> None:
        """Read what the job asks for and what earlier tries of it have kept."""
        self._database = tools.database
        self._config = tools.config
        self._nest = tools.nest
        self._stopping = tools.stopping
        self._job = job
        self._next_beat = 0.0
        self._environment: dict[str, Any] = {}
        self.seconds: dict[str, float] = {}
        with self._database.read() as session:
            self._model = models.get(session, job.model_id)
            self._protocols = [protocols.get(session, digest) for digest in job.protocols]
            kept = jobs.checkpoints(session, job.id)
        self._batches_kept = len(kept)
        self._known = _responses_by_probe(kept)

    def run(self) -> None:
        """Do the job and store its entries, or raise what stopped it.

        ModelError and InputError: the model is at fault, trying again gives the same.
        ChildFaultError: the process broke. FenceError: the job is no longer ours.
        CancelledError and StoppingError: as asked.
        """
        folder = self._private_folder()
        try:
            process = self._nest.fork(folder, self._beat)
            with held(process, folder, self._bounds()) as child:
                child.tell(self._assignment(folder).to_line())
                for frame in child.frames(self._beat):
                    self._take(child, frame)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        self._store()

    def _take(self, child: Child, frame: frames.Frame) -> None:
        match frame:
            case frames.Resolved():
                self._resolved(ResolvedModel.from_json(frame.model))
                child.tell(questions_to_line(self._questions()))
            case frames.Planned():
                self._show("load", self._batches_kept, frame.batches)
            case frames.Stage():
                self._show(frame.stage)
            case frames.Batch():
                self._keep(frame)
            case frames.Done():
                self._environment = dict(frame.environment)
                self.seconds.update(frame.seconds)
            case frames.Failed():
                raise ModelError(frame.code, frame.detail)

    def _resolved(self, found: ResolvedModel) -> None:
        if self._model.digest not in (None, found.content_digest):
            raise ModelError(
                "changed_since_registered", "The files changed, their times did not: touch them."
            )
        details = found.to_json()
        del details["claims"]
        with self._database.write() as session:
            self._model = models.set_content(session, self._model.id, found.content_digest, details)
            models.add_claims(session, self._model.id, found.claims)

    def _questions(self) -> list[Questions]:
        """What is not known yet: a copy of a known model has its entries already."""
        with self._database.read() as session:
            done = {e.protocol_digest for e in entries.of_model(session, self._model)}
        self._protocols = [p for p in self._protocols if p.digest not in done]
        return [
            Questions.of(p, tuple(sorted(self._known.get(p.digest, {})))) for p in self._protocols
        ]

    def _keep(self, batch: frames.Batch) -> None:
        if len(batch.indices) != len(batch.responses):
            raise ModelError("bad_responses", "The job's process answered other probes than asked.")
        body = entries.pack([batch.indices, batch.responses])
        with self._database.write() as session:
            jobs.checkpoint(session, self._job, (batch.protocol, batch.batch), body)
        known = self._known.setdefault(batch.protocol, {})
        known.update(zip(batch.indices, batch.responses, strict=True))

    def _store(self) -> None:
        """Encode, and write all entries and the end of the job in one fenced transaction."""
        began = time.monotonic()
        self._environment["genebank"] = app.__version__
        self._environment["seconds"] = self.seconds
        findings = [self._finding(protocol) for protocol in self._protocols]
        self.seconds["encode"] = time.monotonic() - began
        began = time.monotonic()
        with self._database.write() as session:
            jobs.succeed(session, self._job)
            entries.add(session, findings)
        self.seconds["store"] = time.monotonic() - began

    def _finding(self, protocol: Protocol) -> entries.Finding:
        known = self._known.get(protocol.digest, {})
        missing = [n for n in range(protocol.n_probes) if n not in known]
        if missing or len(known) != protocol.n_probes:
            raise ModelError(
                "missing_responses", f"Probe {missing[:1]} of {protocol.name} was not answered."
            )
        responses = [known[n] for n in range(protocol.n_probes)]
        return entries.Finding(
            model=self._model,
            protocol=protocol,
            strand=encode(protocol, responses),
            responses=responses,
            evidence="weights",
            environment=self._environment,
            notes=remarks(responses),
        )

    def _show(self, stage: str, done: int | None = None, total: int | None = None) -> None:
        with self._database.write() as session:
            jobs.progress(session, self._job, stage=stage, done=done, total=total)

    def _beat(self) -> None:
        """Keep the lease, and learn whether to go on."""
        if self._stopping.is_set():
            raise StoppingError
        if time.monotonic() < self._next_beat:
            return
        self._next_beat = time.monotonic() + min(1.0, self._config.lease_s / 3)
        with self._database.write() as session:
            if jobs.renew(session, self._job, self._config.lease_s):
                raise CancelledError

    def _private_folder(self) -> Path:
        """An empty folder; what earlier tries of this job left behind is removed."""
        parent = self._config.data_dir / "jobs"
        parent.mkdir(parents=True, exist_ok=True)
        for old in parent.glob(f"{self._job.id}-*"):
            shutil.rmtree(old, ignore_errors=True)
        return Path(tempfile.mkdtemp(prefix=f"{self._job.id}-", dir=parent))

    def _assignment(self, folder: Path) -> Assignment:
        ref = self._model.ref
        if ref.source != "local":
            raise ModelError("unsupported_source", f"This worker cannot read {ref.source} models.")
        return Assignment(
            directory=ref.name,
            revision=ref.revision,
            private=str(folder / "model"),
            max_weight_bytes=self._config.max_weight_bytes,
            confinement_required=not self._config.unconfined,
        )

    def _bounds(self) -> Bounds:
        return Bounds(
            memory_mb=self._config.job_memory_mb,
            timeout_s=self._config.job_timeout_s,
        )


def _responses_by_probe(kept: Mapping[tuple[str, int], bytes]) -> Known:
    known: Known = {}
    for (protocol_digest, _), body in kept.items():
        indices, responses = entries.unpack(body)
        known.setdefault(protocol_digest, {}).update(zip(indices, responses, strict=True))
    return known
