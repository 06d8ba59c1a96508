"""A job from claim to entry: the parent's side, which alone writes to the database."""

import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import app
from app.dna.protocol import Protocol
from app.dna.strand import Response, Strand, encode, remarks
from app.errors import ModelError, SetupError
from app.hub.client import Hub
from app.queue import WorkerConfig
from app.records import JobRecord
from app.store import entries, jobs, models, protocols, replicates
from app.store.database import Database
from workers import encoding, folders, frames
from workers.assignment import Assignment, Questions
from workers.endpoints.respondent import connect
from workers.findings import all_responses, known_items
from workers.lease import Lease
from workers.nest import Nest
from workers.respondents import Found, Nobody, Respondent, Weights
from workers.sources.staging import Stager, stage
from workers.supervision import Bounds, held

SHOW_EVERY_S = 0.5
LEFT_OUT = (
    "the weights are larger than a job's memory, so they were streamed; text answers were left out"
)


@dataclass(frozen=True)
class Tools:
    """What all jobs of one worker share."""

    database: Database
    config: WorkerConfig
    nest: Nest
    hub: Hub
    stopping: threading.Event


class Extraction:
    """One try of one extraction job under the lease that `job` was claimed with."""

    def __init__(self, tools: Tools, job: JobRecord) -> None:
        """Read what the job asks for and what earlier tries of it have kept."""
        self._database = tools.database
        self._config = tools.config
        self._nest = tools.nest
        self._lease = Lease(tools.database, job, tools.config.lease_s, tools.stopping)
        self._job = job
        self._hub = tools.hub
        self._next_show = 0.0
        self._environment: dict[str, Any] = {}
        self._origin: dict[str, str] = {}
        self._notes: tuple[str, ...] = ()
        self._replicate = int(job.options.get("replicate", 0))
        self.seconds: dict[str, float] = {}
        with self._database.read() as session:
            assert job.model_id is not None  # noqa: S101  jobs of these kinds have one
            self._model = models.get(session, job.model_id)
            self._protocols = [protocols.get(session, digest) for digest in job.protocols]
            kept = jobs.checkpoints(session, job.id)
        self._batches_kept = len(kept)
        self._known = known_items(kept)

    def run(self) -> None:
        """Do the job and store its entries, or raise what stopped it.

        ModelError and InputError: the model is at fault, trying again gives the same.
        ChildFaultError: the process broke. NestLostError: it was lost with the worker's own.
        FenceError: the job is no longer ours.
        CancelledError and StoppingError: as asked.
        """
        if self._replicate:
            self._require_entries()
        elif self._model.digest is not None and not self._questions():
            self._succeed([])
            return
        folder = folders.private(self._config.data_dir, self._job.id)
        try:
            with self._respondent(folder) as respondent:
                self._resolved(respondent.resolve())
                for frame in respondent.ask(self._questions()):
                    self._take(frame)
            self._encode_and_store(respondent, folder)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    @contextmanager
    def _respondent(self, folder: Path) -> Iterator[Respondent]:
        match self._model.ref.source:
            case "endpoint":
                yield connect(self._database, self._config, self._model.ref, self._lease.beat)
            case "import":
                yield Nobody(self._model.digest or "")
            case _:
                assignment = self._assignment(folder)
                self._lease.show("start", self._batches_kept, 0)
                process = self._nest.fork(folder, self._lease.beat)
                with held(process, folder, Bounds.of(self._config)) as child:
                    yield Weights(child, assignment, self._lease.beat)

    def _take(self, frame: frames.Frame) -> None:
        match frame:
            case frames.Planned():
                self._lease.show("load", self._batches_kept, frame.batches)
            case frames.Stage():
                self._lease.show(frame.stage)
            case frames.Batch():
                self._keep(frame)
            case frames.Done():
                self._environment.update(frame.environment)
                self.seconds.update(frame.seconds)
            case frames.Failed():
                raise frame.error()
            case _:
                raise ModelError("bad_responses", f"An unexpected {frame.frame} frame came.")

    def _require_entries(self) -> None:
        """Leave out what a replicate has no entry of: streamed weights gave no text answers."""
        with self._database.read() as session:
            self._protocols = replicates.ready(session, self._model, self._protocols)

    def _resolved(self, found: Found) -> None:
        with self._database.write() as session:
            # Read anew: another job of the model may have looked meanwhile.
            self._model = models.get(session, self._model.id, lock=True)
            if self._model.digest not in (None, found.digest):
                raise ModelError(
                    "changed_since_registered",
                    "Its content is not what it was at first, though its revision is: touch its "
                    "files, or those of its base, and hand it in again.",
                )
            details = {**self._model.details, **found.details, **self._origin}
            self._model = models.set_content(session, self._model.id, found.digest, details)
            models.add_claims(session, self._model.id, found.claims)
        if found.streamed and not self._job.options.get("explicit"):
            self._protocols = [p for p in self._protocols if p.response != "answer"]
            self._notes = (LEFT_OUT,)

    def _questions(self) -> list[Questions]:
        """What is not known yet: a copy of a known model has its entries already."""
        with self._database.read() as session:
            if self._replicate:
                done = replicates.protocols_of(session, self._model, self._replicate)
            else:
                done = {e.protocol_digest for e in entries.of_model(session, self._model)}
        self._protocols = [p for p in self._protocols if p.digest not in done]
        return [
            Questions.of(p, tuple(sorted(self._known.get(p.digest, {}))), self._replicate)
            for p in self._protocols
        ]

    def _keep(self, batch: frames.Batch) -> None:
        if len(batch.indices) != len(batch.responses):
            raise ModelError("bad_responses", "The job's process answered other probes than asked.")
        body = entries.pack([batch.indices, batch.responses])
        with self._database.write() as session:
            place = (batch.protocol, batch.batch)
            jobs.checkpoint(session, self._job, place, body, batch.usage)
        known = self._known.setdefault(batch.protocol, {})
        known.update(zip(batch.indices, batch.responses, strict=True))

    def _encode_and_store(self, respondent: Respondent, folder: Path) -> None:
        began = time.monotonic()
        self._environment["genebank"] = app.__version__
        self._environment["seconds"] = self.seconds
        findings = [self._finding(respondent, folder, protocol) for protocol in self._protocols]
        self.seconds["encode"] = time.monotonic() - began
        self._succeed(findings)

    def _succeed(self, findings: list[entries.Finding]) -> None:
        """Write what was found and the end of the job in one fenced transaction."""
        began = time.monotonic()
        with self._database.write() as session:
            jobs.succeed(session, self._job)
            if self._replicate:
                replicates.add(session, self._replicate, findings)
            else:
                entries.add(session, findings)
        self.seconds["store"] = time.monotonic() - began

    def _finding(self, respondent: Respondent, folder: Path, protocol: Protocol) -> entries.Finding:
        responses = all_responses(protocol, self._known.get(protocol.digest, {}))
        return entries.Finding(
            model=self._model,
            protocol=protocol,
            strand=self._strand(folder, protocol, responses),
            responses=responses,
            evidence=respondent.evidence,
            environment=self._environment,
            notes=(*remarks(responses), *self._notes),
        )

    def _strand(self, folder: Path, protocol: Protocol, responses: list[Response]) -> Strand:
        if protocol.encoder != "sentence":
            return encode(protocol, responses)
        self._lease.show("encode")
        embed = partial(
            encoding.embed, self._nest, folder, self._config, protocol, self._lease.beat
        )
        return encode(protocol, responses, embed)

    def _assignment(self, folder: Path) -> Assignment:
        """Bring the model's files here, and say what the process is to check."""
        stager = Stager(
            hub=self._hub,
            roots=self._config.local_roots,
            folder=folders.downloads(self._config.data_dir, self._job.id),
            progress=self._downloaded,
            beat=self._lease.beat,
        )
        try:
            staged = stage(stager, self._model.ref, _commit(self._model.details.get("base", "")))
        except SetupError as error:
            if error.code == "cannot_store":  # two half downloads must not wait for each other
                folders.give_up_downloads(self._config.data_dir, self._job.id)
            raise
        with self._database.write() as session:
            models.add_claims(session, self._model.id, staged.claims)
        self._origin = staged.origin
        return Assignment(
            directory=str(staged.directory),
            revision=staged.revision,
            base_directory=None if staged.base is None else str(staged.base),
            private=str(folder / "model"),
            max_weight_bytes=self._config.max_weight_bytes,
            memory_mb=self._config.job_memory_mb,
            confinement_required=not self._config.unconfined,
        )

    def _downloaded(self, done: int, total: int) -> None:
        self._lease.beat()
        if time.monotonic() >= self._next_show or done == total:
            self._next_show = time.monotonic() + SHOW_EVERY_S
            self._lease.show("download", done, total)


def _commit(ref: str) -> str | None:
    """The commit of a hub's ref; None of any other text."""
    return ref.rpartition("@")[2] if ref.startswith("hf:") else None
