"""What an API is sent: bodies of requests, which say what a protocol says and no more."""

from collections.abc import Mapping

from app.records import EndpointRecord

Body = dict[str, object]
# Some servers keep a seed in 32 bits, with a sign.
SEEDS = 1 << 31


def answering(
    endpoint: EndpointRecord,
    model: str,
    prompt: str,
    generation: Mapping[str, str | int],
    seed: int,
) -> tuple[str, Body]:
    """Return path and body that ask for an answer by a protocol's generation settings."""
    body: Body = {
        "model": model,
        endpoint.settings.limit_parameter: int(generation["max_new_tokens"]),
        "temperature": float(generation.get("temperature", 0)),
    }
    if generation["decoding"] == "sampled":
        body |= {"top_p": float(generation["top_p"]), "seed": seed % SEEDS}
    if endpoint.kind == "chat":
        return "/chat/completions", {**body, "messages": [{"role": "user", "content": prompt}]}
    return "/completions", {**body, "prompt": prompt}


def scoring(endpoint: EndpointRecord, model: str, passage: str) -> tuple[str, Body]:
    """Return path and body that ask for the log-probabilities of a passage's tokens.

    One new token is asked for, because some servers take none for no limit.
    """
    body: Body = {"model": model, "prompt": passage, "max_tokens": 1, "temperature": 0.0}
    if endpoint.settings.likelihoods == "echo":
        return "/completions", {**body, "echo": True, "logprobs": 1}
    return "/completions", {**body, "prompt_logprobs": 0}
