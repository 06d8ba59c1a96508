"""An entry as `llm-dna` 1.0.1 writes it: what `DNASignature.load` of that package reads back."""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
import numpy.typing as npt

from app.dna.canonical import Json
from app.dna.protocol import Protocol
from app.records import Claim, EntryDetails, EntryRecord, ModelRecord

_REDUCTIONS = {
    "prefix": "matryoshka_prefix",
    "projection": "shared_random_projection",
    "none": "none",
}


@dataclass(frozen=True)
class Known:
    """An entry with its DNA, and the model that it is of, under a label that no other has in an
    export.
    """

    label: str
    entry: EntryRecord
    details: EntryDetails
    dna: npt.NDArray[np.float32]
    model: ModelRecord
    claims: list[Claim]


def signature(protocol: Protocol, known: Known) -> dict[str, Any]:
    """The JSON object of one model: its DNA, and all that says how it was made."""
    entry, details, dna = known.entry, known.details, known.dna.tolist()
    projected = protocol.projection == "gaussian" or len(dna) < protocol.n_probes * protocol.width
    return {
        "signature": dna,
        "metadata": {
            "model_name": known.label,
            "extraction_method": f"genebank_{protocol.encoder}_{protocol.projection}_concat",
            "probe_set_id": protocol.probe_set.name,
            "probe_count": protocol.n_probes,
            "dna_dimension": len(dna),
            "embedding_dimension": protocol.width,
            "reduction_method": "random_projection" if projected else None,
            "extraction_time": datetime.fromtimestamp(details.created_at, UTC).isoformat(),
            "computation_time_seconds": float(sum(details.environment.get("seconds", {}).values())),
            "model_metadata": {
                "ref": str(known.model.ref),
                "digest": entry.model_digest,
                "evidence": entry.evidence,
                "claims": [[claim.kind, claim.value, claim.source] for claim in known.claims],
            },
            "extractor_config": _configuration(protocol),
            "aggregation_method": "concat",
        },
    }


def _configuration(protocol: Protocol) -> dict[str, Json]:
    """What all models of a protocol share."""
    probes = json.dumps(protocol.probe_set.probes, ensure_ascii=False, separators=(",", ":"))
    return {
        "pipeline_version": protocol.name,
        "genebank_protocol": protocol.canonical(),
        "genebank_protocol_digest": protocol.digest,
        "aggregation_method": "concat",
        "dna_dim": protocol.dna_dim,
        "random_seed": protocol.projection_seed,
        "probe_order_sha256": hashlib.sha256(probes.encode()).hexdigest(),
        **(_paper(protocol) if protocol.encoder == "sentence" else {}),
    }


def _paper(protocol: Protocol) -> dict[str, Json]:
    """The settings of the paper's protocol in the package's own words."""
    settings = dict(protocol.encoder_settings)
    return {
        "encoder_name": settings["name"],
        "encoder_encode_normalize_embeddings": False,
        "pre_agg_embed_dim": protocol.width,
        "pre_agg_method": _REDUCTIONS[str(settings["reduction"])],
        "normalize_embeddings": bool(settings["normalise_rows"]),
        "reduction_method": "random_projection",
        "final_dna_normalization": "none",
    }
