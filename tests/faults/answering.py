"""An endpoint on loopback whose models answer at once, or as slowly as a scenario wants.

Jobs over it run all of our code but torch's, within a fraction of a second.
"""

import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

WORDS = ("ash", "birch", "cedar", "elm", "fir", "hazel", "larch", "maple", "oak", "pine", "yew")
N_WORDS = 24


class Endpoint(ThreadingHTTPServer):
    """An OpenAI-compatible server of chats; `pause_s` is how long each answer takes."""

    block_on_close = False
    request_queue_size = 128

    def __init__(self, pause_s: float) -> None:
        """Listen on a free port."""
        super().__init__(("127.0.0.1", 0), _Handler)
        self.pause_s = pause_s
        self.url = f"http://127.0.0.1:{self.server_port}/v1"

    def handle_error(self, request: object, client_address: object) -> None:
        """Whoever asked was killed, most likely."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Endpoint

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        time.sleep(self.server.pause_s)
        text = answer(asked["model"], asked["messages"][0]["content"])
        choice = {"message": {"content": text}, "finish_reason": "stop"}
        body = json.dumps({"model": asked["model"], "choices": [choice]}).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


def answer(model: str, prompt: str) -> str:
    """What a model says to a prompt: always the same words."""
    digest = hashlib.blake2b(f"{model}\0{prompt}".encode(), digest_size=N_WORDS).digest()
    return " ".join(WORDS[byte % len(WORDS)] for byte in digest)


@contextmanager
def answering(pause_s: float) -> Iterator[Endpoint]:
    """Serve in threads of this process until the block ends."""
    with Endpoint(pause_s) as endpoint:
        thread = threading.Thread(target=endpoint.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield endpoint
        finally:
            endpoint.shutdown()
            thread.join()
