"""A real OpenAI-compatible server of small models, each named as its folder:
python -m tests.workers.endpoints.server KEY FOLDER...

Prints its port, then serves on loopback until it is killed.

It computes by itself, with plain transformers, and knows nothing of Genebank. As real servers do,
it lists tokens decoded one by one in an echo, and as pieces of the vocabulary in prompt_logprobs.
"""

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock
from typing import Any

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

Json = dict[str, Any]


class Model:
    """A causal model that answers one request at a time."""

    def __init__(self, folder: Path) -> None:
        torch.set_num_threads(1)
        self._name = folder.name
        self._lock = Lock()
        self._tokenizer = AutoTokenizer.from_pretrained(folder)
        self._model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()

    def chat(self, request: Json) -> Json:
        text = request["messages"][0]["content"]
        as_chat = self._tokenizer.chat_template is not None
        if as_chat:
            text = self._tokenizer.apply_chat_template(
                request["messages"], add_generation_prompt=True, tokenize=False
            )
        ids = self._tokenizer(text, add_special_tokens=not as_chat)["input_ids"]
        new, finish = self._grow(ids, request["max_tokens"])
        message = {"role": "assistant", "content": self._decode(new)}
        return self._reply(ids, new, {"message": message, "finish_reason": finish})

    def complete(self, request: Json) -> Json:
        ids = self._tokenizer(request["prompt"])["input_ids"]
        new, finish = self._grow(ids, request["max_tokens"])
        choice = {"text": self._decode(new), "finish_reason": finish}
        if request.get("echo"):
            choice["logprobs"] = self._echo([*ids, *new])
        if "prompt_logprobs" in request:
            choice["prompt_logprobs"] = self._of_prompt(ids)
        return self._reply(ids, new, choice)

    def _echo(self, ids: list[int]) -> Json:
        return {
            "tokens": [self._tokenizer.decode([token]) for token in ids],
            "token_logprobs": [None, *self._scores(ids)],
            "text_offset": [0] * len(ids),
        }

    def _of_prompt(self, ids: list[int]) -> list[Json | None]:
        pieces = self._tokenizer.convert_ids_to_tokens(ids)
        scored = zip(ids[1:], pieces[1:], self._scores(ids), strict=True)
        return [None, *({str(i): {"logprob": v, "decoded_token": p}} for i, p, v in scored)]

    def _scores(self, ids: list[int]) -> list[float]:
        with torch.inference_mode():
            logits = self._model(input_ids=torch.tensor([ids])).logits[0, :-1]
        table = torch.log_softmax(logits.double(), dim=-1)
        scores: list[float] = table[range(len(ids) - 1), ids[1:]].tolist()
        return scores

    def _grow(self, ids: list[int], most: int) -> tuple[list[int], str]:
        asked = torch.tensor([ids])
        grown = self._model.generate(
            input_ids=asked,
            attention_mask=torch.ones_like(asked),
            max_new_tokens=most,
            do_sample=False,
        )
        new: list[int] = grown[0, len(ids) :].tolist()
        return new, "length" if len(new) == most else "stop"

    def _decode(self, ids: list[int]) -> str:
        text: str = self._tokenizer.decode(ids, skip_special_tokens=True)
        return text

    def _reply(self, ids: list[int], new: list[int], choice: Json) -> Json:
        usage = {"prompt_tokens": len(ids), "completion_tokens": len(new)}
        return {"model": f"{self._name}-2026", "choices": [choice], "usage": usage}

    def answer(self, path: str, request: Json) -> Json:
        with self._lock:
            return self.chat(request) if path == "/v1/chat/completions" else self.complete(request)


def answer(models: dict[str, Model], key: str, handler: BaseHTTPRequestHandler) -> tuple[int, Json]:
    request = json.loads(handler.rfile.read(int(handler.headers["content-length"])))
    if handler.headers["authorization"] != f"Bearer {key}":
        return 401, {"error": {"message": "wrong key"}}
    if request["model"] not in models:
        return 404, {"error": {"message": f"no model {request['model']}"}}
    return 200, models[request["model"]].answer(handler.path, request)


def serve(models: dict[str, Model], key: str) -> None:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            status, reply = answer(models, key, self)
            body = json.dumps(reply).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(server.server_port, flush=True)  # noqa: T201
    server.serve_forever()


if __name__ == "__main__":
    key, *folders = sys.argv[1:]
    serve({Path(folder).name: Model(Path(folder)) for folder in folders}, key)
