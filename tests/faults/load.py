"""Clients that hand in models, one after the other, until each is accepted."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

import httpx2

from tests.faults.stack import ENDPOINT, Registry, few_probes

GIVES_UP_AFTER_S = 60.0
RETRY_S = 0.1


class Load:
    """What clients have sent and what they were told; `name` begins each model's name."""

    def __init__(self, stack: Registry, name: str, pause_s: float) -> None:
        """Send nothing yet; each client waits `pause_s` seconds between two models."""
        self._url = stack.url
        self._pause_s = pause_s
        self.name = name
        self._numbers = count()
        self._lock = threading.Lock()
        self._ending = threading.Event()
        self.accepted: dict[str, str] = {}
        self.said: Counter[int] = Counter()
        self.unanswered = 0
        self.unclear: list[str] = []
        self.accepted_at = 0.0

    def work(self) -> None:
        """Hand in model after model until asked to end."""
        with httpx2.Client(base_url=self._url, timeout=GIVES_UP_AFTER_S) as client:
            while not self._ending.is_set():
                self.hand_in(client, f"endpoint:{ENDPOINT}/{self.name}-{next(self._numbers)}")
                self._ending.wait(self._pause_s)

    def hand_in(self, client: httpx2.Client, ref: str) -> None:
        """POST a model until it is accepted; whoever got an answer remembers it."""
        until = time.monotonic() + GIVES_UP_AFTER_S
        body = {"model": ref, "protocols": [few_probes().name]}
        while time.monotonic() < until:
            try:
                answer = client.post("/v1/models", json=body)
            except httpx2.TransportError:
                with self._lock:
                    self.unanswered += 1
            else:
                self._note(ref, answer)
                if answer.status_code in (200, 202):
                    return
            time.sleep(RETRY_S)
        with self._lock:
            self.unclear.append(f"{ref} was not accepted in {GIVES_UP_AFTER_S:.0f} seconds")

    def stop(self) -> None:
        """Hand in no more models than are being handed in."""
        self._ending.set()

    def _note(self, ref: str, answer: httpx2.Response) -> None:
        with self._lock:
            self.said[answer.status_code] += 1
            if answer.status_code in (200, 202):
                self.accepted[ref] = answer.json()["job"]["id"]
                self.accepted_at = time.monotonic()
            elif answer.status_code != 503 or "retry-after" not in answer.headers:
                self.unclear.append(f"{answer.status_code}: {answer.text[:200]}")


@contextmanager
def clients(stack: Registry, name: str, number: int, pause_s: float) -> Iterator[Load]:
    """So many clients at work until the block ends; then each has its last model accepted."""
    load = Load(stack, name, pause_s)
    threads = [threading.Thread(target=load.work, daemon=True) for _ in range(number)]
    for thread in threads:
        thread.start()
    try:
        yield load
    finally:
        load.stop()
        for thread in threads:
            thread.join(2 * GIVES_UP_AFTER_S)
