"""How long a fault that may pass is waited for: exponential backoff with full jitter."""

import threading
from dataclasses import dataclass

from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception_type,
    sleep_using_event,
    stop_after_attempt,
    stop_before_delay,
    stop_when_event_set,
    wait_random_exponential,
)

from workers.endpoints.faults import PassingError


@dataclass(frozen=True)
class Patience:
    """At most `tries` of a request within `total_s` seconds.

    The pause before try n + 1 is drawn evenly from 0 to `first_s` * 2^(n - 1) seconds, at most
    `longest_s`; what the API asks for in Retry-After comes on top.
    """

    tries: int = 8
    first_s: float = 1.0
    longest_s: float = 60.0
    total_s: float = 300.0

    def retrying(self, stop: threading.Event) -> Retrying:
        """Call something until it raises no PassingError; `stop` ends the pause and the tries."""
        jitter = wait_random_exponential(multiplier=self.first_s, max=self.longest_s)
        return Retrying(
            retry=retry_if_exception_type(PassingError),
            wait=lambda state: jitter(state) + _retry_after_s(state),
            stop=stop_after_attempt(self.tries)
            | stop_before_delay(self.total_s)
            | stop_when_event_set(stop),
            sleep=sleep_using_event(stop),
            reraise=True,
        )


def _retry_after_s(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    return error.retry_after_s if isinstance(error, PassingError) else 0.0
