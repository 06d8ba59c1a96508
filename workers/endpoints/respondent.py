"""A model behind an API, in the role of workers.respondents.Respondent."""

import time
from collections.abc import Callable, Iterator
from functools import partial

from app.queue import WorkerConfig
from app.records import EndpointRecord, Evidence, ModelRef
from app.services.endpoints import check_place, content_digest, split_name
from app.services.sealing import Sealer
from app.store import endpoints
from app.store.database import Database
from workers import frames
from workers.assignment import Questions
from workers.endpoints.crew import as_answered
from workers.endpoints.patience import Patience
from workers.endpoints.replies import Reply, no_likelihoods
from workers.endpoints.requests import answering, scoring
from workers.endpoints.tally import Tally
from workers.endpoints.wire import Wire
from workers.endpoints.word_scores import word_scores
from workers.respondents import Found

Heartbeat = Callable[[], None]
Responses = list[str] | list[list[float]]


class EndpointRespondent:
    """Asks an API item by item; every answer is a batch, so that none is paid for twice."""

    evidence: Evidence = "endpoint"

    def __init__(
        self,
        endpoint: EndpointRecord,
        key: str | None,
        ref: ModelRef,
        heartbeat: Heartbeat,
        patience: Patience | None = None,
    ) -> None:
        """Ask nothing yet; `heartbeat` is called about every tick while answers are awaited."""
        self._endpoint = endpoint
        self._key = key
        self._ref = ref
        self._model = split_name(ref)[1]
        self._heartbeat = heartbeat
        self._patience = patience or Patience()

    def resolve(self) -> Found:
        """Say where the model is asked: its files cannot be seen.

        Raises ModelError `endpoint_changed`.
        """
        check_place(self._endpoint, self._ref)
        details = {"endpoint": self._endpoint.name, "api": self._endpoint.kind}
        return Found(content_digest(self._endpoint, self._ref), details)

    def ask(self, questions: list[Questions]) -> Iterator[frames.Frame]:
        """Answer what was not answered before, one item a batch, in the order they come.

        Raises ModelError `answer_withheld`, `no_likelihoods`, `tokens_unlike_text`, and what
        `Wire.post` raises.
        """
        if not questions:
            return
        tally = Tally(self._endpoint)
        seconds: dict[str, float] = {}
        yield frames.Planned(batches=sum(len(one.items) for one in questions))
        with Wire(self._endpoint, self._key, self._patience) as wire:
            for one in questions:
                stage = "score" if one.response == "likelihood" else "answer"
                yield frames.Stage(stage=stage)
                began = time.monotonic()
                yield from self._batches(wire, one, tally)
                seconds[stage] = seconds.get(stage, 0.0) + time.monotonic() - began
        yield frames.Done(environment=tally.environment(), seconds=seconds)

    def _batches(self, wire: Wire, one: Questions, tally: Tally) -> Iterator[frames.Batch]:
        if one.response == "likelihood" and self._endpoint.settings.likelihoods == "none":
            raise no_likelihoods()
        answered = set(one.answered)
        missing = [item for item in range(len(one.items)) if item not in answered]
        hands = self._endpoint.settings.concurrency
        ask = partial(self._ask, wire, one)
        for item, (reply, responses) in as_answered(ask, missing, hands, self._heartbeat, wire.cut):
            yield frames.Batch(
                protocol=one.protocol,
                batch=item,
                indices=[item],
                responses=responses,
                usage=tally.count(reply),
            )

    def _ask(self, wire: Wire, one: Questions, item: int) -> tuple[Reply, Responses]:
        text = one.items[item]
        if one.response == "likelihood":
            reply = wire.post(*scoring(self._endpoint, self._model, text))
            tokens = reply.scored(self._endpoint.settings.likelihoods)
            return reply, [word_scores(text, tokens, int(one.generation["scored_words"]))]
        [seed] = one.seeds([item])
        reply = wire.post(*answering(self._endpoint, self._model, text, one.generation, seed))
        return reply, [reply.answer(int(one.generation["max_new_tokens"]))]


def connect(
    database: Database, config: WorkerConfig, ref: ModelRef, heartbeat: Heartbeat
) -> EndpointRespondent:
    """Return who answers for a model behind an API.

    Raises NotFoundError `no_such_endpoint` where it was removed, SetupError `cannot_unseal`.
    """
    with database.read() as session:
        endpoint = endpoints.get(session, split_name(ref)[0])
    sealer = Sealer(config.secret_key, config.data_dir)
    key = None if endpoint.sealed_key is None else sealer.unseal(endpoint.sealed_key)
    return EndpointRespondent(endpoint, key, ref, heartbeat)
