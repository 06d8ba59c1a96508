"""A side with the verbs of `benchmarks.side_llm_dna`: it repeats a prompt, or falls silent."""

from benchmarks.sides import Reply, Seconds, serve, timed


def answer(prompts: list[str], encoder: str, **words: object) -> Reply:
    seconds: Seconds = {}
    for phase in ("load", "respond", "load_encoder", "encode"):
        with timed(seconds, phase):
            pass
    responses = ["" if encoder == "silent" else prompt for prompt in prompts]
    return {"seconds": seconds, "responses": responses, "asked": words}


if __name__ == "__main__":
    serve({"answer": answer})
