"""Who answers for a model: its own weights in a process of ours, an API, or nobody.

To the parent they look alike: they say what the model is, then answer in frames.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from app.errors import ModelError
from app.records import Claim, Evidence
from workers import frames
from workers.assignment import Assignment, Questions, questions_to_line
from workers.sources.resolved import ResolvedModel
from workers.supervision import Child


@dataclass(frozen=True)
class Found:
    """What a model is, once somebody has looked.

    `digest` names its content, `details` are shown with it, `streamed` says that its weights
    are larger than the memory of a job.
    """

    digest: str
    details: Mapping[str, Any]
    claims: tuple[Claim, ...] = ()
    streamed: bool = False


class Respondent(Protocol):
    """Somebody who answers for one model."""

    @property
    def evidence(self) -> Evidence:
        """How what it says was obtained."""

    def resolve(self) -> Found:
        """Say what the model is; raises ModelError, InputError or ChildFaultError."""

    def ask(self, questions: list[Questions]) -> Iterator[frames.Frame]:
        """Answer what was not answered before, batch by batch; raises what `resolve` does."""


class Weights:
    """The model's own weights, in a process that the parent holds."""

    evidence: Evidence = "weights"

    def __init__(self, child: Child, assignment: Assignment, heartbeat: Callable[[], None]) -> None:
        """Take a process that waits for its assignment."""
        self._child = child
        self._assignment = assignment
        self._frames = child.frames(heartbeat)

    def resolve(self) -> Found:
        """Have the files checked and laid out."""
        self._child.tell(self._assignment.to_line())
        for frame in self._frames:
            match frame:
                case frames.Resolved():
                    model = ResolvedModel.from_json(frame.model)
                    details = model.to_json()
                    del details["claims"]
                    return Found(model.content_digest, details, model.claims, frame.streamed)
                case frames.Failed():
                    raise frame.error()
        raise ModelError("bad_resolution", "The job's process said nothing of the model.")

    def ask(self, questions: list[Questions]) -> Iterator[frames.Frame]:
        """Have the questions answered; its process ends when there are none."""
        self._child.tell(questions_to_line(questions))
        yield from self._frames


class Nobody:
    """For a model whose responses were handed in: all of them are known."""

    evidence: Evidence = "reported"

    def __init__(self, digest: str) -> None:
        """Stand in for a model that nobody can ask."""
        self._digest = digest

    def resolve(self) -> Found:
        """Say again what it was known by."""
        return Found(self._digest, {})

    def ask(self, questions: list[Questions]) -> Iterator[frames.Frame]:
        """Answer nothing: what is missing is noticed when the entry is made."""
        yield from ()
