"""A side: the reference implementation, through its own classes in the order of its `calc_dna`.

It runs with the folder of `benchmarks.peers` on its path, and touches nothing of Genebank.
"""

import logging
import os
from pathlib import Path

import torch
import transformers.models.llama.modeling_llama  # noqa: F401 - else a part of the first figure
from llm_dna.dna import TextDNAExtractor
from llm_dna.models import ModelLoader
from sentence_transformers import SentenceTransformer

from benchmarks.sides import Reply, Seconds, serve, timed


def answer(
    directory: str,
    prompts: list[str],
    max_new_tokens: int,
    n_encoded: int,
    dtype: str,
    encoder: str,
) -> Reply:
    """Load a model, answer prompts greedily, and encode `n_encoded` answers: the same in turn.

    `dtype` is float32, or "" for its own choice. It guesses a model's kind from words in its
    path, so that it is shown the last folder only.
    """
    seconds: Seconds = {}
    os.chdir(Path(directory).parent)
    chosen = {"torch_dtype": getattr(torch, dtype)} if dtype else {}
    with timed(seconds, "load"):
        model = ModelLoader().load_model(
            Path(directory).name, device="cpu", trust_remote_code=False, **chosen
        )
    with timed(seconds, "respond"):
        answers = model.generate_batch(
            prompts,
            max_length=max_new_tokens,
            temperature=0.0,
            do_sample=False,
            use_chat_template=True,
            show_progress=False,
        )
    repeated = [answers[number % len(answers)] for number in range(n_encoded)]
    encoded = encode(encoder, repeated)
    return {
        "seconds": seconds | encoded["seconds"],
        "responses": answers,
        "dtype": str(model.model.dtype).removeprefix("torch."),
        "threads": torch.get_num_threads(),
    }


def encode(encoder: str, answers: list[str]) -> Reply:
    """Load the sentence encoder in the folder `encoder`, and turn answers into DNA."""
    seconds: Seconds = {}
    with timed(seconds, "load_encoder"):
        loaded = SentenceTransformer(encoder, device="cpu")
    with timed(seconds, "encode"):
        extractor = TextDNAExtractor(encoder_name=Path(encoder).name, device="cpu")
        signature = extractor.extract_dna_from_answers(answers, encoder=loaded)
    return {"seconds": seconds, "dna": signature.signature.tolist()}


if __name__ == "__main__":
    logging.disable(logging.WARNING)
    serve({"answer": answer, "encode": encode})
