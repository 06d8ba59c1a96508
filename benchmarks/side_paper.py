"""A side: answers to DNA by the paper's protocol, as Genebank does it."""

from pathlib import Path

from app.dna.paper import text_dna_concat_v1, usual_reduction
from app.dna.probes import ProbeSet
from app.dna.projection import project
from app.dna.protocol import MAX_NEW_TOKENS, greedy
from app.dna.strand import encode as encode_strand
from app.services.encoders import encoder_digest
from benchmarks.sides import Reply, Seconds, serve, timed
from workers.encoders.sentence import SentenceEncoder


def encode(encoder: str, answers: list[str]) -> Reply:
    """Load the sentence encoder in the folder `encoder`, and turn answers into DNA."""
    seconds: Seconds = {}
    folder = Path(encoder)
    protocol = text_dna_concat_v1(
        ProbeSet("numbered", tuple(f"probe {number}" for number in range(len(answers)))),
        folder.name,
        encoder_digest(folder),
        reduction=usual_reduction(folder.name),
        normalise_rows=False,
        generation=greedy(MAX_NEW_TOKENS),
    )
    with timed(seconds, "load_encoder"):
        loaded = SentenceEncoder(folder)
    with timed(seconds, "encode"):
        strand = encode_strand(protocol, answers, lambda texts: loaded.embed(list(texts)))
        [dna] = project(strand.values[None], protocol)
    return {"seconds": seconds, "dna": dna.tolist()}


if __name__ == "__main__":
    serve({"encode": encode})
