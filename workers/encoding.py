"""Sentence embeddings of answers: the parent's side, which never imports torch."""

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import structlog

from app.dna.protocol import Protocol
from app.errors import InputError, ModelError, NotFoundError, SetupError
from app.queue import WorkerConfig
from app.services.encoders import find_encoder
from workers import frames
from workers.encoders.assignment import Encoding
from workers.nest import Nest
from workers.supervision import Bounds, Child, ChildFaultError, held

log = structlog.get_logger(__name__)

F32 = npt.NDArray[np.float32]


def embed(
    nest: Nest,
    folder: Path,
    config: WorkerConfig,
    protocol: Protocol,
    heartbeat: Callable[[], None],
    texts: Sequence[str],
) -> F32:
    """Embed texts with a protocol's encoder, in a process of its own: (n, encoder's width).

    Rows of blank texts are zero, and the encoder never sees them. `folder` is the job's private
    one; the process has another beside it. `heartbeat` may raise, which ends the process.

    Raises ModelError `only_blank_answers`; InputError `bad_answer`; SetupError `no_such_encoder`,
    `encoder_changed` and what else the process reports; ChildFaultError; NestLostError.
    """
    written = [number for number, text in enumerate(texts) if text.strip()]
    if not written:
        raise ModelError("only_blank_answers", "Every answer is blank: there is nothing to embed.")
    settings = dict(protocol.encoder_settings)
    directory = _find(config.encoders_dir, str(settings["name"]))
    bounds = Bounds.of(config)
    with tempfile.TemporaryDirectory(prefix=f"{folder.name}-", dir=folder.parent) as own:
        encoding = Encoding(
            directory=str(directory.resolve()),
            digest=str(settings["digest"]),
            private=str(Path(own) / "encoder"),
            texts=tuple(_sound(texts[number]) for number in written),
            confinement_required=not config.unconfined,
        )
        process = nest.fork(Path(own), heartbeat)
        with held(process, Path(own), bounds) as child:
            rows = _rows(child, encoding, heartbeat)
    embedded = np.zeros((len(texts), rows.shape[1]), dtype=np.float32)
    embedded[written] = rows
    return embedded


def _find(encoders_dir: Path, name: str) -> Path:
    try:
        return find_encoder(encoders_dir, name)
    except NotFoundError as error:
        # To a job it is the installation that lacks something, not the caller who mistyped.
        raise SetupError(error.code, error.detail) from error


def _sound(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise InputError("bad_answer", "An answer is not valid Unicode.") from error
    return text


def _rows(child: Child, encoding: Encoding, heartbeat: Callable[[], None]) -> F32:
    child.tell(encoding.to_line())
    parts: list[F32] = []
    for frame in child.frames(heartbeat):
        match frame:
            case frames.Embeddings():
                parts.append(_part(frame, sum(map(len, parts))))
            case frames.Done():
                log.info("answers embedded", ran=frame.environment, seconds=frame.seconds)
            case frames.Failed():
                # The encoder is the operator's, and any text can be embedded.
                raise SetupError(frame.code, frame.detail)
    if sum(map(len, parts)) != len(encoding.texts) or len({part.shape[1] for part in parts}) != 1:
        raise ChildFaultError("bad_embeddings", "The encoder's process did not embed every text.")
    return np.concatenate(parts)


def _part(frame: frames.Embeddings, expected: int) -> F32:
    if frame.start != expected or len(frame.rows) % (4 * frame.width):
        raise ChildFaultError("bad_embeddings", "The encoder's process wrote rows out of shape.")
    return np.frombuffer(frame.rows, dtype="<f4").astype(np.float32).reshape(-1, frame.width)
